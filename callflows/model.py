"""A call flow as frozen values: what a caller may meet, and where each key leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SpeechKind = Literal["number", "digits", "ticket_code", "day", "time"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Say a value that a look-up or the calendar gave, e.g. `value="code"`, `kind="ticket_code"`."""

    value: str
    kind: SpeechKind


@dataclass(frozen=True, slots=True)
class Picked:
    """Say the prompt named by `prefix` and a value, e.g. `ticket_state_` and `state`."""

    prefix: str
    value: str


Phrase = str | Spoken | Picked
"""A prompt's id, or speech made from a value. Phrases whose value is missing are left out."""


@dataclass(frozen=True, slots=True)
class SayNode:
    say: tuple[Phrase, ...]
    next: str


@dataclass(frozen=True, slots=True)
class MenuNode:
    """One key out of `keys`; 0, 9 and * mean what they mean everywhere unless `keys` has them."""

    say: tuple[Phrase, ...]
    keys: Mapping[str, str]
    timeout_s: float = 6.0
    on_silence: str = ""
    """Where three silences lead when not to the operator (used where the caller was served already)."""


@dataclass(frozen=True, slots=True)
class DigitsNode:
    """Exactly `length` digits, kept under `store`; too few or none is a mistake."""

    say: tuple[Phrase, ...]
    length: int
    store: str
    next: str
    first_timeout_s: float = 8.0
    next_timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class HoursNode:
    calendar: str
    open: str
    closed: str


@dataclass(frozen=True, slots=True)
class LookUpNode:
    """`then` leads by status; a status that leads back to a digits node counts there as a mistake, after `say`."""

    kind: str
    arguments: Mapping[str, str]
    then: Mapping[str, str]
    say: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServedNode:
    next: str


@dataclass(frozen=True, slots=True)
class QueueNode:
    queue: str
    reason: str
    priority: int = 0
    say: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageNode:
    reason: str
    say: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class HangUpNode:
    outcome: Literal["self_served", "rejected"]
    reason: str
    say: tuple[Phrase, ...] = ()


Node = SayNode | MenuNode | DigitsNode | HoursNode | LookUpNode | ServedNode | QueueNode | MessageNode | HangUpNode


@dataclass(frozen=True, slots=True)
class Scenario:
    """Keys pressed, one entry for each time input is asked (None: nothing), and what must come of it."""

    name: str
    keys: tuple[str | None, ...]
    expect: Mapping[str, str]
    closed: bool = False
    look_ups: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """`operator` is the node for key 0 and for whoever cannot be understood; `mistakes` the prompts said before a
    repetition, by what went wrong: silence, wrong_key, short; `labels` a node's name for people, in vi and en."""

    name: str
    version: str
    start: str
    operator: str
    nodes: Mapping[str, Node]
    mistakes: Mapping[str, str]
    scenarios: tuple[Scenario, ...] = ()
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
