"""panoramisk's AMI with its faults mended, in one place.

panoramisk 1.4 decodes each packet by itself with `ignore` (a letter split over two packets is lost), lets an exception
in a callback drop the connection, writes CR and LF in a value to the wire as they are, and never notices a peer that
has fallen silent. Here bytes are decoded incrementally, callbacks are isolated, such values are refused, and a ping
without an answer ends the connection.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from panoramisk import Manager, actions
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

log = logging.getLogger(__name__)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CONNECT_TIMEOUT_S = 5.0
MAX_HEADER = 1000
"""Bytes of one line of an action: Asterisk refuses the whole action over 1,024."""
MAX_MESSAGE = 1_000_000
"""Characters of one message; a peer that sends more without an end is not a manager."""


Headers = dict[str, Any]
"""A message: header in lower case → value, or a list of values where a header came several times."""


class Refused(Exception):
    """Asterisk refused an action; `str()` is what it said."""


def checked(action: Mapping[str, str]) -> dict[str, str]:
    """`action` as it may be sent. Raises ValueError for a control character, which would begin another header, for
    what is no UTF-8 and for what is too long."""
    for name, value in action.items():
        if _CONTROL.search(name) or _CONTROL.search(value):
            raise ValueError(f"a control character in the AMI header {name!r}: {value!r}")
        if len(f"{name}: {value}".encode()) > MAX_HEADER:
            raise ValueError(f"the AMI header {name!r} is longer than {MAX_HEADER} bytes")
    return dict(action)


class _Action(actions.Action):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk guesses from a response's words whether a list follows, and then waits for ever where none does (a
    refusal, "Added interface to queue"). Here the one who asks says so."""

    def add_message(self, message: Message) -> bool:
        self.responses.append(message)
        refused = len(self.responses) == 1 and not message.success
        ended = not self.as_list or refused or message.event.endswith("Complete")
        if ended and not self.future.done():
            self.future.set_result(self.responses)
        return bool(ended)


class Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """Decodes across packets and never forwards a broken message."""

    def __init__(self, factory: _Factory) -> None:
        self._made_by = factory

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.factory = self._made_by
        self.encoding = "utf-8"
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._greeted = False

    def data_received(self, data: bytes) -> None:
        text = self._rest + self._decoder.decode(data)
        if not self._greeted:
            line, end, text = text.partition("\r\n")
            if not end:
                self._rest = line
                return
            self._greeted = True
        *blocks, self._rest = text.split("\r\n\r\n")
        for block in blocks:
            try:
                message = Message.from_line(block.strip())
                if message is not None:
                    self.handle_message(message)
            except Exception:
                log.exception("an AMI message could not be handled: %r", block[:300])
        if len(self._rest) > MAX_MESSAGE:
            log.error("the peer at the manager's port sends no AMI: %r", self._rest[:100])
            self.transport.abort()


def _headers(message: Message) -> Headers:
    """panoramisk's messages can be asked in any case, but forget that as soon as they are copied."""
    return {name.lower(): value for name, value in message.items()}


class Connection:
    """One AMI connection, from login to loss. Made by `connect`; `closed` is set when it is gone."""

    def __init__(self, on_event: Callable[[Headers], None]) -> None:
        self.closed = asyncio.Event()
        self._on_event = on_event
        self._protocol: Any = None

    @classmethod
    async def connect(
        cls, host: str, port: int, user: str, secret: str, on_event: Callable[[Headers], None]
    ) -> Connection:
        """Connect and log in. Raises OSError, TimeoutError or `Refused` (wrong user or secret)."""
        self = cls(on_event)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, self._protocol = await loop.create_connection(lambda: Protocol(_Factory(self)), host, port)
        try:
            login = {"Action": "Login", "Username": user, "Secret": secret, "Events": "on"}
            await self.act(login, CONNECT_TIMEOUT_S)
        except BaseException:
            self.close()
            raise
        return self

    async def act(self, action: Mapping[str, str], timeout_s: float, *, lists: bool = False) -> list[Headers]:
        """Send an action, return its answer: the response, and the events after it when it `lists` something.

        Raises TimeoutError, ConnectionError, `Refused`, or ValueError for an unsafe value.
        """
        if self.closed.is_set():
            raise ConnectionError("the connection to the exchange is gone")
        sent = _Action(checked(action))
        future = self._protocol.send(sent, as_list=lists)
        waiting = asyncio.ensure_future(self.closed.wait())
        try:
            done, _ = await asyncio.wait({future, waiting}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            self._protocol.responses.pop(sent.id, None)
        if future not in done:
            if done:
                raise ConnectionError("the connection to the exchange was lost before it answered")
            raise TimeoutError(f"no answer to {action.get('Action')} within {timeout_s} s")
        answers: list[Message] = future.result()
        if not answers[0].success:
            raise Refused(str(answers[0].get("message", "no reason given")))
        return [_headers(answer) for answer in answers]

    def close(self) -> None:
        if self._protocol is not None:
            self._protocol.transport.abort()
        self.closed.set()

    def dispatch(self, message: Message) -> None:
        self._on_event(_headers(message))


class _Factory:
    """What panoramisk's protocol calls back; its own manager reconnects behind one's back, so it is not used."""

    forgetable_actions = Manager.defaults["forgetable_actions"]

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.awaiting_actions: list[object] = []

    def dispatch(self, message: Message) -> None:
        self._connection.dispatch(message)

    def connection_lost(self, _reason: object) -> None:
        self._connection.closed.set()
