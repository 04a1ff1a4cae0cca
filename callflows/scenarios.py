"""Plays a flow's scenarios through the engine, without telephone, clock or database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from callflows.engine import run
from callflows.model import Flow, Scenario
from callflows.steps import (
    AskHours,
    CallerGone,
    Collect,
    Ended,
    Found,
    HangUp,
    Hours,
    Keys,
    LookUp,
    Outcome,
    Reply,
    Route,
    Say,
    Step,
    TakeMessage,
)

HANGUP = "hangup"
"""A scenario's key for a caller who hangs up."""
OPENS_AT = datetime(2026, 11, 16, 7, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Played:
    outcome: Outcome
    heard: tuple[str, ...]
    """Prompt ids in order."""


class ScenarioError(Exception):
    """The flow asked for more keys or look-ups than the scenario has."""


def play(flow: Flow, scenario: Scenario) -> Played:
    """Raises `ScenarioError` when the scenario runs out of keys."""
    engine, heard = run(flow), list[str]()
    keys, look_ups = iter(scenario.keys), iter(scenario.look_ups)
    try:
        step = next(engine)
        while True:
            if isinstance(step, Say | Collect):
                heard += step.prompts
            try:
                reply = _reply(step, keys, look_ups, closed=scenario.closed)
            except CallerGone as gone:
                step = engine.throw(gone)
            else:
                step = engine.send(reply)
    except StopIteration as stop:
        outcome: Outcome = stop.value
        if isinstance(outcome.ending, HangUp):
            heard += outcome.ending.prompts
        return Played(outcome, tuple(heard))


def _reply(step: Step, keys: Iterator[str | None], look_ups: Iterator[str], *, closed: bool) -> Reply:
    if isinstance(step, Collect):
        return _pressed(step, keys)
    if isinstance(step, AskHours):
        return Hours(False, OPENS_AT) if closed else Hours(True)
    if isinstance(step, LookUp):
        status = next(look_ups, None)
        if status is None:
            raise ScenarioError(f"{step.node}: the scenario has no answer for this look-up")
        return Found(status, {"state": "new"} if status == "found" else {})  # type: ignore[arg-type]
    return None


def _pressed(step: Collect, keys: Iterator[str | None]) -> Keys:
    try:
        key = next(keys)
    except StopIteration:
        raise ScenarioError(f"{step.node}: the scenario has no key for this input") from None
    if key == HANGUP:
        raise CallerGone
    if key is None:
        return Keys("", timed_out=True)
    return Keys("") if key == "#" and step.max_digits > 1 else Keys(key)


def describe(outcome: Outcome) -> dict[str, str]:
    """The outcome as a scenario's `expect` names it."""
    told = {"language": outcome.language}
    match outcome.ending:
        case Route(queue, reason, priority):
            return told | {"ending": "route", "queue": queue, "reason": reason, "priority": str(priority)}
        case TakeMessage(reason):
            return told | {"ending": "message", "reason": reason}
        case HangUp(kind, reason, _):
            return told | {"ending": "hang_up", "outcome": kind, "reason": reason}
        case Ended(served):
            return told | {"ending": "ended", "served": str(served)}


def failures(flow: Flow) -> list[str]:
    """What the flow's own scenarios find wrong, each naming line and scenario."""
    found = []
    for scenario in flow.scenarios:
        where = f"line {scenario.line}: scenario {scenario.name!r}"
        try:
            told = describe(play(flow, scenario).outcome)
        except ScenarioError as error:
            found.append(f"{where}: {error}")
            continue
        found += [
            f"{where}: expected {key} {value!r}, got {told.get(key)!r}"
            for key, value in scenario.expect.items()
            if told.get(key) != value
        ]
    return found
