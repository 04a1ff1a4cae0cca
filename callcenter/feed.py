"""Numbered changes for many listeners: published from any thread, awaited on an event loop.

A listener that reads too slowly is let go, with the reason; it comes back and is given the full state. Numbers begin
at the time of the start in milliseconds, so that a number from before a restart is never taken for one of now.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Literal, TypeVar

from callcenter.calls.shown import Change

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    """One message of the stream. `data` of a state is the whole state; of a change `{"kind", "key", "value"}`."""

    id: int
    event: Literal["state", "change"]
    data: dict[str, Any]


class Dropped(Exception):
    """The listener was let go; `reason`: slow, closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the listener was let go: {reason}")
        self.reason = reason


@dataclass(slots=True)
class Listener:
    """Belongs to the event loop on which it was made."""

    login: str
    limit: int
    loop: asyncio.AbstractEventLoop
    items: deque[Item] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    dropped: str = ""

    async def next(self, patience_s: float) -> Item | None:
        """The next message; None after `patience_s` seconds without one: time for a heartbeat. Raises `Dropped`."""
        if not self.items and not self.dropped:
            try:
                async with asyncio.timeout(patience_s):
                    await self.woken.wait()
            except TimeoutError:
                return None
        if self.dropped:
            raise Dropped(self.dropped)
        item = self.items.popleft()
        if not self.items:
            self.woken.clear()
        return item

    def give(self, item: Item) -> None:
        if self.dropped:
            return
        if len(self.items) >= self.limit:
            self.drop("slow")
            return
        self.items.append(item)
        self.woken.set()

    def drop(self, reason: str) -> None:
        self.dropped = self.dropped or reason
        self.items.clear()
        self.woken.set()


class Feed:
    """Keeps the last `ring` changes for those who come back, and at most `limit` unread ones per listener."""

    def __init__(self, first: int, *, ring: int = 2000, limit: int = 500) -> None:
        self._last = first
        self._ring: deque[tuple[Item, Change]] = deque(maxlen=ring)
        self._limit = limit
        self._listeners: list[Listener] = []
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def last_id(self) -> int:
        return self._last

    def publish(self, changes: Iterable[Change]) -> None:
        """From any thread; in the order of the calls."""
        with self._lock:
            for change in changes:
                self._last += 1
                data = {"kind": change.kind, "key": change.key, "value": change.value}
                item = Item(self._last, "change", data)
                self._ring.append((item, change))
                for listener in tuple(self._listeners):
                    if _may_see(listener.login, change):
                        self._hand(listener, listener.give, item)

    def add(self, login: str, *, last_id: int | None, state: dict[str, Any]) -> Listener:
        """A listener of `login` on the running event loop. It begins with what came after `last_id` while that is
        known, else with `state` (which is that of the last change: the caller sees to it that nothing is published
        meanwhile). Hand it back to `remove`."""
        listener = Listener(login, self._limit, asyncio.get_running_loop())
        with self._lock:
            missed = self._since(last_id)
            if missed is None or len(missed) > self._limit:
                listener.give(Item(self._last, "state", state))
            else:
                for item, change in missed:
                    if _may_see(login, change):
                        listener.give(item)
            self._listeners.append(listener)
        return listener

    def remove(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def close(self) -> None:
        """Let everybody go, so that a server can stop."""
        with self._lock:
            for listener in self._listeners:
                self._hand(listener, listener.drop, "closed")
            self._listeners.clear()

    def _hand(self, listener: Listener, call: Callable[[T], None], argument: T) -> None:
        try:
            listener.loop.call_soon_threadsafe(call, argument)
        except RuntimeError:  # its loop is closed: nobody listens any more
            self._listeners.remove(listener)

    def _since(self, last_id: int | None) -> list[tuple[Item, Change]] | None:
        """What came after `last_id`, or None if that is not known any more."""
        if last_id is None or last_id > self._last:
            return None
        oldest = self._ring[0][0].id if self._ring else self._last + 1
        if last_id < oldest - 1:
            return None
        return [entry for entry in self._ring if entry[0].id > last_id]


def _may_see(login: str, change: Change) -> bool:
    return change.kind != "pop" or change.key == login
