"""The lines of one call as the ledger asks for them: by kind, each once, with the best time there is. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from callcenter.calls.events import JournalEvent, JournalKind

Outcome = Literal[
    "answered",
    "abandoned",
    "self_served",
    "ivr_hangup",
    "message_left",
    "callback_requested",
    "rejected",
    "failed",
]
SAME_HAPPENING = timedelta(seconds=3)
"""A line of queue_log and one of CEL further apart than this do not tell of the same happening."""
SECOND = timedelta(seconds=1)


class Facts:
    """Raises ValueError when there is no event. `written_end` is None while the call lasts or if its end was never
    written; then `lost` may hold the line by which our side gave it up."""

    def __init__(self, events: Iterable[JournalEvent]) -> None:
        lines = {(event.source, event.position): event for event in events}
        self.events = sorted(lines.values(), key=lambda event: (event.at, event.source, event.position))
        if not self.events:
            raise ValueError("no events to fold")
        callers = [
            event for event in self.of("started") if event.data.get("uniqueid", event.linkedid) == event.linkedid
        ]
        self.start = callers[0] if callers else None
        self.connected = self.of("queue_connected")
        ends = self.of("ended")
        self.written_end = next((event.at for event in reversed(ends) if "lost" not in event.data), None)
        self.lost = next((event for event in reversed(ends) if "lost" in event.data), None)
        self.queued_at, self.queued_exactly = self._queued()

    def of(self, *kinds: JournalKind) -> list[JournalEvent]:
        return [event for event in self.events if event.kind in kinds]

    def marks(self, name: str) -> list[JournalEvent]:
        return [event for event in self.events if event.kind == "mark" and event.data.get("name") == name]

    def last_of_marks(self, name: str) -> dict[str, str]:
        marks = self.marks(name)
        return marks[-1].data if marks else {}

    def answered_at(self) -> datetime | None:
        channel = self.start.data.get("channel") if self.start else None
        answers = [event.at for event in self.of("answered") if channel is None or event.data.get("channel") == channel]
        return answers[0] if answers else None

    def caller(self) -> str:
        entered = self.of("queue_entered")
        numbers = [self.start.data.get("number", "")] if self.start else []
        return next((number for number in numbers + [event.data.get("number", "") for event in entered] if number), "")

    def queue(self) -> str:
        for event in self.connected[:1] + self.of("queue_entered", "queue_left")[-1:]:
            if event.data.get("queue"):
                return event.data["queue"]
        return self.last_of_marks("HOTLINE_ROUTE").get("queue", "")

    def _queued(self) -> tuple[datetime | None, bool]:
        entered = self.of("queue_entered")
        if not entered:
            return None, False
        at = entered[0].at
        exact = [mark.at for mark in self.marks("HOTLINE_ROUTE") if at - SECOND < mark.at < at + SECOND]
        return (max(exact[-1], at), True) if exact else (at, False)

    def exact(self, line: JournalEvent, kind: JournalKind) -> datetime:
        """CEL's time of what a line of queue_log tells: the first bridging from its second on, or the last leaving
        of the bridge until its second is over."""
        if kind == "bridged":
            times = [event.at for event in self.of(kind) if line.at <= event.at < line.at + SAME_HAPPENING]
            return times[0] if times else line.at
        times = [event.at for event in self.of(kind) if line.at - SAME_HAPPENING < event.at < line.at + SECOND]
        return times[-1] if times else line.at

    def wait(self, connected_at: datetime | None, ended_at: datetime | None) -> float | None:
        if self.queued_at is None:
            return None
        gone = self.connected[:1] or self.of("queue_abandoned", "queue_left")[:1]
        until = connected_at or (gone[0].at if gone else ended_at)
        told = number(gone[0].data.get("wait_s")) if gone else None
        exact = self.queued_exactly and (not gone or connected_at not in (None, gone[0].at))
        return told if told is not None and not exact else seconds(self.queued_at, until)

    def outcome(self) -> Outcome:
        known = self.by_evidence()
        if known:
            return known
        if self.marks("HOTLINE_FALLBACK"):
            return "failed"
        if self.last_of_marks("HOTLINE_ROUTE").get("next") in ("message", "queue") or self.of("queue_left"):
            return "rejected"
        return "ivr_hangup"

    def by_evidence(self) -> Outcome | None:
        """Rules 1 to 5: what happened for certain, whether or not the end of the call was written."""
        said = {mark.data.get("outcome", "") for mark in self.marks("HOTLINE_END")}
        if self.connected:
            return "answered"
        if any(number(mark.data.get("seconds", "1")) != 0 for mark in self.marks("HOTLINE_MESSAGE")):
            return "message_left"
        if "callback_requested" in said:
            return "callback_requested"
        if self.of("queue_abandoned") or (self.of("queue_entered") and (self.of("queue_left") or self.written_end)):
            return "abandoned"
        return next((outcome for outcome in ("failed", "rejected", "self_served") if outcome in said), None)

    def failure(self) -> str:
        for mark in reversed(self.marks("HOTLINE_END")):
            if mark.data.get("outcome") == "failed":
                return mark.data.get("reason", "") or "failed"
        if fallback := self.marks("HOTLINE_FALLBACK"):
            return f"menus_unavailable:{fallback[0].data.get('reason', '')}".rstrip(":")
        if self.written_end is None or self.connected:
            return ""
        if left := self.of("queue_left"):
            return f"queue_{left[-1].data.get('why', '')}".rstrip("_")
        taken = self.last_of_marks("HOTLINE_ROUTE").get("next") != "queue" or self.of("queue_entered")
        return "" if taken else "queue_not_joined"


def seconds(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else round(max(0.0, (end - start).total_seconds()), 3)


def number(text: str | None, unit: float = 1.0) -> float | None:
    """A number of a line in seconds, never negative; None for anything else."""
    try:
        value = float(text or "") * unit
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None
