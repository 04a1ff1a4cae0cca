"""Carries the engine's steps out on a call, then tells the dialplan what comes next and lets go of the call."""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callflows.engine import run
from callflows.model import Flow
from callflows.steps import (
    AskHours,
    CallerGone,
    Collect,
    Ended,
    Ending,
    Found,
    HangUp,
    Hours,
    Keys,
    Language,
    LookUp,
    Outcome,
    Reply,
    Route,
    Say,
    Served,
    Step,
    TakeMessage,
    UseLanguage,
)
from ivr import variables
from ivr.agi import Agi, CallerHungUp
from ivr.house import CallFacts

log = logging.getLogger(__name__)

WATCHDOG_S = 45
"""Renewed before each step, plus the time that its keys may take. If we fall silent for longer, the exchange takes
the caller back. A step's speech is at most 25 s by the gate's estimate; a recorded voice may be slower."""
LOOK_UP_S = 12
"""The same while we ask the database, with the caller in silence: a little more than it may keep us waiting."""
CEILING_S = 600
"""A caller who is still in the menu after this is taken to an operator."""


class Answers(Protocol):
    """What a dialogue asks of the house (`ivr.house.House`)."""

    def hours(self) -> Hours: ...
    def look_up(self, kind: str, arguments: dict[str, str], call: CallFacts) -> Found: ...
    def note(self, call: CallFacts, outcome: Outcome, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Menus:
    """The FastAGI handler of `menu`. `overtime_queue` is where a caller goes who is in the menu too long."""

    flow: Flow
    answers: Answers
    clock: Callable[[], datetime]
    overtime_queue: str = "assistance"
    monotonic: Callable[[], float] = time.monotonic

    def __call__(self, agi: Agi) -> None:
        call = CallFacts(
            linkedid=agi.env.get("agi_arg_1") or agi.env.get("agi_uniqueid", ""),
            number=_known(agi.env.get("agi_callerid", "")),
            dialled=_known(agi.env.get("agi_dnid", "")) or agi.env.get("agi_extension", ""),
            at=self.clock(),
        )
        outcome = self._drive(agi, call)
        try:
            if not isinstance(outcome.ending, Ended):
                self._hand_over(agi, outcome)
        finally:
            self.answers.note(call, outcome, _reason(outcome.ending))

    def _drive(self, agi: Agi, call: CallFacts) -> Outcome:
        engine = run(self.flow)
        limit = self.monotonic() + CEILING_S
        language: Language = "vi"
        try:
            step = next(engine)
            while True:
                if isinstance(step, UseLanguage):
                    language = step.language
                if self.monotonic() > limit:
                    ending = Route(self.overtime_queue, "overtime")
                    return Outcome(ending, language, (), self.flow.name, self.flow.version)
                try:
                    reply = self._carry(agi, call, step)
                except CallerHungUp:
                    step = engine.throw(CallerGone())
                else:
                    step = engine.send(reply)
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    def _carry(self, agi: Agi, call: CallFacts, step: Step) -> Reply:
        match step:
            case Collect():
                return _collect(agi, step)
            case Say():
                _renew(agi, WATCHDOG_S)
                agi.play(_files(step.prompts))
            case UseLanguage():
                agi.set("CHANNEL(language)", step.language)
            case AskHours():
                return self.answers.hours()
            case LookUp():
                _renew(agi, LOOK_UP_S)
                return self.answers.look_up(step.kind, dict(step.arguments), call)
            case Served():
                agi.set(variables.SERVED, "1")
        return None

    def _hand_over(self, agi: Agi, outcome: Outcome) -> None:
        ending = outcome.ending
        values = {variables.LANGUAGE: outcome.language, variables.REASON: _token(_reason(ending))}
        match ending:
            case Route():
                values |= {variables.NEXT: "queue", variables.QUEUE: _token(ending.queue)}
                values |= {variables.PRIORITY: str(ending.priority)}
            case TakeMessage():
                values |= {variables.NEXT: "message"}
            case HangUp():
                _renew(agi, WATCHDOG_S)
                agi.play(_files(ending.prompts))
                values |= {variables.NEXT: "hangup", variables.OUTCOME: ending.outcome}
        agi.set_many(values | {variables.DONE: "1"})


def _collect(agi: Agi, step: Collect) -> Keys:
    """Read has one time-out for the first key and the next; a lone `#` comes back as nothing without time-out."""
    timeout = max(step.first_timeout_s, step.next_timeout_s) if step.max_digits > 1 else step.first_timeout_s
    _renew(agi, WATCHDOG_S + math.ceil(timeout * step.max_digits))
    pressed, timed_out = agi.collect(_files(step.prompts), timeout, step.max_digits)
    if step.max_digits == 1 and not pressed and not timed_out:
        pressed = "#"
    return Keys(pressed, timed_out)


def _renew(agi: Agi, seconds: int) -> None:
    agi.set("TIMEOUT(absolute)", str(seconds))


def _files(prompts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"hotline/{prompt}" for prompt in prompts)


def _known(value: str) -> str:
    return "" if value == "unknown" else value


def _token(text: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", text.lower())


def _reason(ending: Ending) -> str:
    return "" if isinstance(ending, Ended) else ending.reason
