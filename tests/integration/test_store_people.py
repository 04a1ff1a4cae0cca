"""Accounts, signing in, sessions and tokens, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session, sessionmaker

from callcenter import access, people
from callcenter.errors import Conflict, Invalid, NotFound, SignInFailed, TooManyTries
from callcenter.tables import Person, Token

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSWORD = "mật khẩu dài"


def person(session: Session, login: str = "op1", role: str = "operator") -> Person:
    return people.ensure(session, login=login, name="Nguyễn Thị Hạnh", role=role, password=PASSWORD, now=NOW)


def sign_in(session: Session, throttle: people.Throttle, password: str = PASSWORD, login: str = "op1") -> Person:
    return people.authenticate(
        session, login=login, password=password, origin="127.0.0.1", now=NOW, throttle=throttle
    )  # fmt: skip


def test_an_account_signs_in_whichever_way_its_password_is_composed(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        person(session)
        assert PASSWORD not in person(session).password_hash
    with sessions.begin() as session:
        decomposed = "ma\u0323\u0302t kha\u0302\u0309u da\u0300i"
        assert sign_in(session, people.Throttle(), decomposed).login == "op1"
        assert sign_in(session, people.Throttle(), login=" OP1 ").login == "op1"


@pytest.mark.parametrize(
    ("login", "password"),
    [("op1", "wrong password"), ("op1", ""), ("op1", "x" * 100_000), ("nobody", PASSWORD), ("\x00'--", PASSWORD)],
)
def test_a_wrong_login_or_password_is_refused_alike(sessions: sessionmaker[Session], login: str, password: str) -> None:
    with sessions.begin() as session:
        person(session)
    with sessions.begin() as session, pytest.raises(SignInFailed, match="the login or the password is wrong"):
        sign_in(session, people.Throttle(), password, login)


def test_somebody_who_left_cannot_sign_in(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        person(session).active = False
        session.flush()
        with pytest.raises(SignInFailed):
            sign_in(session, people.Throttle())


def test_an_old_hash_is_renewed_when_its_owner_signs_in(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        person(session).password_hash = old
    with sessions.begin() as session:
        sign_in(session, people.Throttle())
    with sessions.begin() as session:
        renewed = session.get_one(Person, 1).password_hash
        assert renewed != old
        sign_in(session, people.Throttle())
        assert session.get_one(Person, 1).password_hash == renewed


def test_passwords_cannot_be_guessed_without_end(sessions: sessionmaker[Session]) -> None:
    throttle = people.Throttle()
    with sessions.begin() as session:
        person(session)
        for _ in range(people.TRIES):
            with pytest.raises(SignInFailed):
                sign_in(session, throttle, "wrong password")
        with pytest.raises(TooManyTries) as caught:
            sign_in(session, throttle)
        assert caught.value.retry_after_s == people.WINDOW.total_seconds() + 1
        throttle.check("op1", "127.0.0.2", NOW)
        throttle.check("op1", "127.0.0.1", NOW + people.WINDOW)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("login", {"login": "Có Dấu"}),
        ("login", {"login": ""}),
        ("role", {"role": "king"}),
        ("password", {"password": "short"}),
        ("password", {"password": "x" * 1000}),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    sessions: sessionmaker[Session], field: str, values: dict[str, str]
) -> None:
    wanted = {"login": "op1", "name": "x", "role": "operator", "password": PASSWORD} | values
    with sessions.begin() as session, pytest.raises(Invalid) as caught:
        people.create(session, **wanted, now=NOW)
    assert caught.value.field == field


def test_a_login_is_given_once(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        person(session)
        with pytest.raises(Conflict):
            people.create(session, login="op1", name="x", role="operator", password=PASSWORD, now=NOW)


def test_an_account_is_brought_in_line_and_keeps_its_hash(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        before = person(session).password_hash
    with sessions.begin() as session:
        assert person(session, role="supervisor").password_hash == before
        assert people.get(session, login="op1").role == "supervisor"
        people.ensure(session, login="op1", name="x", role="operator", password="another one", now=NOW)
        sign_in(session, people.Throttle(), "another one")


def test_those_with_phones(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        person(session, "sup1", "supervisor")
        person(session)
        person(session, "vp1", "office")
        person(session, "op2").active = False
        session.flush()
        assert people.with_phones(session) == {"op1": "Nguyễn Thị Hạnh", "sup1": "Nguyễn Thị Hạnh"}
        with pytest.raises(NotFound):
            people.get(session, login="op2")


def test_a_session_lasts_for_a_shift_and_ends_when_told(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        key = access.open_session(session, person=person(session), now=NOW)
        other = access.open_session(session, person=person(session), now=NOW)

    def who(key: str, now: datetime = NOW) -> str | None:
        with sessions.begin() as session:
            found = access.session_person(session, key=key, now=now)
            return found.login if found else None

    assert (who(key), who(other), who("x"), who("")) == ("op1", "op1", None, None)
    assert who(key, NOW + access.SESSION_LASTS) is None
    with sessions.begin() as session:
        access.close_session(session, key=key)
    assert (who(key), who(other)) == (None, "op1")
    with sessions.begin() as session:
        access.drop_expired(session, now=NOW + access.SESSION_LASTS)
    assert who(other) is None


def test_a_token_acts_as_its_person_until_it_is_revoked(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        integration = person(session, "ioc", "integration")
        token, key = access.create_token(session, name="IOC", person=integration, now=NOW)
        token_id = token.id
        expires_at = NOW + timedelta(days=1)
        _, short = access.create_token(session, name="one day", person=integration, now=NOW, expires_at=expires_at)
        assert key not in token.key_hash

    def who(key: str, now: datetime = NOW) -> str | None:
        with sessions.begin() as session:
            found = access.token_person(session, key=key, now=now)
            return found.login if found else None

    assert (who(key), who(short), who("h1022_x")) == ("ioc", "ioc", None)
    assert (who(key, expires_at), who(short, expires_at)) == ("ioc", None)
    with sessions() as session:
        assert session.get_one(Token, token_id).last_used_at == expires_at
    with sessions.begin() as session:
        access.revoke_token(session, token_id=token_id, now=NOW)
        with pytest.raises(NotFound):
            access.revoke_token(session, token_id=999, now=NOW)
    assert who(key) is None


@pytest.mark.parametrize(("name", "expires_at"), [("  ", None), ("x", NOW)])
def test_a_token_without_a_name_or_a_future_is_refused(
    sessions: sessionmaker[Session], name: str, expires_at: datetime | None
) -> None:
    with sessions.begin() as session, pytest.raises(Invalid):
        access.create_token(session, name=name, person=person(session), now=NOW, expires_at=expires_at)
