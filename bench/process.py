"""Child processes whose cost is read: started, asked and ended by us alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lab.instance import ROOT, until

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int, *, children: bool = True) -> float:
    """User and system time of a process, in steps of 10 ms; with what its ended children used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / TICK


def resident_mb(pid: int) -> float:
    """What of the process lies in memory, less the files that are mapped into it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024


@contextmanager
def python(*words: str, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A Python of ours that is asked by lines on its standard input, and ends when that is closed."""
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(
            [sys.executable, *words],
            stdin=pipe,
            stdout=pipe,
            stderr=said,
            text=True,
            bufsize=1,
            cwd=ROOT,
            env=os.environ | dict(env or {}),
        )
        try:
            yield child
        except Exception as error:
            said.seek(0)
            error.add_note(said.read()[-2000:])
            raise
        finally:
            _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    assert child.stdin and child.stdout
    child.stdin.close()
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(5)
    child.stdout.close()


def await_port(child: subprocess.Popen[str], port: int) -> None:
    """Until somebody listens. Raises RuntimeError when the child has ended, TimeoutError after 30 s."""

    def listens() -> bool:
        if child.poll() is not None:
            raise RuntimeError(f"{child.args!r} ended with {child.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    until(listens, 30, f"port {port}")
