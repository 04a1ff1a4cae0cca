"""supervisord's configuration: which processes there are, and that each is started again when it dies."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_COMMENT = re.compile(r"\s[;#]")

_HEAD = """[supervisord]
logfile=%(here)s/log/supervisord.log
logfile_maxbytes=5MB
pidfile=%(here)s/run/supervisord.pid
childlogdir=%(here)s/log
silent=true

[unix_http_server]
file=%(here)s/run/supervisor.sock
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://%(here)s/run/supervisor.sock
"""


@dataclass(frozen=True, slots=True)
class Process:
    """`stop_wait_s`: how long it may take to end before it is killed."""

    name: str
    command: Sequence[str]
    priority: int
    stop_wait_s: int = 10


def render(folder: Path, processes: Sequence[Process]) -> Path:
    """Write `<folder>/supervisord.conf` (readable by its owner only) and return it. The processes inherit the
    environment that supervisord is started with. Raises ValueError for a command that cannot be written in it."""
    for name in ("log", "run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    path = folder / "supervisord.conf"
    path.touch(mode=0o600)
    path.write_text(_HEAD + "".join(_program(process) for process in processes), "utf-8")
    return path


def command(conf: Path) -> list[str]:
    """Arguments that run supervisord in the foreground."""
    return [str(Path(sys.executable).with_name("supervisord")), "--nodaemon", "--configuration", str(conf)]


def _quoted(text: str) -> str:
    """supervisord expands %, and splits a command as a shell would."""
    if not text.isprintable() or _COMMENT.search(text):
        raise ValueError(f"{text!r} cannot stand in supervisord's configuration")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def _program(process: Process) -> str:
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
stdout_logfile=%(here)s/log/{process.name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=5
"""
