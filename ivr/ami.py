"""The link to the exchange's manager interface: keeps itself up, and tells the truth again after every gap."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from callcenter.calls.events import LinkLost, LiveEvent, Snapshot
from ivr.events import caller, member, number, text, translate
from ivr.protocol import Connection, Refused

log = logging.getLogger(__name__)

ACTION_TIMEOUT_S = 5.0
BUFFER = 10_000
"""Events kept while a snapshot is taken or the consumer is busy; over this a fresh snapshot replaces them all."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class AmiLink:
    """Feeds `sink` with live events, one at a time and in order, from the loop that runs `run`.

    On every login, and every `snapshot_every_s`, a snapshot comes first and the events that arrived meanwhile after
    it. While the exchange cannot be reached, `sink` gets one `LinkLost`.
    """

    host: str
    port: int
    user: str
    secret: str
    sink: Callable[[LiveEvent], None]
    clock: Callable[[], datetime] = _now
    snapshot_every_s: float = 60.0
    ping_every_s: float = 5.0
    retry_s: tuple[float, float] = (0.2, 5.0)
    reconnections: int = 0
    _connection: Connection | None = None
    _events: asyncio.Queue[tuple[datetime, Mapping[str, Any]]] = field(default_factory=lambda: asyncio.Queue(BUFFER))
    _overflowed: bool = False

    @property
    def connected(self) -> bool:
        return self._connection is not None and not self._connection.closed.is_set()

    async def run(self) -> None:
        """Connect and stay connected, until cancelled."""
        delay, told = self.retry_s[0], False
        while True:
            try:
                await self._session()
                delay, told = self.retry_s[0], False
            except Refused as error:
                log.error("the exchange refuses the manager account %r: %s", self.user, error)
                delay = self.retry_s[1]
            except (OSError, TimeoutError) as error:
                if not told:
                    log.warning("the exchange's manager at %s:%s: %s; trying on", self.host, self.port, error)
                told = True
            finally:
                self._connection = None
                self._tell(LinkLost(self.clock()))
            self.reconnections += 1
            await asyncio.sleep(delay)
            delay = min(delay * 2, self.retry_s[1])

    async def act(self, action: Mapping[str, str], *, lists: bool = False) -> list[Mapping[str, Any]]:
        """Raises ConnectionError, TimeoutError, `Refused`, or ValueError for an unsafe value."""
        connection = self._connection
        if connection is None:
            raise ConnectionError("the exchange cannot be reached")
        return list(await connection.act(action, ACTION_TIMEOUT_S, lists=lists))

    async def _session(self) -> None:
        self._events = asyncio.Queue(BUFFER)
        connection = await Connection.connect(self.host, self.port, self.user, self.secret, self._enqueue)
        self._connection = connection
        log.info("connected to the exchange's manager at %s:%s", self.host, self.port)
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(work) for work in (self._consume(), self._watch(connection))
        ]
        tasks.append(asyncio.create_task(connection.closed.wait()))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)
            connection.close()

    def _enqueue(self, message: Mapping[str, Any]) -> None:
        try:
            self._events.put_nowait((self.clock(), dict(message.items())))
        except asyncio.QueueFull:
            self._overflowed = True

    async def _consume(self) -> None:
        """A snapshot is due at the beginning, from time to time, and when events were lost."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if loop.time() >= due or self._overflowed:
                await self._snapshot()
                due = loop.time() + self.snapshot_every_s
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.05, due - loop.time())):
                    at, message = await self._events.get()
                    for event in translate(message, at):
                        self._tell(event)

    async def _snapshot(self) -> None:
        if self._overflowed:
            log.error("more than %d events waited: they are replaced by a snapshot", BUFFER)
            self._overflowed = False
            while not self._events.empty():
                self._events.get_nowait()
        queues = await self.act({"Action": "QueueStatus"}, lists=True)
        channels = await self.act({"Action": "CoreShowChannels"}, lists=True)
        try:
            contacts = await self.act({"Action": "PJSIPShowContacts"}, lists=True)
        except Refused:
            contacts = []
        self._tell(snapshot(self.clock(), [*queues, *channels, *contacts]))

    async def _watch(self, connection: Connection) -> None:
        """A peer that has fallen silent without closing is noticed by a ping that is not answered."""
        while True:
            await asyncio.sleep(self.ping_every_s)
            await connection.act({"Action": "Ping"}, ACTION_TIMEOUT_S)

    def _tell(self, event: LiveEvent) -> None:
        try:
            self.sink(event)
        except Exception:
            log.exception("an event could not be taken: %r", event)


def snapshot(at: datetime, messages: list[Mapping[str, Any]]) -> Snapshot:
    """The exchange as QueueStatus, CoreShowChannels and PJSIPShowContacts tell it. Pure."""
    by_event: dict[str, list[Mapping[str, Any]]] = {}
    for message in messages:
        by_event.setdefault(text(message, "event"), []).append(message)
    channels = by_event.get("CoreShowChannel", [])
    linkedids = {text(channel, "uniqueid"): text(channel, "linkedid") for channel in channels}
    entries = by_event.get("QueueEntry", [])
    return Snapshot(
        at=at,
        queues=tuple(text(queue, "queue") for queue in by_event.get("QueueParams", [])),
        members=tuple(member(message) for message in by_event.get("QueueMember", [])),
        callers=tuple(
            caller(
                {**entry, "linkedid": linkedids.get(text(entry, "uniqueid"), text(entry, "uniqueid"))},
                datetime.fromtimestamp(at.timestamp() - number(entry, "wait"), UTC),
            )
            for entry in entries
        ),
        linkedids=frozenset(linkedids.values()),
        registered=frozenset(
            text(contact, "endpoint")
            for contact in by_event.get("ContactList", [])
            if text(contact, "status") != "Unreachable"
        ),
    )
