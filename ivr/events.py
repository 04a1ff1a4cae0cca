"""AMI messages → live events. Pure: one function a kind of message, and a table that names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from callcenter.calls.events import (
    Caller,
    CallerJoined,
    CallerLeft,
    CallVanished,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    OperatorCompleted,
    OperatorConnected,
    OperatorMissed,
    OperatorRung,
    PhoneChanged,
)

AmiMessage = Mapping[str, Any]
"""Header in lower case → value, or a list of values where a header came several times."""

Device = Literal["idle", "ringing", "in_use", "on_hold", "unavailable", "unknown"]
_DEVICES: Mapping[str, Device] = {
    "1": "idle",
    "2": "in_use",
    "3": "in_use",
    "4": "unavailable",
    "5": "unavailable",
    "6": "ringing",
    "7": "in_use",
    "8": "on_hold",
}
"""AST_DEVICE_… numbers (Asterisk's devicestate.h)."""


def translate(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    """The live events in one AMI message; none for what we have no use for."""
    handler = _HANDLERS.get(text(message, "event"))
    return handler(message, at) if handler else []


def text(message: AmiMessage, name: str) -> str:
    """A header's value; the last one where it came several times, "" where it did not come."""
    value = message.get(name, "")
    return str(value[-1] if isinstance(value, list) else value)


def number(message: AmiMessage, name: str) -> int:
    value = text(message, name)
    return int(value) if value.lstrip("-").isdecimal() else 0


def known(value: str) -> str:
    """Asterisk writes <unknown> for what it does not know."""
    return "" if value in ("<unknown>", "unknown") else value


def variables(message: AmiMessage) -> dict[str, str]:
    """The channel variables that came with an event (`ChanVariable: NAME=value`)."""
    given = message.get("chanvariable", [])
    pairs = (str(item).partition("=") for item in (given if isinstance(given, list) else [given]))
    return {name: value for name, _, value in pairs if name}


def caller(message: AmiMessage, joined_at: datetime) -> Caller:
    """A waiting caller out of QueueCallerJoin, or out of a snapshot's QueueEntry."""
    given = variables(message)
    return Caller(
        linkedid=text(message, "linkedid") or text(message, "uniqueid"),
        queue=text(message, "queue"),
        number=known(text(message, "calleridnum")),
        name=known(text(message, "calleridname")),
        language=given.get("HOTLINE_LANGUAGE", "") or known(text(message, "language")),
        reason=given.get("HOTLINE_REASON", ""),
        position=number(message, "position"),
        joined_at=joined_at,
    )


def member(message: AmiMessage) -> Member:
    """A member out of QueueMember… events, or out of a snapshot's QueueMember."""
    return Member(
        queue=text(message, "queue"),
        interface=text(message, "interface") or text(message, "location"),
        login=text(message, "membername") or text(message, "name"),
        penalty=number(message, "penalty"),
        paused=text(message, "paused") == "1",
        pause_reason=text(message, "pausedreason"),
        device=_DEVICES.get(text(message, "status"), "unknown"),
        in_call=text(message, "incall") == "1",
    )


def _joined(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    return [CallerJoined(at, caller(message, at))]


def _left(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    return [CallerLeft(at, text(message, "linkedid"), text(message, "queue"))]


def _abandoned(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    return [CallerLeft(at, text(message, "linkedid"), text(message, "queue"), abandoned=True)]


def _call(message: AmiMessage) -> dict[str, str]:
    return {
        "linkedid": text(message, "linkedid") or text(message, "destlinkedid"),
        "queue": text(message, "queue"),
        "interface": text(message, "interface"),
        "login": text(message, "membername"),
    }


def _rung(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    return [OperatorRung(at, **_call(message))]


def _missed(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    return [OperatorMissed(at, **_call(message))]


def _connected(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    return [OperatorConnected(at, **_call(message))]


def _completed(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    call = _call(message)
    return [OperatorCompleted(at, call["linkedid"], call["queue"], call["interface"], call["login"])]


def _member_changed(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    return [MemberChanged(at, member(message))]


def _member_removed(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    gone = member(message)
    return [MemberRemoved(at, gone.queue, gone.interface, gone.login)]


def _contact(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    status = text(message, "contactstatus")
    if status not in ("Created", "Reachable", "NonQualified", "Updated", "Removed", "Unreachable"):
        return []
    registered = status not in ("Removed", "Unreachable")
    return [PhoneChanged(at, text(message, "endpointname") or text(message, "aor"), registered)]


def _hangup(message: AmiMessage, at: datetime) -> list[LiveEvent]:
    first = text(message, "uniqueid") == text(message, "linkedid")
    return [CallVanished(at, text(message, "linkedid"))] if first else []


_HANDLERS: Mapping[str, Callable[[AmiMessage, datetime], list[LiveEvent]]] = {
    "QueueCallerJoin": _joined,
    "QueueCallerLeave": _left,
    "QueueCallerAbandon": _abandoned,
    "AgentCalled": _rung,
    "AgentRingNoAnswer": _missed,
    "AgentConnect": _connected,
    "AgentComplete": _completed,
    "QueueMemberAdded": _member_changed,
    "QueueMemberPause": _member_changed,
    "QueueMemberStatus": _member_changed,
    "QueueMemberRemoved": _member_removed,
    "ContactStatus": _contact,
    "Hangup": _hangup,
}
