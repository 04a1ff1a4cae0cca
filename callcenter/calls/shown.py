"""What browsers are told of callers, operators and calls: the shapes of the live stream. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from callcenter.calls.events import Caller, Member
from callcenter.phones import Number, mask, normalise, show

Kind = Literal["queue", "operator", "pop", "link"]
Value = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """`value` replaces the whole object `key` of this kind; None: it is gone. A pop's key is the login of the one
    operator who may see it; a link's key is "ami"."""

    kind: Kind
    key: str
    value: Value | None


@dataclass(frozen=True, slots=True)
class Pop:
    """The call that an operator is rung for, has, or writes up. `caller` is None if nobody told who it is."""

    linkedid: str
    queue: str
    state: Literal["ringing", "talking", "wrapup"]
    caller: Caller | None
    rung_at: datetime
    connected_at: datetime | None = None
    ended_at: datetime | None = None


State = Literal["ready", "ringing", "talking", "wrapup", "paused", "offline"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an operator is doing. `linkedid` is None unless it is known which call it is about."""

    state: State
    reason: str = ""
    linkedid: str | None = None


def standing(pop: Pop | None, members: Sequence[Member]) -> Standing:
    """The operator's state: what is known of the call first, then what the phones in the queues say."""
    if pop is not None:
        return Standing(pop.state, "", pop.linkedid)
    devices = {member.device for member in members}
    if any(member.in_call for member in members) or devices & {"in_use", "on_hold"}:
        return Standing("talking")
    if "ringing" in devices:
        return Standing("ringing")
    reachable = [member for member in members if member.device != "unavailable"]
    if not reachable:
        return Standing("offline")
    if all(member.paused for member in reachable):
        return Standing("paused", reachable[0].pause_reason)
    return Standing("ready")


def queue_value(name: str, waiting: Iterable[Caller], members: int, ready: int) -> Value:
    callers = [
        {
            "linkedid": caller.linkedid,
            "number": mask(_number(caller.number).e164),
            "reason": caller.reason,
            "language": caller.language,
            "position": position,
            "joined_at": _iso(caller.joined_at),
        }
        for position, caller in enumerate(waiting, 1)
    ]
    return {"name": name, "waiting": callers, "members": members, "ready": ready}


def operator_value(
    login: str, name: str, now: Standing, since: datetime | None, phone: str | None, queues: list[str]
) -> Value:
    return {
        "login": login,
        "name": name,
        "state": now.state,
        "since": _iso(since),
        "reason": now.reason,
        "phone": phone,
        "linkedid": now.linkedid,
        "queues": queues,
    }


def pop_value(pop: Pop) -> Value:
    """With the full number: only the operator who is rung for this call gets it."""
    number = _number(pop.caller.number if pop.caller else "")
    return {
        "linkedid": pop.linkedid,
        "number": number.e164,
        "number_shown": show(number.e164) or ("" if number.kind == "anonymous" else number.raw[:40]),
        "language": pop.caller.language if pop.caller else "",
        "reason": pop.caller.reason if pop.caller else "",
        "queue": pop.queue,
        "joined_at": _iso(pop.caller.joined_at if pop.caller else None),
        "rung_at": _iso(pop.rung_at),
        "connected_at": _iso(pop.connected_at),
        "ended_at": _iso(pop.ended_at),
        "state": pop.state,
    }


def link_value(stale_since: datetime | None) -> Value:
    return {"stale_since": _iso(stale_since)}


@lru_cache(maxsize=4096)
def _number(raw: str) -> Number:
    return normalise(raw)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
