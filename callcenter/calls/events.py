"""What happens on the exchange, as values. Two families:

* live events come from AMI, fast and lossy: they drive what people see (`live`);
* journal events come from the exchange's files (CEL and queue_log), complete: the `ledger` is folded from them.

All times are aware datetimes in UTC. `interface` is a queue member such as `PJSIP/op1`; `linkedid` names a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# --- live -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caller:
    """A waiting caller. `number` is as the carrier gave it (may be "" or anonymous), not yet normalised."""

    linkedid: str
    queue: str
    number: str
    name: str
    language: str
    reason: str
    position: int
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class CallerJoined:
    at: datetime
    caller: Caller


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """Left the queue: to an operator, by hanging up (`abandoned`), or because the queue let him go."""

    at: datetime
    linkedid: str
    queue: str
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class OperatorRung:
    at: datetime
    linkedid: str
    queue: str
    interface: str
    login: str


@dataclass(frozen=True, slots=True)
class OperatorMissed:
    """Rang out, refused or was not reachable."""

    at: datetime
    linkedid: str
    queue: str
    interface: str
    login: str


@dataclass(frozen=True, slots=True)
class OperatorConnected:
    at: datetime
    linkedid: str
    queue: str
    interface: str
    login: str


@dataclass(frozen=True, slots=True)
class OperatorCompleted:
    """The talk is over; `wrapup_s` seconds of wrap-up begin."""

    at: datetime
    linkedid: str
    queue: str
    interface: str
    login: str
    wrapup_s: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A phone in one queue."""

    queue: str
    interface: str
    login: str
    penalty: int
    paused: bool
    pause_reason: str
    device: Literal["idle", "ringing", "in_use", "on_hold", "unavailable", "unknown"]
    in_call: bool


@dataclass(frozen=True, slots=True)
class MemberChanged:
    at: datetime
    member: Member


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    at: datetime
    queue: str
    interface: str
    login: str


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """A phone registered or went away; `endpoint` is op1 (desk) or op1-web (browser)."""

    at: datetime
    endpoint: str
    registered: bool


@dataclass(frozen=True, slots=True)
class CallVanished:
    """The channel of this call is gone (hang-up of its first channel)."""

    at: datetime
    linkedid: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The exchange as it is, taken after a (re)connection and every minute. `linkedids` are the calls that exist."""

    at: datetime
    queues: tuple[str, ...]
    members: tuple[Member, ...]
    callers: tuple[Caller, ...]
    linkedids: frozenset[str]
    registered: frozenset[str]


@dataclass(frozen=True, slots=True)
class LinkLost:
    """AMI is gone: what is shown is stale since `at`."""

    at: datetime


LiveEvent = (
    CallerJoined
    | CallerLeft
    | OperatorRung
    | OperatorMissed
    | OperatorConnected
    | OperatorCompleted
    | MemberChanged
    | MemberRemoved
    | PhoneChanged
    | CallVanished
    | Snapshot
    | LinkLost
)

# --- journal ----------------------------------------------------------------------------------------------------------

JournalKind = Literal[
    "started",  # a channel of the call began: channel, number, name, dialled
    "answered",  # a channel was answered: channel
    "hung_up",  # a channel ended: channel, cause
    "bridged",  # a channel entered a bridge: channel
    "unbridged",  # and left it: channel
    "queue_entered",  # queue, number
    "queue_rung_out",  # queue, login, ms
    "queue_connected",  # queue, login, wait_s, ring_s
    "queue_completed",  # queue, login, wait_s, talk_s, by (operator|caller)
    "queue_abandoned",  # queue, wait_s, position
    "queue_left",  # queue, why (timeout|empty|full|key), wait_s
    "mark",  # a CEL user event of the dialplan: name plus its key=value pairs (see ivr.variables)
    "ended",  # every channel of the call is gone (CEL LINKEDID_END)
    "exchange_started",  # no linkedid: calls that were open before are lost (queue_log QUEUESTART)
]


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """One line of the exchange's files. `source` and `position` (file identity and byte offset) make it unique, so
    that reading a file twice adds nothing. queue_log times have whole seconds only."""

    linkedid: str
    at: datetime
    kind: JournalKind
    data: dict[str, str]
    source: str
    position: int
