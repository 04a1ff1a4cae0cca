"""CPU of one AGI step in our server, beside a bare asyncio FastAGI server; one client plays Asterisk to both."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bench.agi_server import COMMANDS
from bench.process import python
from bench.report import Row, paired

CALLS_PER_S = 100
AT_ONCE = 8
Load = Callable[[int, int, ThreadPoolExecutor], None]
ENVIRONMENT = "".join(
    f"agi_{name}: {value}\n"
    for name, value in {
        "network": "yes",
        "network_script": "menu",
        "request": "agi://127.0.0.1:4573/menu",
        "channel": "PJSIP/trunk-0000002a",
        "language": "vi",
        "type": "PJSIP",
        "uniqueid": "hotline-1764000000.42",
        "version": "22.10.0",
        "callerid": "0905123456",
        "calleridname": "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": "1022",
        "rdnis": "unknown",
        "context": "menu",
        "extension": "s",
        "priority": "11",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "139637976065728",
        "arg_1": "hotline-1764000000.42",
    }.items()
)
ANSWERS = {b"SET": b"200 result=1\n", b"EXE": b"200 result=0\n", b"GET": b"200 result=1 (OK:1)\n"}


def session(port: int) -> None:
    """One call's menus. Raises RuntimeError when the server asks for anything but what both must ask for."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(ENVIRONMENT.encode() + b"\n")
        for command in COMMANDS:
            line = connection.recv(4096)
            if line != command:
                raise RuntimeError(f"the server sent {line!r} instead of {command!r}")
            connection.sendall(ANSWERS[line[:3]])
        if connection.recv(1):
            raise RuntimeError("the server said more than was asked")


def paced(port: int, calls: int, pool: ThreadPoolExecutor) -> None:
    """Calls come at `CALLS_PER_S`, as from an exchange at its limit."""
    started, running = time.monotonic(), []
    for number in range(calls):
        time.sleep(max(0.0, started + number / CALLS_PER_S - time.monotonic()))
        running.append(pool.submit(session, port))
    for one in running:
        one.result(30)


def packed(port: int, calls: int, pool: ThreadPoolExecutor) -> None:
    """One call after the other without a pause, `AT_ONCE` of them at any time."""
    list(pool.map(session, [port] * calls, timeout=60))


def measure(quick: bool) -> list[Row]:
    with python("-m", "bench.agi_server", "ours") as ours, python("-m", "bench.agi_server", "bare") as bare:
        ports = {child.pid: int(_line(child)) for child in (ours, bare)}

        def compare(load: Load, calls: int, rounds: int) -> tuple[float, str, str]:
            def step_us(child: subprocess.Popen[str]) -> float:
                before = _cpu(child)
                with ThreadPoolExecutor(AT_ONCE) as pool:
                    load(ports[child.pid], calls, pool)
                return (_cpu(child) - before) / calls / len(COMMANDS) * 1e6

            step_us(ours), step_us(bare)
            ratio, mine, floor = paired(lambda: step_us(ours), lambda: step_us(bare), rounds)
            return ratio, f"{mine:.0f} µs", f"{floor:.0f} µs"

        what = "CPU per AGI step, bare asyncio FastAGI: "
        return [
            Row(f"{what}{CALLS_PER_S} calls/s", *compare(paced, 200 if quick else 1000, 3), 1.25),
            Row(f"{what}{AT_ONCE} at once, unpaced", *compare(packed, 100 if quick else 300, 3 if quick else 7)),
        ]


def _line(child: subprocess.Popen[str]) -> str:
    assert child.stdout
    return child.stdout.readline()


def _cpu(child: subprocess.Popen[str]) -> float:
    assert child.stdin
    child.stdin.write("\n")
    child.stdin.flush()
    return float(_line(child))
