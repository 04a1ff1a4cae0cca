"""What goes on in the call centre right now: `apply(event)` and `tick(now)` give the changes to be published. Pure.

Applying an event again, or an old one late, changes nothing. A snapshot replaces what the exchange knows and keeps what
only we know: the calls that operators have on their desks, wrap-up, languages and reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from callcenter.calls import events as ev
from callcenter.calls import shown
from callcenter.calls.callers import Callers
from callcenter.calls.shown import Change, Pop, Standing

COMPLETION_GRACE = timedelta(seconds=2)
"""How long after its call is gone a talk may still be reported as completed; the exchange says both in any order."""
LINK = "ami"


@dataclass(slots=True)
class _Desk:
    """An operator. `heard_at` is the latest event that changed his pop; earlier ones come too late."""

    pop: Pop | None = None
    wrapup_until: datetime | None = None
    heard_at: datetime | None = None
    members: dict[tuple[str, str], ev.Member] = field(default_factory=dict)
    now: Standing = field(default_factory=lambda: Standing("offline"))
    since: datetime | None = None

    def late(self, at: datetime) -> bool:
        return self.heard_at is not None and at < self.heard_at

    def put(self, pop: Pop | None, at: datetime, wrapup_until: datetime | None = None) -> None:
        self.pop, self.heard_at, self.wrapup_until = pop, at, wrapup_until


class Live:
    """`names` are the operators to show even when they are offline: login → name. Not thread-safe."""

    def __init__(self, names: Mapping[str, str], stale_since: datetime | None = None) -> None:
        self._names = dict(names)
        self._stale_since = stale_since
        self._callers = Callers()
        self._registered: set[str] = set()
        self._desks: dict[str, _Desk] = {login: _Desk() for login in names}
        self._published: dict[tuple[shown.Kind, str], shown.Value] = {}
        self._changes()

    def state(self) -> dict[str, Any]:
        """`{"queues": {name: …}, "operators": {login: …}, "stale_since": …}`; nobody's pop is in it."""
        of_kind = {
            kind: {key: value for (k, key), value in self._published.items() if k == kind}
            for kind in ("queue", "operator")
        }
        link = shown.link_value(self._stale_since)
        return {"queues": of_kind["queue"], "operators": of_kind["operator"], **link}

    def pop(self, login: str) -> shown.Value | None:
        return self._published.get(("pop", login))

    def rename(self, names: Mapping[str, str]) -> list[Change]:
        """Other operators are to be shown from now on."""
        self._names = dict(names)
        for login in names:
            self._desk(login)
        return self._changes()

    def tick(self, now: datetime) -> list[Change]:
        """Ends the wrap-ups whose time is over."""
        for login, desk in self._desks.items():
            if desk.wrapup_until is not None and desk.wrapup_until <= now:
                over = desk.wrapup_until
                desk.put(None, over)
                self._settle(login, over)
        return self._changes()

    def apply(self, event: ev.LiveEvent) -> list[Change]:
        match event:
            case ev.CallerJoined():
                if caller := self._callers.join(event):
                    self._know(caller)
            case ev.CallerLeft():
                self._callers.leave(event.linkedid, event.at)
                if event.abandoned:
                    self._stop_ringing(event.linkedid, event.at)
            case ev.OperatorRung() | ev.OperatorMissed() | ev.OperatorConnected() | ev.OperatorCompleted():
                self._operator(event)
            case ev.MemberChanged(_, member):
                self._callers.waiting.setdefault(member.queue, [])
                self._desk(member.login).members[member.queue, member.interface] = member
            case ev.MemberRemoved():
                self._desk(event.login).members.pop((event.queue, event.interface), None)
            case ev.PhoneChanged(_, endpoint, registered):
                (self._registered.add if registered else self._registered.discard)(endpoint)
            case ev.CallVanished():
                self._vanish(event.linkedid, event.at)
            case ev.Snapshot():
                self._replace(event)
            case ev.LinkLost():
                self._stale_since = self._stale_since or event.at
        for login in self._desks:
            self._settle(login, event.at)
        return self._changes()

    # --- callers ----------------------------------------------------------------------------------------------------

    def _know(self, caller: ev.Caller) -> None:
        for desk in self._having(caller.linkedid):
            if desk.pop and desk.pop.caller is None:
                desk.pop = replace(desk.pop, caller=caller)

    def _stop_ringing(self, linkedid: str, at: datetime) -> None:
        for desk in self._having(linkedid):
            if desk.pop and desk.pop.state == "ringing":
                desk.put(None, at)

    def _vanish(self, linkedid: str, at: datetime) -> None:
        self._callers.vanish(linkedid, at)
        self._stop_ringing(linkedid, at)
        for desk in self._having(linkedid):
            if desk.pop and desk.pop.state == "talking":
                desk.put(replace(desk.pop, state="wrapup", ended_at=at), at, at + COMPLETION_GRACE)

    # --- operators --------------------------------------------------------------------------------------------------

    def _desk(self, login: str) -> _Desk:
        return self._desks.setdefault(login, _Desk())

    def _having(self, linkedid: str) -> Iterator[_Desk]:
        return (desk for desk in self._desks.values() if desk.pop and desk.pop.linkedid == linkedid)

    def _operator(
        self, event: ev.OperatorRung | ev.OperatorMissed | ev.OperatorConnected | ev.OperatorCompleted
    ) -> None:
        desk = self._desk(event.login)
        if desk.late(event.at):
            return
        same = desk.pop if desk.pop and desk.pop.linkedid == event.linkedid else None
        match event:
            case ev.OperatorRung():
                if not self._callers.gone(event.linkedid) and not (same and same.state == "ringing"):
                    desk.put(self._new_pop(event), event.at)
            case ev.OperatorMissed():
                if same and same.state == "ringing":
                    desk.put(None, event.at)
            case ev.OperatorConnected():
                self._connect(desk, same or self._new_pop(event), event.at)
            case ev.OperatorCompleted():
                if same or desk.pop is None:
                    self._complete(desk, same or self._new_pop(event), event)

    def _new_pop(self, event: ev.OperatorRung | ev.OperatorConnected | ev.OperatorCompleted) -> Pop:
        return Pop(event.linkedid, event.queue, "ringing", self._callers.known.get(event.linkedid), event.at)

    def _connect(self, desk: _Desk, pop: Pop, at: datetime) -> None:
        self._callers.leave(pop.linkedid, at)
        if pop.state != "talking":
            desk.put(replace(pop, state="talking", connected_at=at, ended_at=None), at)
        self._stop_ringing(pop.linkedid, at)

    def _complete(self, desk: _Desk, pop: Pop, event: ev.OperatorCompleted) -> None:
        if event.wrapup_s <= 0:
            desk.put(None, event.at)
            return
        ended = replace(pop, state="wrapup", ended_at=pop.ended_at or event.at)
        desk.put(ended, event.at, event.at + timedelta(seconds=event.wrapup_s))

    def _settle(self, login: str, at: datetime) -> None:
        desk = self._desks[login]
        now = shown.standing(desk.pop, tuple(desk.members.values()))
        if now != desk.now:
            desk.now, desk.since = now, at

    # --- the whole --------------------------------------------------------------------------------------------------

    def _replace(self, snapshot: ev.Snapshot) -> None:
        self._stale_since = None
        self._registered = set(snapshot.registered)
        self._callers.replace(snapshot)
        for desk in self._desks.values():
            desk.members = {}
        for member in snapshot.members:
            self._desk(member.login).members[member.queue, member.interface] = member
        for caller in self._callers.known.values():
            self._know(caller)
        for desk in self._desks.values():
            self._reconcile(desk, snapshot)

    def _reconcile(self, desk: _Desk, snapshot: ev.Snapshot) -> None:
        pop = desk.pop
        if pop is None or pop.state == "wrapup":
            return
        talks = any(member.in_call for member in desk.members.values())
        idle = all(member.device in ("idle", "unavailable") for member in desk.members.values())
        if pop.linkedid not in snapshot.linkedids:
            self._vanish(pop.linkedid, snapshot.at)
        elif pop.state == "ringing" and talks and not self._callers.waits(pop.linkedid):
            desk.put(replace(pop, state="talking", connected_at=snapshot.at), snapshot.at)
        elif desk.members and idle and not talks:
            desk.put(None, snapshot.at)

    def _changes(self) -> list[Change]:
        current = dict(self._current())
        changes = [
            Change(kind, key, value)
            for (kind, key), value in current.items()
            if self._published.get((kind, key)) != value
        ]
        changes += [Change(kind, key, None) for kind, key in self._published if (kind, key) not in current]
        self._published = current
        return changes

    def _current(self) -> Iterator[tuple[tuple[shown.Kind, str], shown.Value]]:
        yield ("link", LINK), shown.link_value(self._stale_since)
        for login, desk in self._desks.items():
            if desk.pop:
                yield ("pop", login), shown.pop_value(desk.pop)
        serving: dict[str, set[str]] = {name: set() for name in self._callers.waiting}
        for login, desk in self._desks.items():
            queues = sorted({queue for queue, _ in desk.members})
            for queue in queues:
                serving.setdefault(queue, set()).add(login)
            if login in self._names or queues:
                name, phone = self._names.get(login, login), self._phone(login, desk)
                yield ("operator", login), shown.operator_value(login, name, desk.now, desk.since, phone, queues)
        for queue, logins in serving.items():
            ready = sum(self._desks[login].now.state == "ready" for login in logins)
            waiting = self._callers.waiting.get(queue, [])
            yield ("queue", queue), shown.queue_value(queue, waiting, len(logins), ready)

    def _phone(self, login: str, desk: _Desk) -> str | None:
        endpoints = {interface.rpartition("/")[2] for _, interface in desk.members} or self._registered
        if login in endpoints:
            return "desk"
        return "browser" if f"{login}-web" in endpoints else None
