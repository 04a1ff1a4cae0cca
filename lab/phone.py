"""A telephone for rehearsals and tests: SIP over UDP, G.711 A-law, keys by RFC 4733 or SIP INFO. One call at a time."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.media import Media, end

Message = tuple[str, list[tuple[str, str]], str]
"""First line, headers in order, body."""


class PhoneError(Exception):
    """What was waited for did not happen; `str()` says what did."""


def parse(data: bytes) -> Message:
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return first, headers, body


def get(message: Message, name: str) -> str:
    return next((value for key, value in message[1] if key == name), "")


@dataclass
class Dialog:
    call_id: str
    local: str
    remote: str
    target: str
    cseq: int = 1
    invite: Message | None = None
    via: str = ""


@dataclass
class Phone:
    """`server` is the exchange, `address` our own inside 127.0.0.0/8. `on_ring` is answer, ring or busy."""

    server: tuple[str, int]
    address: str
    user: str = "citizen"
    password: str = ""
    on_ring: str = "answer"
    events: list[str] = field(default_factory=list)
    sound: Callable[[str], Media] = Media

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, 0))
        self.port = self.socket.getsockname()[1]
        self.media = self.sound(self.address)
        self.dialog: Dialog | None = None
        self.invites: list[Message] = []
        self._register: tuple[str, int] | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up, forget the registration and end the threads."""
        with contextlib.suppress(PhoneError, OSError):
            if self.dialog and "ended" not in self.events:
                self.hang_up()
        self.vanish()

    def vanish(self) -> None:
        """Go without a word, as a phone whose battery is out."""
        self._closing = True
        self.media.close()
        end(self.socket)
        self._thread.join(2)

    # --- what a person does -----------------------------------------------------------------------------------------

    def register(self, expires: int = 600) -> None:
        self._register = (f"r{secrets.token_hex(6)}", 1)
        self._send_register("", expires)
        self.wait("registered")

    def dial(self, number: str, caller: str) -> None:
        """Call; `caller` is the From header's value without its tag, e.g. `<sip:0905123456@carrier>`."""
        uri = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        self.dialog = Dialog(f"c{secrets.token_hex(8)}", f"{caller};tag={secrets.token_hex(4)}", f"<{uri}>", uri)
        self.dialog.via = self._via()
        self._request("INVITE", body=self.media.offer(), via=self.dialog.via)

    def answer(self) -> None:
        assert self.dialog and self.dialog.invite
        self.media.connect(self.dialog.invite[2])
        self._respond(self.dialog.invite, "200 OK", body=self.media.offer())
        self._note("answered")

    def press(self, keys: str, *, info: bool = False, gap_s: float = 0.1) -> None:
        for key in keys:
            if info:
                body = f"Signal={key}\r\nDuration=160\r\n"
                self._request("INFO", body=body, kind="application/dtmf-relay")
            else:
                self.media.press(key)
            time.sleep(gap_s)

    def hang_up(self) -> None:
        """BYE, or CANCEL before the answer."""
        assert self.dialog
        if "answered" in self.events:
            self._request("BYE")
        else:
            self._request("CANCEL", via=self.dialog.via, cseq=self.dialog.cseq)
        self._note("ended")

    def wait(self, event: str, timeout: float = 10, count: int = 1) -> None:
        """Until `event` happened `count` times. Raises `PhoneError` when it does not in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.events.count(event) >= count, timeout):
                raise PhoneError(f"{self.user}: no {event!r} within {timeout} s, only {self.events}")

    # --- the protocol -----------------------------------------------------------------------------------------------

    def _note(self, event: str) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def _listen(self) -> None:
        while not self._closing:
            try:
                data, _ = self.socket.recvfrom(65535)
            except OSError:
                return
            with contextlib.suppress(OSError):
                self._take(parse(data))

    def _take(self, message: Message) -> None:
        if message[0].startswith("SIP/2.0"):
            self._on_response(message)
        elif message[0].strip():
            self._on_request(message)

    def _on_response(self, message: Message) -> None:
        status, method = int(message[0].split()[1]), get(message, "cseq").split()[-1]
        if method == "REGISTER":
            self._on_register_response(message, status)
        elif method == "INVITE" and self.dialog:
            self._on_invite_response(message, status)
        elif status >= 300:
            self._note(f"{method.lower()}:{status}")

    def _on_register_response(self, message: Message, status: int) -> None:
        challenge = get(message, "www-authenticate")
        if status == 401 and self._register and self._register[1] == 1:
            self._register = (self._register[0], 2)
            self._send_register(self._digest(challenge, "REGISTER", f"sip:{self.server[0]}"), 600)
        else:
            self._note("registered" if status == 200 else f"register:{status}")

    def _on_invite_response(self, message: Message, status: int) -> None:
        assert self.dialog
        if status < 200:
            if status in (180, 183):
                self._note("ringing")
            return
        self.dialog.remote = get(message, "to")
        if status == 200:
            contact = re.search(r"<([^>]+)>", get(message, "contact"))
            self.dialog.target = contact[1] if contact else self.dialog.target
            self._request("ACK", cseq=int(get(message, "cseq").split()[0]))
            if "answered" not in self.events:
                self.media.connect(message[2])
                self._note("answered")
        else:
            self._request("ACK", via=self.dialog.via, cseq=self.dialog.cseq)
            self._note(f"refused:{status}")

    def _on_request(self, message: Message) -> None:
        method = message[0].split()[0]
        handler: Callable[[Message], None] = {
            "INVITE": self._on_invite,
            "BYE": self._on_bye,
            "CANCEL": self._on_cancel,
            "ACK": lambda _: None,
        }.get(method, lambda request: self._respond(request, "200 OK"))
        handler(message)

    def _on_invite(self, message: Message) -> None:
        if self.dialog and get(message, "call-id") == self.dialog.call_id and "ended" not in self.events[-1:]:
            if self.dialog.invite and get(message, "cseq") == get(self.dialog.invite, "cseq"):
                return
            self.media.connect(message[2])
            self._respond(message, "200 OK", body=self.media.offer())
            return
        contact = re.search(r"<([^>]+)>", get(message, "contact"))
        local = f"{get(message, 'to')};tag={secrets.token_hex(4)}"
        self.dialog = Dialog(get(message, "call-id"), local, get(message, "from"), contact[1] if contact else "")
        self.dialog.invite = message
        self.invites.append(message)
        self.events[:] = [event for event in self.events if event not in ("answered", "ended")]
        self._respond(message, "180 Ringing")
        self._note("rung")
        if self.on_ring == "answer":
            self.answer()
        elif self.on_ring == "busy":
            self._respond(message, "486 Busy Here")

    def _on_bye(self, message: Message) -> None:
        self._respond(message, "200 OK")
        self._note("ended")

    def _on_cancel(self, message: Message) -> None:
        self._respond(message, "200 OK")
        if self.dialog and self.dialog.invite:
            self._respond(self.dialog.invite, "487 Request Terminated")
        self._note("cancelled")

    def _via(self) -> str:
        return f"SIP/2.0/UDP {self.address}:{self.port};branch=z9hG4bK{secrets.token_hex(8)};rport"

    def _request(
        self, method: str, *, body: str = "", kind: str = "application/sdp", via: str = "", cseq: int | None = None
    ) -> None:
        dialog = self.dialog
        assert dialog
        if cseq is None:
            dialog.cseq += 1
            cseq = dialog.cseq
        lines = [
            f"{method} {dialog.target} SIP/2.0",
            f"Via: {via or self._via()}",
            f"From: {dialog.local}",
            f"To: {dialog.remote}",
            f"Call-ID: {dialog.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.user}@{self.address}:{self.port}>",
            "Max-Forwards: 70",
        ]
        self._send(lines, body, kind)

    def _respond(self, request: Message, status: str, body: str = "") -> None:
        lines = [f"SIP/2.0 {status}"]
        lines += [f"{name}: {value}" for name, value in request[1] if name in ("via", "from", "call-id", "cseq")]
        to = get(request, "to")
        if ";tag=" not in to and self.dialog and get(request, "call-id") == self.dialog.call_id:
            to = self.dialog.local
        lines += [f"To: {to}", f"Contact: <sip:{self.user}@{self.address}:{self.port}>"]
        self._send(lines, body, "application/sdp")

    def _send(self, lines: list[str], body: str, kind: str) -> None:
        if body:
            lines = [*lines, f"Content-Type: {kind}"]
        text = "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])
        self.socket.sendto(text.encode(), self.server)

    def _send_register(self, authorization: str, expires: int) -> None:
        assert self._register
        me = f"<sip:{self.user}@{self.server[0]}>"
        lines = [
            f"REGISTER sip:{self.server[0]} SIP/2.0",
            f"Via: {self._via()}",
            f"From: {me};tag={self._register[0]}",
            f"To: {me}",
            f"Call-ID: {self._register[0]}",
            f"CSeq: {self._register[1]} REGISTER",
            f"Contact: <sip:{self.user}@{self.address}:{self.port}>",
            f"Expires: {expires}",
            "Max-Forwards: 70",
        ]
        self._send(lines + ([f"Authorization: {authorization}"] if authorization else []), "", "")

    def _digest(self, challenge: str, method: str, uri: str) -> str:
        """RFC 2617 with qop=auth and MD5."""
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - the protocol's own

        cnonce = secrets.token_hex(8)
        ha1, ha2 = md5(f"{self.user}:{given['realm']}:{self.password}"), md5(f"{method}:{uri}")
        response = md5(f"{ha1}:{given['nonce']}:00000001:{cnonce}:auth:{ha2}")
        return (
            f'Digest username="{self.user}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc=00000001, '
            f'opaque="{given.get("opaque", "")}"'
        )
