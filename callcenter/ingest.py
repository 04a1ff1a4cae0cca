"""One consumer of what happens on the exchange: live events → `live` → `feed`, and the files' lines → the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any

from callcenter.calls.events import LiveEvent, OperatorCompleted
from callcenter.calls.journal import store_journal
from callcenter.calls.live import Live
from callcenter.calls.shown import Change
from callcenter.feed import Feed, Listener

__all__ = ["LiveDesk", "store_journal"]

log = logging.getLogger(__name__)


class LiveDesk:
    """The live state and its feed. Events are applied one at a time, in the order of the calls; reading and listening
    is safe from any thread. `names`: the operators to show, login → name. `wrapup_s` is how long the exchange leaves
    an operator alone after a talk: it does not tell so in its events."""

    def __init__(self, names: Mapping[str, str], *, started_at: datetime, wrapup_s: int = 0) -> None:
        self._wrapup_s = wrapup_s
        self._live = Live(names, stale_since=started_at)
        self._lock = Lock()
        self.feed = Feed(int(started_at.timestamp() * 1000))
        self.faults = 0
        """Events that could not be applied."""

    def apply(self, event: LiveEvent) -> None:
        """Never raises: an event that cannot be applied is logged and counted, the next one goes on."""
        if isinstance(event, OperatorCompleted) and event.wrapup_s == 0:
            event = replace(event, wrapup_s=self._wrapup_s)
        self._do(partial(self._live.apply, event), event)

    def tick(self, now: datetime) -> None:
        """To be called about every second: ends wrap-ups."""
        self._do(lambda: self._live.tick(now), "tick")

    def rename(self, names: Mapping[str, str]) -> None:
        """The people have changed."""
        self._do(lambda: self._live.rename(names), "rename")

    def state(self, login: str = "") -> dict[str, Any]:
        """The whole state as the stream gives it, with the pop of `login` and nobody else's."""
        with self._lock:
            return self._state(login)

    def pop(self, login: str) -> dict[str, Any] | None:
        with self._lock:
            return self._live.pop(login)

    @contextmanager
    def listen(self, login: str, last_id: int | None = None) -> Iterator[Listener]:
        """A listener on the running event loop: `with desk.listen(login, last_id) as listener: …`.

        It begins with the changes after `last_id` while these are known, else with the state.
        """
        with self._lock:
            listener = self.feed.add(login, last_id=last_id, state=self._state(login))
        try:
            yield listener
        finally:
            self.feed.remove(listener)

    def _state(self, login: str) -> dict[str, Any]:
        return {**self._live.state(), "pop": self._live.pop(login), "me": login}

    def _do(self, work: Callable[[], list[Change]], what: object) -> None:
        with self._lock:
            try:
                self.feed.publish(work())
            except Exception:
                self.faults += 1
                log.exception("the live state could not take in %r", what)
