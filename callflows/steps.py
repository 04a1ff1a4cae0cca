"""What the engine asks of whoever carries a conversation, and what it is told back.

The engine (a generator) yields one step at a time and is sent the matching reply; it ends by returning an ending.
A phone call (`ivr.dialogue`), a rehearsal and a chat drive it in the same way. A carrier whose caller has gone throws
`CallerGone` into the generator, which then returns `Ended`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Language = Literal["vi", "en"]


class CallerGone(Exception):
    """The caller hung up; thrown into the engine by its carrier."""


@dataclass(frozen=True, slots=True)
class Say:
    """Play prompts to the end; keys pressed meanwhile are ignored. Reply: None."""

    node: str
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collect:
    """Play prompts and read keys; the first key stops the prompts. Reply: `Keys`.

    With `max_digits` 1 every key, `*` and `#` included, is an answer. With more, `#` ends the input and is not part
    of it, while `*` is.
    """

    node: str
    prompts: tuple[str, ...]
    max_digits: int = 1
    first_timeout_s: float = 5.0
    next_timeout_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Keys:
    """`pressed` is "" when nothing was pressed in time (`timed_out`) or only `#` was (not `timed_out`)."""

    pressed: str
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class UseLanguage:
    """From here on prompts are played in this language. Reply: None."""

    language: Language


@dataclass(frozen=True, slots=True)
class AskHours:
    """Is the service open now? Reply: `Hours`."""

    node: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Hours:
    open: bool
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the house a question. Reply: `Found`. Kinds: "ticket" (arguments: code)."""

    node: str
    kind: str
    arguments: Mapping[str, str] = field(default_factory=dict)


Status = Literal["found", "not_found", "invalid", "limited", "unavailable"]
"""`invalid`: the check digit is wrong; `limited`: too many tries; `unavailable`: our fault."""


@dataclass(frozen=True, slots=True)
class Found:
    status: Status
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Served:
    """The caller got what the menu can give: hanging up from here on is `self_served`. Reply: None."""

    node: str


Step = Say | Collect | UseLanguage | AskHours | LookUp | Served
Reply = Keys | Hours | Found | None


@dataclass(frozen=True, slots=True)
class Route:
    """To a queue of operators. `reason` is why, e.g. "report" or "no_input"."""

    queue: str
    reason: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Record a message; it becomes a ticket."""

    reason: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """Say good-bye with `prompts` and end. `outcome` as in the ledger: self_served or rejected."""

    outcome: Literal["self_served", "rejected"]
    reason: str
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """The caller hung up in the menu."""

    served: bool


Ending = Route | TakeMessage | HangUp | Ended


@dataclass(frozen=True, slots=True)
class Visit:
    """One node that the caller passed, with the key that led on ("" when none did)."""

    node: str
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the menu ended: `path` is the nodes passed in order, with their keys."""

    ending: Ending
    language: Language
    path: tuple[Visit, ...]
    flow: str
    flow_version: str
