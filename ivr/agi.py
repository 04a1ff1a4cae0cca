"""pyst2's AGI over a FastAGI socket, with its faults mended.

pyst2 0.5.1 installs a signal handler (impossible in a thread), lets quotes and newlines in a value become commands,
takes Asterisk's unsolicited HANGUP line for a result and writes the caller's data to stderr. All four are overridden.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Mapping

from asterisk import agi as pyst2

MAX_LINE = 4096
MAX_ENVIRONMENT = 200
HEADER_TIMEOUT_S = 5.0
"""For the whole header, so that a peer who sends it byte by byte holds no thread either."""
COMMAND_TIMEOUT_S = 300.0
"""Longer than any step that the watchdog lets live; an exchange that is silent for so long is given up."""

KEYS = "HOTLINE_KEYS"

_RESULT = "200 result="
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


class CallerHungUp(Exception):
    """The caller is gone."""


class LineLost(CallerHungUp):
    """The socket ended without a word; the exchange closes it so at a hang-up."""


class Nonsense(Exception):
    """The other side does not speak AGI; `str()` says what it sent."""


def _timeval(seconds: float) -> bytes:
    """A struct timeval, as Linux wants it."""
    return struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))


class Agi(pyst2.AGI):  # type: ignore[misc]  # pyst2 has no types
    """One FastAGI session. Every method raises `CallerHungUp` once the caller is gone, `Nonsense` or TimeoutError."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = b""
        self._got_sighup = False
        self.env: Mapping[str, str] = self._environment(time.monotonic() + HEADER_TIMEOUT_S)
        # The kernel's own time-outs: Python's would poll before each read and each write.
        connection.settimeout(None)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            connection.setsockopt(socket.SOL_SOCKET, option, _timeval(COMMAND_TIMEOUT_S))

    def _line(self, deadline: float | None = None) -> str:
        while (end := self._received.find(b"\n")) < 0:
            if len(self._received) > MAX_LINE:
                raise Nonsense(f"a line of more than {MAX_LINE} bytes")
            if deadline is not None:
                self._connection.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                more = self._connection.recv(MAX_LINE)
            except BlockingIOError as error:
                raise TimeoutError("the exchange says nothing") from error
            except ConnectionError as error:
                raise LineLost(str(error)) from error
            if not more:
                raise LineLost("the exchange closed the connection")
            self._received += more
        line, self._received = self._received[:end], self._received[end + 1 :]
        return line.decode("utf-8", "replace").rstrip("\r")

    def _environment(self, deadline: float) -> dict[str, str]:
        environment: dict[str, str] = {}
        for _ in range(MAX_ENVIRONMENT):
            line = self._line(deadline)
            if not line:
                return environment
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_"):
                raise Nonsense(f"{line[:80]!r} instead of an agi_ variable")
            environment[name] = value.strip()
        raise Nonsense(f"more than {MAX_ENVIRONMENT} variables")

    def _quote(self, string: object) -> str:
        text = str(string)
        if not text.isprintable():
            text = _UNSAFE.sub(" ", text)
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def execute(self, command: str, *args: object) -> dict[str, tuple[str, str]]:
        self.send_command(command, *args)
        return self.get_result()

    def send_command(self, command: str, *args: object) -> None:
        text = " ".join((command, *map(str, args)))
        if not text.isprintable() and _UNSAFE.search(text):
            raise ValueError(f"a control character in the AGI command {command!r}")
        try:
            self._connection.sendall(text.encode() + b"\n")
        except BlockingIOError as error:
            raise TimeoutError("the exchange does not read") from error
        except ConnectionError as error:
            raise LineLost(str(error)) from error

    def get_result(self, stdin: object = None) -> dict[str, tuple[str, str]]:
        line = self._line()
        while line == "HANGUP":
            line = self._line()
        if line.startswith("511"):
            raise CallerHungUp(line)
        if not line.startswith(_RESULT):
            raise Nonsense(f"the answer {line[:120]!r}")
        value, _, rest = line[len(_RESULT) :].partition(" ")
        data = rest[1 : rest.rfind(")")] if rest.startswith("(") else ""
        if value == "-1":
            raise CallerHungUp(line)
        if value == "-2":
            raise Nonsense(f"{line[:120]!r}: the exchange does not know the application")
        return {"result": (value, data)}

    # --- what the menus need ----------------------------------------------------------------------------------------

    def set(self, name: str, value: str) -> None:
        self.execute("SET VARIABLE", name, self._quote(value))

    def set_many(self, values: Mapping[str, str]) -> None:
        """Set variables in order by one command; values are letters, digits, `_` and `.` only."""
        for value in values.values():
            if not re.fullmatch(r"[A-Za-z0-9_.\-]*", value):
                raise ValueError(f"{value!r} cannot be set together with others")
        self.execute("EXEC", "MSet", self._quote(",".join(f"{name}={value}" for name, value in values.items())))

    def play(self, files: tuple[str, ...]) -> None:
        """Play sound files to the end."""
        if files:
            self.execute("EXEC", "Playback", self._quote("&".join(files)))

    def collect(self, files: tuple[str, ...], timeout_s: float, max_digits: int) -> tuple[str, bool]:
        """Play files until a key is pressed; the digits (`#` ends them) and whether the time ran out.

        By the application Read, since GET DATA plays one file only and keys pressed between two commands are lost.
        """
        self.execute("EXEC", "Read", self._quote(f"{KEYS},{'&'.join(files)},{max_digits},,1,{timeout_s:g}"))
        # Read also says TIMEOUT when some digits came and then no more.
        _, answer = self.execute("GET FULL VARIABLE", self._quote(f"${{READSTATUS}}:${{{KEYS}}}"))["result"]
        status, _, pressed = answer.partition(":")
        return pressed, status == "TIMEOUT"
