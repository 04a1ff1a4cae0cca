"""What operators ask for (ready, paused, offline), and bringing the exchange in line with it.

The exchange is spoken to outside of any transaction: it may take seconds, and on SQLite a transaction holds up
every other writer, the menus among them. So these functions open short transactions of their own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from callcenter import people
from callcenter.calls.events import Member
from callcenter.errors import Invalid, NotFound, PhoneNotRegistered
from callcenter.phones import clean
from callcenter.queues import QUEUES, memberships
from callcenter.rights import WITH_PHONE
from callcenter.store import upsert
from callcenter.tables import OperatorState, Person, QueueMembership
from callcenter.telephony import Telephony

log = logging.getLogger(__name__)

STATES = ("ready", "paused", "offline")
_one_at_a_time = Lock()
"""Between telling the exchange and remembering it, nobody may bring the queues in line with what was wanted before."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`interface` is "" for an operator who has no phone in the queues."""

    login: str
    state: str
    reason: str
    interface: str
    penalties: Mapping[str, int] = field(default_factory=dict)


def set_state(
    sessions: sessionmaker[Session], telephony: Telephony, *, login: str, state: str, reason: str = "", now: datetime
) -> Wanted:
    """Do what the operator asks and remember it. `ready` and `paused` put his registered phone into his queues.

    Raises `NotFound` for somebody without a phone, `Invalid` for a state that there is not, `PhoneNotRegistered` when
    ready without a registered phone, `ExchangeUnavailable`; then nothing is remembered.
    """
    if state not in STATES:
        raise Invalid("state", f"there is no state {state[:20]!r}; there are {', '.join(STATES)}")
    with _one_at_a_time:
        return _set_state(sessions, telephony, login=login, state=state, reason=reason, now=now)


def _set_state(
    sessions: sessionmaker[Session], telephony: Telephony, *, login: str, state: str, reason: str, now: datetime
) -> Wanted:
    with sessions() as session:
        if people.get(session, login=login).role not in WITH_PHONE:
            raise NotFound(f"{login} has no phone")
        before = session.get(OperatorState, login)
        old = before.interface if before else ""
        penalties = memberships(session, login=login)
    interface = "" if state == "offline" else _interface(telephony, login, old)
    if state == "ready" and not interface:
        raise PhoneNotRegistered("no phone of yours is registered: start the desk's phone or open the browser's")
    wanted = Wanted(login, state, clean(reason, 100) if state == "paused" else "", interface, penalties)
    _carry_out(telephony, wanted, old)
    with sessions.begin() as session:
        _remember(session, wanted, now)
    return wanted


def resync(sessions: sessionmaker[Session], telephony: Telephony, members: Iterable[Member]) -> int:
    """Make the queues' `members`, as a snapshot has them, what the operators asked for; how many phones were touched.

    For the time after a reconnection: the exchange may have been restarted, or have missed what was asked for. Raises
    `ExchangeUnavailable`, and can then be tried again.
    """
    with _one_at_a_time:
        return _resync(sessions, telephony, members)


def _resync(sessions: sessionmaker[Session], telephony: Telephony, members: Iterable[Member]) -> int:
    with sessions() as session:
        wanted = _all_wanted(session)
    there: dict[tuple[str, str], dict[str, Member]] = {}
    for member in members:
        there.setdefault((member.login, member.interface), {})[member.queue] = member
    touched = 0
    for (login, interface), queues in there.items():
        one = wanted.get(login)
        stray = set(queues) if one is None or one.interface != interface else set(queues) - set(one.penalties)
        if stray:
            telephony.leave(interface, tuple(sorted(stray)))
            touched += 1
    for one in wanted.values():
        if one.interface and not _as_wanted(one, there.get((one.login, one.interface), {})):
            log.info("%s is put into the queues again as %s", one.interface, one.state)
            _put_in(telephony, one)
            touched += 1
    return touched


def states(session: Session) -> dict[str, OperatorState]:
    """What each operator asked for last, by login."""
    return {row.login: row for row in session.scalars(sa.select(OperatorState))}


def _interface(telephony: Telephony, login: str, old: str) -> str:
    """The registered phone to use: the one used before, else the desk phone, else the browser's; "" without one."""
    registered = [phone.interface for phone in telephony.phones(login)]
    return old if old in registered else next(iter(registered), "")


def _carry_out(telephony: Telephony, wanted: Wanted, old: str) -> None:
    if old and old != wanted.interface:
        telephony.leave(old, tuple({*QUEUES, *wanted.penalties}))
    if wanted.interface:
        _put_in(telephony, wanted)


def _put_in(telephony: Telephony, wanted: Wanted) -> None:
    paused = wanted.state == "paused"
    telephony.join(wanted.interface, wanted.login, wanted.penalties, paused, wanted.reason)
    telephony.pause(wanted.interface, paused, wanted.reason)


def _as_wanted(wanted: Wanted, queues: Mapping[str, Member]) -> bool:
    paused = wanted.state == "paused"
    return set(queues) >= set(wanted.penalties) and all(member.paused == paused for member in queues.values())


def _remember(session: Session, wanted: Wanted, now: datetime) -> None:
    row = {
        "login": wanted.login,
        "state": wanted.state,
        "reason": wanted.reason,
        "interface": wanted.interface,
        "since": now,
    }
    upsert(session, OperatorState, [row], ["login"], ["state", "reason", "interface", "since"])


def _all_wanted(session: Session) -> dict[str, Wanted]:
    penalties: dict[str, dict[str, int]] = {}
    for row in session.scalars(sa.select(QueueMembership)):
        penalties.setdefault(row.login, {})[row.queue] = row.penalty
    query = sa.select(OperatorState).join(Person, Person.login == OperatorState.login).where(Person.active)
    return {
        row.login: Wanted(row.login, row.state, row.reason, row.interface, penalties.get(row.login, {}))
        for row in session.scalars(query)
    }
