"""Plays a flow's scenarios through the engine, without telephone, clock or database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args
from zoneinfo import ZoneInfo

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
    Status,
    Step,
    TakeMessage,
)

TIMEOUT, HANGUP = "timeout", "hangup"
"""A scenario's keys for a caller who presses nothing, and for one who hangs up."""
OPENS_AT = datetime(2026, 11, 25, 7, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
"""When a closed service opens again, in scenarios."""
_STATUSES = get_args(Status)


@dataclass(frozen=True, slots=True)
class Played:
    """`heard` are the prompts in order, `steps` what the engine asked for."""

    outcome: Outcome
    heard: tuple[str, ...]
    steps: tuple[Step, ...]


class ScenarioError(Exception):
    """The flow asked for more keys or look-ups than the scenario has, or the scenario cannot be played."""

    code = "scenario_invalid"


def play(flow: Flow, scenario: Scenario) -> Played:
    """Raises `ScenarioError`."""
    engine, steps = run(flow), list[Step]()
    keys, look_ups = iter(scenario.keys), iter(scenario.look_ups)
    try:
        step = next(engine)
        while True:
            steps.append(step)
            try:
                reply = _reply(step, keys, look_ups, closed=scenario.closed)
            except CallerGone as gone:
                step = engine.throw(gone)
            else:
                step = engine.send(reply)
    except StopIteration as stop:
        outcome: Outcome = stop.value
    heard = [prompt for step in steps if isinstance(step, Say | Collect) for prompt in step.prompts]
    heard += outcome.ending.prompts if isinstance(outcome.ending, HangUp) else ()
    left = [*keys, *look_ups]
    if left:
        raise ScenarioError(f"the call ended before {', '.join(left)}")
    return Played(outcome, tuple(heard), tuple(steps))


def _reply(step: Step, keys: Iterator[str], look_ups: Iterator[str], *, closed: bool) -> Reply:
    match step:
        case Collect():
            return _pressed(step, keys)
        case AskHours():
            return Hours(False, OPENS_AT) if closed else Hours(True)
        case LookUp():
            status, _, state = next(look_ups, "").partition(":")
            if status not in _STATUSES:
                raise ScenarioError(f"{step.node} looks up: the answer {status!r} is none of {', '.join(_STATUSES)}")
            data = {**step.arguments, "state": state or "new"} if status == "found" else {}
            return Found(cast(Status, status), data)
        case _:
            return None


def _pressed(step: Collect, keys: Iterator[str]) -> Keys:
    key = next(keys, None)
    if key is None:
        raise ScenarioError(f"{step.node} asks for keys, and the scenario has no more")
    if key == HANGUP:
        raise CallerGone
    if key == TIMEOUT:
        return Keys("", timed_out=True)
    if step.max_digits == 1:
        return Keys(key)
    pressed, hash_key, _ = key.partition("#")
    return Keys(pressed, timed_out=not hash_key and len(pressed) < step.max_digits)


def describe(outcome: Outcome) -> dict[str, str]:
    """The outcome as a scenario's `expect` names it: ending, language, path and what belongs to the ending."""
    path = " ".join(visit.node + (f":{visit.key}" if visit.key else "") for visit in outcome.path)
    told = {"language": outcome.language, "path": path}
    match outcome.ending:
        case Route(queue, reason, priority):
            return told | {"ending": "queue", "queue": queue, "reason": reason, "priority": str(priority)}
        case TakeMessage(reason):
            return told | {"ending": "message", "reason": reason}
        case HangUp(kind, reason, _):
            return told | {"ending": "hang_up", "outcome": kind, "reason": reason}
        case Ended(served):
            return told | {"ending": "caller_gone", "served": "true" if served else "false"}


def failures(flow: Flow) -> list[tuple[str, str, int]]:
    """What the flow's own scenarios find wrong: scenario, what is wrong, line."""
    found: list[tuple[str, str, int]] = []
    for scenario in flow.scenarios:
        try:
            wrong = differences(scenario, play(flow, scenario))
        except ScenarioError as error:
            wrong = [str(error)]
        found += [(f"scenario {scenario.name!r}", message, scenario.line) for message in wrong]
    return found


def differences(scenario: Scenario, played: Played) -> list[str]:
    """In what the call played out differently from what the scenario expects."""
    told = describe(played.outcome)
    wrong = [
        f"expected {name} {value!r}, got {told.get(name)!r}"
        for name, value in scenario.expect.items()
        if told.get(name) != value
    ]
    heard = iter(played.heard)
    missed = next((prompt for prompt in scenario.hears if prompt not in heard), None)
    return wrong if missed is None else [*wrong, f"the caller does not hear {missed!r} in its turn"]
