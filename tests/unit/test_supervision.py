"""supervisord's configuration, read back by supervisord's own reader."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from hotline.supervision import Process, command, render

ODD = """50% "quoted", it's \\ a:b=c"""


def read(conf: Path) -> ServerOptions:
    options = ServerOptions()
    options.realize(["-n", "-c", str(conf)], doc="-")
    return options


def test_supervisord_reads_what_is_meant(tmp_path: Path) -> None:
    spaced = tmp_path / "a folder; 100"
    processes = [
        Process("asterisk", ["/usr/sbin/asterisk", "-f", "-C", ODD], 1, stop_wait_s=15),
        Process("web", ["/bin/hotline", "web"], 2),
    ]
    options = read(render(spaced, processes))
    asterisk, web = (group.process_configs[0] for group in options.process_group_configs)
    assert (asterisk.name, web.name) == ("asterisk", "web")
    assert shlex.split(asterisk.command) == ["/usr/sbin/asterisk", "-f", "-C", ODD]
    assert (asterisk.stopwaitsecs, web.stopwaitsecs) == (15, 10)
    for process in (asterisk, web):
        assert process.autostart and process.autorestart.__name__ == "RestartUnconditionally"
        assert process.stdout_logfile == str(spaced / "log" / f"{process.name}.log")
        assert process.stdout_logfile_maxbytes > 0 and process.stdout_logfile_backups > 0


def test_its_files_are_the_owners_only(tmp_path: Path) -> None:
    conf = render(tmp_path, [])
    assert conf.stat().st_mode & 0o777 == 0o600
    server = read(conf).server_configs[0]
    assert (server["file"], server["chmod"]) == (str(tmp_path / "run" / "supervisor.sock"), 0o600)


def test_it_stays_in_the_foreground(tmp_path: Path) -> None:
    assert command(tmp_path / "x.conf")[1:] == ["--nodaemon", "--configuration", str(tmp_path / "x.conf")]


@pytest.mark.parametrize("bad", ["a\nb", "a\x00b", "a ; b", "a #b"])
def test_a_command_that_would_be_read_as_something_else_is_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        render(tmp_path, [Process("bad", ["/bin/true", bad], 1)])
