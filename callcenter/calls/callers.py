"""Who waits in which queue, in what order, and which calls are over. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime

from callcenter.calls.events import Caller, CallerJoined, Snapshot

REMEMBERED_CALLS = 2000
"""Calls that are over, remembered so that a late event does not bring them back."""


class Callers:
    """`waiting`: queue → callers, who is next first. `known`: every caller of a call that still exists, waiting or
    not. What is changed is replaced, so that lists handed out stay as they were."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Caller]] = {}
        self.known: dict[str, Caller] = {}
        self._left: OrderedDict[str, datetime] = OrderedDict()
        self._gone: OrderedDict[str, datetime] = OrderedDict()

    def gone(self, linkedid: str) -> bool:
        return linkedid in self._gone

    def waits(self, linkedid: str) -> bool:
        return any(caller.linkedid == linkedid for queue in self.waiting.values() for caller in queue)

    def join(self, event: CallerJoined) -> Caller | None:
        """The caller, in his place; None if this comes too late."""
        caller = event.caller
        if self.gone(caller.linkedid) or self._left.get(caller.linkedid, event.at) > event.at:
            return None
        self.known[caller.linkedid] = caller
        queue = list(self.waiting.get(caller.queue, []))
        places = [place for place, other in enumerate(queue) if other.linkedid == caller.linkedid]
        if places:
            queue[places[0]] = caller
        else:
            self._take_out(caller.linkedid)
            queue.insert(max(0, caller.position - 1), caller)
        self.waiting[caller.queue] = queue
        return caller

    def leave(self, linkedid: str, at: datetime) -> None:
        self._take_out(linkedid)
        _remember(self._left, linkedid, at)

    def vanish(self, linkedid: str, at: datetime) -> None:
        self._take_out(linkedid)
        self.known.pop(linkedid, None)
        _remember(self._gone, linkedid, at)

    def replace(self, snapshot: Snapshot) -> None:
        """As the exchange has it, with the language, the reason and the exact time that we may know better."""
        before = self.known
        self.known = {linkedid: caller for linkedid, caller in before.items() if linkedid in snapshot.linkedids}
        self.waiting = {name: [] for name in snapshot.queues}
        for caller in sorted(snapshot.callers, key=lambda caller: caller.position):
            if not self.gone(caller.linkedid):
                merged = _merge(caller, before.get(caller.linkedid))
                self.known[caller.linkedid] = merged
                self.waiting.setdefault(caller.queue, []).append(merged)

    def _take_out(self, linkedid: str) -> None:
        for name, queue in self.waiting.items():
            self.waiting[name] = [caller for caller in queue if caller.linkedid != linkedid]


def _merge(caller: Caller, known: Caller | None) -> Caller:
    if known is None:
        return caller
    return replace(
        caller,
        language=caller.language or known.language,
        reason=caller.reason or known.reason,
        joined_at=known.joined_at if known.queue == caller.queue else caller.joined_at,
    )


def _remember(calls: OrderedDict[str, datetime], linkedid: str, at: datetime) -> None:
    calls[linkedid] = at
    calls.move_to_end(linkedid)
    while len(calls) > REMEMBERED_CALLS:
        calls.popitem(last=False)
