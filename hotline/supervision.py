"""supervisord's configuration: which processes there are, and that each is started again when it dies."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """`stop_wait_s`: how long it may take to end before it is killed."""

    name: str
    command: Sequence[str]
    priority: int
    stop_wait_s: int = 10


def render(folder: Path, processes: Sequence[Process], environment: Mapping[str, str]) -> Path:
    """Write `<folder>/supervisord.conf` (readable by its owner only) and return it."""
    for name in ("log", "run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    path = folder / "supervisord.conf"
    path.touch(mode=0o600)
    path.write_text(_head(folder, environment) + "".join(_program(folder, process) for process in processes), "utf-8")
    return path


def command(conf: Path) -> list[str]:
    """Arguments that run supervisord in the foreground."""
    return [str(Path(sys.executable).with_name("supervisord")), "--nodaemon", "--configuration", str(conf)]


def _quoted(text: str) -> str:
    """supervisord expands %, and reads values in shell-like quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def _head(folder: Path, environment: Mapping[str, str]) -> str:
    pairs = ",".join(f"{name}={_quoted(value)}" for name, value in sorted(environment.items()))
    socket = folder / "run" / "supervisor.sock"
    return f"""[supervisord]
logfile={folder}/log/supervisord.log
logfile_maxbytes=5MB
pidfile={folder}/run/supervisord.pid
childlogdir={folder}/log
silent=true
environment={pairs}

[unix_http_server]
file={socket}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{socket}
"""


def _program(folder: Path, process: Process) -> str:
    return f"""
[program:{process.name}]
command={" ".join(_quoted(part) for part in process.command)}
priority={process.priority}
autorestart=true
startsecs=1
startretries=1000000
stopsignal=TERM
stopwaitsecs={process.stop_wait_s}
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile={folder}/log/{process.name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=5
"""
