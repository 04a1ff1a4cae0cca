"""A fake Asterisk for both its protocols: it calls a FastAGI server, and it answers as a manager."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

DEADLINE_S = 10.0
Answer = str | Callable[[dict[str, str]], str]


def environment(script: str = "menu", **variables: str) -> str:
    """What Asterisk sends first. A name is given without its `agi_`."""
    known = {
        "network": "yes",
        "network_script": script,
        "request": f"agi://127.0.0.1/{script}",
        "channel": "PJSIP/trunk-00000001",
        "language": "vi",
        "uniqueid": "fake-1.1",
        "callerid": "0905123456",
        "calleridname": "unknown",
        "dnid": "1022",
        "extension": "s",
        "arg_1": "fake-1.1",
    }
    return "".join(f"agi_{name}: {value}\n" for name, value in (known | variables).items()) + "\n"


class AgiCall:
    """One call that is handed to a FastAGI server: the exchange's side of the session."""

    def __init__(self, address: tuple[str, int], sent: str | bytes = environment()) -> None:
        self.socket = socket.create_connection(address, timeout=DEADLINE_S)
        self._lines = self.socket.makefile("rb")
        self.send(sent)

    def send(self, text: str | bytes) -> None:
        self.socket.sendall(text.encode() if isinstance(text, str) else text)

    def command(self) -> str:
        """The next command; "" when the server has let go of the call."""
        try:
            return self._lines.readline().decode().rstrip("\n")
        except ConnectionError:
            return ""

    def close(self) -> None:
        self._lines.close()
        self.socket.close()


@dataclass
class Channel:
    """A caller who presses `keys` (one entry for each question: digits, "#" alone, "" for silence) and then hangs up
    or, with `stays`, says nothing more. `variables` and `played` are what became of him."""

    keys: list[str]
    stays: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    played: list[str] = field(default_factory=list)
    set_names: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def go_through(self, call: AgiCall) -> Channel:
        """Answer the server's commands until it lets go of the call."""
        while command := call.command():
            self.commands.append(command)
            answer = self._answer(command)
            call.send("HANGUP\n200 result=-1\n" if answer is None else f"200 {answer}\n")
        call.close()
        return self

    def _answer(self, command: str) -> str | None:
        name, *arguments = split(command)
        if name == "SET":
            self._set(arguments[1], arguments[2])
            return "result=1"
        if name == "GET":
            return f"result=1 ({re.sub(r'[$][{]([A-Z_]+)[}]', lambda found: self.variables[found[1]], arguments[2])})"
        application, data = arguments
        if application == "MSet":
            for pair in data.split(","):
                self._set(*pair.split("=", 1))
        elif application == "Playback":
            self.played += data.split("&")
        elif application == "Read":
            return self._read(data)
        else:
            return "result=-2"
        return "result=0"

    def _set(self, name: str, value: str) -> None:
        self.variables[name] = value
        self.set_names.append(name)

    def _read(self, data: str) -> str | None:
        variable, files, *_ = data.split(",")
        self.played += files.split("&")
        if not self.keys and not self.stays:
            return None
        pressed = self.keys.pop(0) if self.keys else ""
        self.variables[variable] = pressed.rstrip("#")
        self.variables["READSTATUS"] = "OK" if pressed else "TIMEOUT"
        return "result=0"


def split(command: str) -> list[str]:
    """The words of an AGI command, as Asterisk takes it apart: quotes group, a backslash takes the next literally."""
    return [
        re.sub(r"\\(.)", r"\1", quoted if quoted or not bare else bare)
        for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', command)
    ]


class Manager:
    """A manager interface. `answers` maps an action's name to its answer, without the ActionID; an answer of "" is
    silence. Every line of an answer that begins a message gets the ActionID."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers: dict[str, Answer] = {
            "Login": "Response: Success\nMessage: Authentication accepted\n\n",
            "Ping": "Response: Success\nPing: Pong\n\n",
            "QueueStatus": "Response: Success\nEventList: start\n\nEvent: QueueStatusComplete\nEventList: Complete\n\n",
            "CoreShowChannels": "Response: Success\nEventList: start\n\nEvent: CoreShowChannelsComplete\n\n",
            "PJSIPShowContacts": "Response: Error\nMessage: No Contacts found\n\n",
        } | (answers or {})
        self.booted = True
        self.actions: list[dict[str, str]] = []
        self.logins = 0
        self._changed = asyncio.Condition()
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Manager:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As a killed exchange: nobody listens, and every connection is gone."""
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def send(self, text: str | bytes, pieces: Iterable[slice] = (slice(None),)) -> None:
        """Send text (its line ends made CRLF) to everybody."""
        data = text.replace("\n", "\r\n").encode() if isinstance(text, str) else text
        for writer in self._writers:
            for piece in pieces:
                writer.write(data[piece])

    async def until(self, count: int, name: str) -> None:
        """Wait until an action came `count` times."""
        async with asyncio.timeout(DEADLINE_S), self._changed:
            await self._changed.wait_for(lambda: sum(a["Action"] == name for a in self.actions) >= count)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while block := await reader.readuntil(b"\r\n\r\n"):
                lines = block.decode().strip().split("\r\n")
                await self._on_action(dict(line.split(": ", 1) for line in lines), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _on_action(self, action: dict[str, str], writer: asyncio.StreamWriter) -> None:
        known = self.answers.get(action["Action"], "Response: Error\nMessage: Invalid/unknown command\n\n")
        answer = known(action) if callable(known) else known
        tagged = re.sub(r"(?m)^((?:Response|Event): .*)$", rf"\1\nActionID: {action['ActionID']}", answer)
        if action["Action"] == "Login" and "Success" in answer:
            self.logins += 1
            tagged += "Event: FullyBooted\nStatus: Fully Booted\n\n" if self.booted else ""
        writer.write(tagged.replace("\n", "\r\n").encode())
        async with self._changed:
            self.actions.append(action)
            self._changed.notify_all()
