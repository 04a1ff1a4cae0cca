"""A call flow as frozen values: what a caller may meet, and where each key leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Again = Literal["never", "language", "always"]
SpeechKind = Literal["number", "digits", "ticket_code", "moment", "day", "time", "duration"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Say a value that was keyed in, or that a look-up or the calendar gave, e.g. `value="code"`."""

    value: str
    kind: SpeechKind


@dataclass(frozen=True, slots=True)
class Picked:
    """Say the prompt `<prefix><value>` when the value is one of `among`, else the prompt `otherwise`."""

    prefix: str
    value: str
    among: tuple[str, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Given:
    """Say `say` only if the value is known."""

    value: str
    say: tuple[Phrase, ...]


Phrase = str | Spoken | Picked | Given
"""A prompt's id, or speech made from a value. Speech whose value is not known is left out."""


@dataclass(frozen=True, slots=True)
class SayNode:
    """Speech that goes before whatever comes next; keys work meanwhile if that is a menu. `again`: is it said again
    when the caller has the menu after it repeated (`always`), changes the language (`language`), or `never`?"""

    say: tuple[Phrase, ...]
    next: str
    again: Again = "never"
    served: bool = False
    """From here on the caller has what he called for."""


@dataclass(frozen=True, slots=True)
class MenuNode:
    """One key out of `keys`, each with the node that it leads to. 0, 9, * and # mean the same in every menu."""

    say: tuple[Phrase, ...]
    keys: Mapping[str, str]
    silence: tuple[Phrase, ...]
    """Said before the menu is repeated because nothing was pressed; `mistake` when a wrong key was."""
    mistake: tuple[Phrase, ...]
    timeout_s: float = 6.0


@dataclass(frozen=True, slots=True)
class AskNode:
    """Digits to be keyed in, and a question to the house that must be answered `found` before the caller goes on.

    `not_found` and `invalid` are the caller's mistakes, said with those phrases and asked again; `limited` and
    `unavailable` are nodes."""

    say: tuple[Phrase, ...]
    digits: int
    look_up: str
    value: str
    """The name under which the digits are kept, and of the look-up's argument."""
    found: str
    limited: str
    unavailable: str
    silence: tuple[Phrase, ...]
    mistake: tuple[Phrase, ...]
    not_found: tuple[Phrase, ...]
    invalid: tuple[Phrase, ...]
    first_timeout_s: float = 8.0
    next_timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class HoursNode:
    """`opens_at` is known afterwards if the calendar could tell."""

    calendar: str
    open: str
    closed: str


@dataclass(frozen=True, slots=True)
class QueueNode:
    """`reason` "": as the caller came here (operator, no_input, not_understood, limited, unavailable)."""

    queue: str
    reason: str = ""
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


EndNode = QueueNode | MessageNode | HangUpNode
InputNode = MenuNode | AskNode
Node = SayNode | MenuNode | AskNode | HoursNode | QueueNode | MessageNode | HangUpNode


@dataclass(frozen=True, slots=True)
class Scenario:
    """Keys pressed, one entry for each time input is asked, and what must come of it.

    `look_ups` are the house's answers in order: a status, or `found` with a ticket's state as `found:new`."""

    name: str
    keys: tuple[str, ...]
    expect: Mapping[str, str]
    hears: tuple[str, ...] = ()
    """Prompts that must be heard, in this order, others in between allowed."""
    closed: bool = False
    look_ups: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """`human` is the node for key 0 and for whoever cannot be understood. `version` is a digest of the file.
    `lines` tells where in the file each node begins; `labels` a node's name for people, in vi and en."""

    name: str
    version: str
    start: str
    human: str
    nodes: Mapping[str, Node]
    lines: Mapping[str, int]
    scenarios: tuple[Scenario, ...] = ()
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
