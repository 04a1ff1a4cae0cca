"""One call, folded from the lines of the exchange's files, with exactly one outcome. Pure.

The lines come from two files: CEL (microseconds) and queue_log (whole seconds, rounded down), read independently, so
they may come in any order and more than once. A line of queue_log therefore happened within the second after its
time, and CEL's time of the same happening is taken where there is one.

Outcome of a call that has ended, the first that holds (CONTRACT "Outcomes"):

1. `answered`: an operator's phone was connected to the caller.
2. `message_left`: a message of more than 0 seconds was recorded.
3. `callback_requested`: the dialplan said so.
4. `abandoned`: was in a queue and nobody answered, whether he hung up or the queue let him go.
5. `failed`, `rejected`, `self_served`: the dialplan said so, in this order.
6. `failed`: the end was never written, or the menus were not to be had and nothing came of the call.
7. `rejected`: was to leave a message because it is closed, or no queue took him in (nobody is there: queue_log does
   not tell of it), and he left no message.
8. `ivr_hangup`: everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from callcenter.calls.events import JournalEvent
from callcenter.calls.facts import Facts, Outcome, number, seconds

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Leg:
    """One operator's part: rung in vain (`connected_at` is None), or talked until `ended_at` (None: not known yet)."""

    operator: str
    queue: str
    ring_s: float | None
    connected_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def talk_s(self) -> float | None:
        return None if self.connected_at is None else seconds(self.connected_at, self.ended_at)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What is known of a call. `outcome` is None while it lasts. `wait_s` runs from entering the first queue until
    an operator was connected or the caller left; `talk_s` adds up all operators' talk. `operator` is who talked
    first. `failure` tells why the call failed, or how our side was impaired although the caller was served."""

    linkedid: str
    started_at: datetime
    answered_at: datetime | None
    queued_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    caller_raw: str
    dialled: str
    language: str
    reason: str
    queue: str
    operator: str
    wait_s: float | None
    talk_s: float | None
    legs: tuple[Leg, ...]
    outcome: Outcome | None
    failure: str


def fold(events: Iterable[JournalEvent]) -> CallRecord:
    """The record of the one call that all `events` belong to. Raises ValueError only when there is no event.

    An `ended` line with the key `lost` was written by our side for a call whose end the exchange never wrote; it
    counts only as long as the exchange's own does not turn up.
    """
    facts = Facts(events)
    legs = _legs(facts)
    talks = [leg for leg in legs if leg.connected_at]
    connected_at = talks[0].connected_at if talks else None
    route = facts.last_of_marks("HOTLINE_ROUTE")
    record = CallRecord(
        linkedid=facts.events[0].linkedid,
        started_at=facts.start.at if facts.start else facts.events[0].at,
        answered_at=facts.answered_at(),
        queued_at=facts.queued_at,
        connected_at=connected_at,
        ended_at=facts.written_end,
        caller_raw=facts.caller(),
        dialled=facts.start.data.get("dialled", "") if facts.start else "",
        language=route.get("language", ""),
        reason=route.get("reason", ""),
        queue=facts.queue(),
        operator=talks[0].operator if talks else "",
        wait_s=facts.wait(connected_at, facts.written_end),
        talk_s=_talk(legs),
        legs=legs,
        outcome=facts.outcome() if facts.written_end else None,
        failure=facts.failure(),
    )
    if facts.lost is None:
        return record
    return close_lost(record, facts.lost.at, facts.lost.data["lost"], facts.by_evidence())


def close_lost(record: CallRecord, at: datetime, reason: str, known: Outcome | None = None) -> CallRecord:
    """The record of a call whose end was never written, closed by `at`: it failed for `reason`, unless its outcome was
    `known` by then or an operator had talked. How long he waited or talked to the end stays unknown. A closed record
    stays as it is."""
    if record.outcome is not None:
        return record
    outcome = known or ("answered" if record.connected_at else "failed")
    return replace(record, ended_at=at, outcome=outcome, failure=record.failure or reason)


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """`level` is None when no call counts. `short_abandoned` calls are part of `abandoned` and not of the level."""

    answered: int
    answered_in_time: int
    abandoned: int
    short_abandoned: int

    @property
    def level(self) -> float | None:
        counted = self.answered + self.abandoned - self.short_abandoned
        return self.answered_in_time / counted if counted else None


def service_level(rows: Iterable[tuple[str | None, float | None]], x_s: float, y_s: float) -> ServiceLevel:
    """Answered within `x_s` ÷ (answered + abandoned after more than `y_s`), of (outcome, wait in seconds) pairs.

    An unknown wait counts as 0 s. Other outcomes and calls that still last do not count (CONTRACT "Outcomes").
    """
    answered = in_time = abandoned = short = 0
    for outcome, wait_s in rows:
        wait = wait_s or 0.0
        if outcome == "answered":
            answered += 1
            in_time += wait <= x_s
        elif outcome == "abandoned":
            abandoned += 1
            short += wait <= y_s
    return ServiceLevel(answered, in_time, abandoned, short)


def _legs(facts: Facts) -> tuple[Leg, ...]:
    missed = [
        Leg(event.data.get("login", ""), event.data.get("queue", ""), number(event.data.get("ms"), 0.001))
        for event in facts.of("queue_rung_out")
    ]
    ends = [facts.exact(event, "unbridged") for event in facts.of("queue_completed")]
    talks = [
        Leg(
            event.data.get("login", ""),
            event.data.get("queue", ""),
            number(event.data.get("ring_s")),
            facts.exact(event, "bridged"),
            ends[index] if index < len(ends) else facts.written_end,
        )
        for index, event in enumerate(facts.connected)
    ]
    return (*missed, *talks)


def _talk(legs: Sequence[Leg]) -> float | None:
    talks = [leg.talk_s for leg in legs if leg.talk_s is not None]
    return round(sum(talks), 3) if talks else None
