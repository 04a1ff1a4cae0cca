"""The link to the exchange's manager interface: keeps itself up, and tells the truth again after every gap."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from callcenter.calls.events import LinkLost, LiveEvent, Snapshot
from ivr.events import AmiMessage, caller, member, number, text, translate
from ivr.protocol import Connection, Headers, Refused

log = logging.getLogger(__name__)

ACTION_TIMEOUT_S = 5.0
BOOT_TIMEOUT_S = 60.0
"""How long an exchange that takes connections may take to be fully up; asked for its queues before, it can lock up."""
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
    timeout_s: float = ACTION_TIMEOUT_S
    reconnections: int = 0
    _connection: Connection | None = None
    _events: asyncio.Queue[tuple[datetime, Headers]] = field(default_factory=lambda: asyncio.Queue(BUFFER))
    _overflowed: bool = False
    _booted: asyncio.Event = field(default_factory=asyncio.Event)
    _lost: bool = False

    @property
    def connected(self) -> bool:
        return self._connection is not None and not self._connection.closed.is_set()

    async def run(self) -> None:
        """Connect and stay connected, until cancelled."""
        delay = self.retry_s[0]
        while True:
            known_lost = self._lost
            try:
                await self._session()
            except Refused as error:
                log.error("the exchange refuses what the manager account %r asks: %s", self.user, error)
                delay = self.retry_s[1]
            except (OSError, TimeoutError) as error:
                if not known_lost or not self._lost:
                    why = error or "no answer"
                    log.warning("the exchange's manager at %s:%s: %s; trying on", self.host, self.port, why)
            except Exception:
                log.exception("the link to the exchange failed; trying on")
            finally:
                self._connection = None
                delay = delay if self._lost else self.retry_s[0]
                self._lose()
            await asyncio.sleep(delay)
            self.reconnections += 1
            delay = min(delay * 2, self.retry_s[1])

    def _lose(self) -> None:
        if not self._lost:
            self._lost = True
            self._tell(LinkLost(self.clock()))

    async def act(self, action: Mapping[str, str], *, lists: bool = False) -> list[Headers]:
        """Raises ConnectionError, TimeoutError, `Refused`, or ValueError for an unsafe value."""
        connection = self._connection
        if connection is None:
            raise ConnectionError("the exchange cannot be reached")
        return await connection.act(action, self.timeout_s, lists=lists)

    async def _session(self) -> None:
        self._events, self._overflowed, self._booted = asyncio.Queue(BUFFER), False, asyncio.Event()
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
            connection.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _enqueue(self, message: Headers) -> None:
        if text(message, "event") == "FullyBooted":
            self._booted.set()
            return
        try:
            self._events.put_nowait((self.clock(), message))
        except asyncio.QueueFull:
            self._overflowed = True

    async def _consume(self) -> None:
        """A snapshot is due at the beginning, from time to time, and when events were lost."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(BOOT_TIMEOUT_S):
            await self._booted.wait()
        due = loop.time()
        while True:
            if loop.time() >= due or self._overflowed:
                await self._snapshot()
                due = loop.time() + self.snapshot_every_s
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.05, due - loop.time())):
                    self._take(*await self._events.get())

    def _take(self, at: datetime, message: Headers) -> None:
        try:
            events = translate(message, at)
        except Exception:
            log.exception("a message of the exchange could not be understood: %r", message)
            return
        for event in events:
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
        self._lost = False
        self._tell(snapshot(self.clock(), [*queues, *channels, *contacts]))

    async def _watch(self, connection: Connection) -> None:
        """A peer that has fallen silent without closing is noticed by a ping that is not answered."""
        while True:
            await asyncio.sleep(self.ping_every_s)
            await connection.act({"Action": "Ping"}, self.timeout_s)

    def _tell(self, event: LiveEvent) -> None:
        try:
            self.sink(event)
        except Exception:
            log.exception("an event could not be taken: %r", event)


def snapshot(at: datetime, messages: Sequence[AmiMessage]) -> Snapshot:
    """The exchange as QueueStatus, CoreShowChannels and PJSIPShowContacts tell it. Pure."""
    by_event: dict[str, list[AmiMessage]] = {}
    for message in messages:
        by_event.setdefault(text(message, "event"), []).append(message)
    channels = {text(channel, "uniqueid"): channel for channel in by_event.get("CoreShowChannel", [])}
    entries = by_event.get("QueueEntry", [])
    return Snapshot(
        at=at,
        queues=tuple(text(queue, "queue") for queue in by_event.get("QueueParams", [])),
        members=tuple(member(message) for message in by_event.get("QueueMember", [])),
        callers=tuple(
            caller(
                # Only the channel knows the call's id, language and reason.
                {**channels.get(text(entry, "uniqueid"), {}), **entry},
                datetime.fromtimestamp(at.timestamp() - number(entry, "wait"), UTC),
            )
            for entry in entries
        ),
        linkedids=frozenset(text(channel, "linkedid") for channel in channels.values()),
        registered=frozenset(
            text(contact, "endpoint")
            for contact in by_event.get("ContactList", [])
            if text(contact, "status") != "Unreachable"
        ),
    )
