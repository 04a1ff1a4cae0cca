"""People who sign in: their accounts, passwords, and how often a password may be guessed. Nothing here commits."""

from __future__ import annotations

import re
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from callcenter.errors import Conflict, Invalid, NotFound, SignInFailed, TooManyTries
from callcenter.phones import clean
from callcenter.rights import RIGHTS, WITH_PHONE
from callcenter.tables import Person

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's parameters for Argon2id: strong enough, and some sign-ins at once do not starve the calls."""
LOGIN = re.compile(r"[a-z][a-z0-9._-]{0,31}")
MIN_PASSWORD = 8
MAX_PASSWORD = 200
"""Longer ones are refused before they are hashed."""
TRIES = 10
WINDOW = timedelta(minutes=15)
REMEMBERED_KEYS = 10_000


class Throttle:
    """Failed sign-ins per login and origin: `TRIES` within `WINDOW`. Kept in memory of the one web process, so a
    restart forgives; the oldest keys are forgotten when there are too many."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def check(self, login: str, origin: str, now: datetime) -> None:
        """Raises `TooManyTries`."""
        with self._lock:
            failures = self._failures.get((login, origin), deque())
            while failures and failures[0] <= now - WINDOW:
                failures.popleft()
            if len(failures) >= TRIES:
                wait_s = int((failures[0] + WINDOW - now).total_seconds()) + 1
                raise TooManyTries("too many wrong passwords; wait a while before the next try", wait_s)

    def failed(self, login: str, origin: str, now: datetime) -> None:
        with self._lock:
            self._failures.setdefault((login, origin), deque(maxlen=TRIES)).append(now)
            self._failures.move_to_end((login, origin))
            while len(self._failures) > REMEMBERED_KEYS:
                self._failures.popitem(last=False)

    def succeeded(self, login: str, origin: str) -> None:
        with self._lock:
            self._failures.pop((login, origin), None)


def create(
    session: Session, *, login: str, name: str, role: str, password: str, now: datetime, agency: str = ""
) -> Person:
    """A new account. Raises `Invalid` naming the field, `Conflict` if the login is taken."""
    if LOGIN.fullmatch(login) is None:
        raise Invalid("login", "a login is a small letter and then up to 31 of a-z, 0-9, dot, hyphen and underscore")
    if role not in RIGHTS:
        raise Invalid("role", f"there is no role {role!r}; there are {', '.join(RIGHTS)}")
    if find(session, login=login) is not None:
        raise Conflict(f"there is a login {login!r} already")
    person = Person(
        login=login,
        name=clean(name) or login,
        role=role,
        agency=clean(agency),
        password_hash=_hash(password),
        active=True,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def ensure(
    session: Session, *, login: str, name: str, role: str, password: str, now: datetime, agency: str = ""
) -> Person:
    """The account as told: made if it is missing, else changed where it differs. Safe to repeat."""
    person = find(session, login=login)
    if person is None:
        return create(session, login=login, name=name, role=role, password=password, now=now, agency=agency)
    if role not in RIGHTS:
        raise Invalid("role", f"there is no role {role!r}; there are {', '.join(RIGHTS)}")
    person.name, person.role, person.agency = clean(name) or login, role, clean(agency)
    if not _matches(person.password_hash, password):
        person.password_hash = _hash(password)
    session.flush()
    return person


def find(session: Session, *, login: str) -> Person | None:
    return session.scalar(sa.select(Person).where(Person.login == clean(login, 64)))


def get(session: Session, *, login: str) -> Person:
    """Somebody who is active. Raises `NotFound`."""
    person = find(session, login=login)
    if person is None or not person.active:
        raise NotFound(f"there is nobody with the login {login[:64]!r}")
    return person


def with_phones(session: Session) -> dict[str, str]:
    """Login → name of the active people who have phones."""
    query = sa.select(Person.login, Person.name).where(Person.active, Person.role.in_(WITH_PHONE))
    return {login: name for login, name in session.execute(query.order_by(Person.login))}


def names(session: Session, *, logins: Collection[str]) -> dict[str, str]:
    """Login → name, of those who are or were here."""
    query = sa.select(Person.login, Person.name).where(Person.login.in_(list(logins)))
    return {login: name for login, name in session.execute(query)}


def authenticate(
    session: Session, *, login: str, password: str, origin: str, now: datetime, throttle: Throttle
) -> Person:
    """Who signs in, his hash renewed if its parameters are old. Raises `SignInFailed`, `TooManyTries`.

    An unknown or inactive login takes as long as a wrong password, so that nobody learns which logins exist.
    """
    login = login.strip().lower()[:64]
    throttle.check(login, origin, now)
    person = find(session, login=login)
    usable = person is not None and person.active
    matches = _matches(person.password_hash if person and usable else _nobodys_hash(), password)
    if person is None or not usable or not matches:
        throttle.failed(login, origin, now)
        raise SignInFailed("the login or the password is wrong")
    throttle.succeeded(login, origin)
    if HASHER.check_needs_rehash(person.password_hash):
        person.password_hash = _hash(password)
        session.flush()
    return person


def _fold(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _hash(password: str) -> str:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid("password", f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return HASHER.hash(_fold(password))


def _matches(hashed: str, password: str) -> bool:
    try:
        return len(password) <= MAX_PASSWORD and HASHER.verify(hashed, _fold(password))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return HASHER.hash("nobody has this password")
