"""What operators ask for reaches the exchange, is remembered, and is restored after a reconnection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from callcenter import operators, people, queues
from callcenter.calls.events import Member
from callcenter.errors import ExchangeUnavailable, Invalid, NotFound, PhoneNotRegistered
from callcenter.telephony import Phone

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DESK, BROWSER = Phone("op1", "desk", "PJSIP/op1"), Phone("op1", "browser", "PJSIP/op1-web")


@dataclass
class FakeExchange:
    """Queues as app_queue keeps them: joining twice changes nothing, pausing concerns every queue."""

    registered: list[Phone] = field(default_factory=list)
    members: dict[tuple[str, str], Member] = field(default_factory=dict)
    connected: bool = True

    def _reach(self) -> None:
        if not self.connected:
            raise ExchangeUnavailable("gone")

    def phones(self, login: str) -> list[Phone]:
        self._reach()
        return [phone for phone in self.registered if phone.login == login]

    def join(self, interface: str, login: str, penalties: Mapping[str, int], paused: bool, reason: str) -> None:
        self._reach()
        for queue, penalty in penalties.items():
            member = Member(queue, interface, login, penalty, paused, reason, "idle", False)
            self.members.setdefault((queue, interface), member)

    def leave(self, interface: str, queues: tuple[str, ...]) -> None:
        self._reach()
        for queue in queues:
            self.members.pop((queue, interface), None)

    def pause(self, interface: str, paused: bool, reason: str) -> None:
        self._reach()
        for key, old in list(self.members.items()):
            if key[1] == interface:
                self.members[key] = Member(*key, old.login, old.penalty, paused, reason, old.device, False)

    def seen(self) -> set[tuple[str, str, bool]]:
        return {(member.queue, member.interface, member.paused) for member in self.members.values()}


def everywhere(interface: str, paused: bool = False) -> set[tuple[str, str, bool]]:
    return {(queue, interface, paused) for queue in queues.QUEUES}


@pytest.fixture
def staffed(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    with sessions.begin() as session:
        for login, role in (("op1", "operator"), ("op2", "operator"), ("vp1", "office")):
            people.create(session, login=login, name=login, role=role, password="long enough", now=NOW)
        for login in ("op1", "op2"):
            queues.ensure_memberships(session, login=login)
    return sessions


def ask(
    sessions: sessionmaker[Session], exchange: FakeExchange, state: str, reason: str = "", login: str = "op1"
) -> operators.Wanted:
    return operators.set_state(sessions, exchange, login=login, state=state, reason=reason, now=NOW)


def remembered(sessions: sessionmaker[Session]) -> dict[str, tuple[str, str, str]]:
    with sessions() as session:
        return {login: (row.state, row.reason, row.interface) for login, row in operators.states(session).items()}


def test_ready_puts_the_desk_phone_into_the_queues_and_offline_takes_it_out(staffed: sessionmaker[Session]) -> None:
    exchange = FakeExchange([DESK, BROWSER])
    ask(staffed, exchange, "ready")
    assert exchange.seen() == everywhere("PJSIP/op1")
    assert remembered(staffed) == {"op1": ("ready", "", "PJSIP/op1")}
    ask(staffed, exchange, "ready")
    assert exchange.seen() == everywhere("PJSIP/op1")
    ask(staffed, exchange, "offline")
    assert exchange.seen() == set()
    assert remembered(staffed) == {"op1": ("offline", "", "")}


def test_a_pause_has_its_reason_and_ends_with_ready(staffed: sessionmaker[Session]) -> None:
    exchange = FakeExchange([DESK])
    ask(staffed, exchange, "ready")
    ask(staffed, exchange, "paused", "nghỉ trưa\r\n")
    assert exchange.seen() == everywhere("PJSIP/op1", paused=True)
    assert remembered(staffed) == {"op1": ("paused", "nghỉ trưa", "PJSIP/op1")}
    ask(staffed, exchange, "ready")
    assert exchange.seen() == everywhere("PJSIP/op1")


def test_the_phone_in_use_is_kept_while_it_is_registered(staffed: sessionmaker[Session]) -> None:
    exchange = FakeExchange([BROWSER])
    ask(staffed, exchange, "ready")
    exchange.registered = [DESK, BROWSER]
    ask(staffed, exchange, "ready")
    assert exchange.seen() == everywhere("PJSIP/op1-web")
    exchange.registered = [DESK]
    ask(staffed, exchange, "ready")
    assert exchange.seen() == everywhere("PJSIP/op1")


def test_nobody_is_ready_without_a_registered_phone(staffed: sessionmaker[Session]) -> None:
    with pytest.raises(PhoneNotRegistered):
        ask(staffed, FakeExchange(), "ready")
    assert remembered(staffed) == {}
    ask(staffed, FakeExchange(), "paused", "lunch")
    assert remembered(staffed) == {"op1": ("paused", "lunch", "")}


def test_what_cannot_be_asked_for(staffed: sessionmaker[Session]) -> None:
    exchange = FakeExchange([DESK])
    with pytest.raises(Invalid):
        ask(staffed, exchange, "ringing")
    with pytest.raises(NotFound):
        ask(staffed, exchange, "ready", login="vp1")
    with pytest.raises(NotFound):
        ask(staffed, exchange, "ready", login="nobody")
    exchange.connected = False
    with pytest.raises(ExchangeUnavailable):
        ask(staffed, exchange, "ready")
    assert remembered(staffed) == {}


def test_after_a_restart_of_the_exchange_everybody_is_where_he_wants_to_be(staffed: sessionmaker[Session]) -> None:
    exchange = FakeExchange([DESK, Phone("op2", "desk", "PJSIP/op2")])
    ask(staffed, exchange, "ready")
    ask(staffed, exchange, "paused", "lunch", "op2")
    wanted = exchange.seen()
    assert operators.resync(staffed, exchange, exchange.members.values()) == 0
    exchange.members.clear()
    assert operators.resync(staffed, exchange, ()) == 2
    assert exchange.seen() == wanted
    assert operators.resync(staffed, exchange, list(exchange.members.values())) == 0


def test_resync_mends_pauses_and_takes_strangers_out(staffed: sessionmaker[Session]) -> None:
    exchange = FakeExchange([DESK])
    ask(staffed, exchange, "ready")
    wanted = exchange.seen()
    exchange.pause("PJSIP/op1", True, "by hand")
    exchange.join("PJSIP/op1-web", "op1", {"assistance": 0}, False, "")
    exchange.join("PJSIP/op2", "op2", {"assistance": 0}, False, "")
    exchange.join("PJSIP/op1", "op1", {"sales": 0}, False, "")
    assert operators.resync(staffed, exchange, list(exchange.members.values())) == 4
    assert exchange.seen() == wanted


def test_resync_says_when_the_exchange_is_gone(staffed: sessionmaker[Session]) -> None:
    exchange = FakeExchange([DESK])
    ask(staffed, exchange, "ready")
    exchange.connected = False
    with pytest.raises(ExchangeUnavailable):
        operators.resync(staffed, exchange, ())


def test_memberships_that_were_changed_are_kept(staffed: sessionmaker[Session]) -> None:
    with staffed.begin() as session:
        assert queues.memberships(session, login="op1") == dict.fromkeys(queues.QUEUES, 0)
        session.execute(
            operators.sa.delete(operators.QueueMembership).where(operators.QueueMembership.queue != "assistance")
        )
        queues.ensure_memberships(session, login="op1")
        assert queues.memberships(session, login="op1") == {"assistance": 0}
