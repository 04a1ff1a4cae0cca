"""What the routes are given: the parts of the hotline, who is asking, and a session with one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session, sessionmaker
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from api.problems import Unauthenticated
from callcenter import access, store
from callcenter.calendar import Calendar
from callcenter.errors import Forbidden
from callcenter.ingest import LiveDesk
from callcenter.people import Throttle
from callcenter.rights import RIGHTS, Right, may
from callcenter.tables import Person
from callcenter.telephony import Telephony

COOKIE = "hotline_session"


@dataclass(frozen=True, slots=True)
class CheckState:
    """How one dependency does; `detail` says why not, or how well. Without a `needed` one the service is not ready."""

    ok: bool
    detail: str = ""
    needed: bool = True


@dataclass(frozen=True)
class Deps:
    """`sip_password` gives the password of a phone's user, None if there is no such phone; `labels` the words for the
    menu's nodes, Vietnamese and English; `checks` are called from threads and given three seconds."""

    sessions: sessionmaker[Session]
    telephony: Telephony
    desk: LiveDesk
    archive: Path
    clock: Callable[[], datetime]
    calendar: Calendar
    checks: Mapping[str, Callable[[], CheckState]]
    web_dist: Path
    sip_ws_url: str
    sip_password: Callable[[str], str | None]
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    service_level_s: float = 20
    short_abandon_s: float = 5
    secure_cookies: bool = False
    cookie_name: str = COOKIE
    heartbeat_s: float = 10
    """Seconds between the live stream's heartbeats, and between looks whether its listener is still signed in."""
    throttle: Throttle = field(default_factory=Throttle)

    @cached_property
    def reading(self) -> sessionmaker[Session]:
        return store.reading(self.sessions)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `origin` is the address he asks from."""

    id: int
    login: str
    name: str
    role: str
    agency: str
    origin: str

    @property
    def rights(self) -> list[Right]:
        return sorted(RIGHTS.get(self.role, frozenset()))

    def may(self, right: Right) -> bool:
        return may(self.role, right)


def get_deps(connection: HTTPConnection) -> Deps:
    deps: Deps = connection.app.state.deps
    return deps


TheDeps = Annotated[Deps, Depends(get_deps)]


def origin(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def bearer(headers: Headers) -> str | None:
    """The token that was sent, "" if it is missing; None without a bearer's Authorization. (Others, such as Basic, are
    added by browsers by themselves, for a proxy in front.)"""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def identify(connection: HTTPConnection, deps: Deps) -> Principal | None:
    """Whose token or cookie this is. With a bearer's token the cookie does not count: such a request is exempt from
    the check for forged ones, so it must not be carried by what a browser adds by itself."""
    now, token = deps.clock(), bearer(connection.headers)
    if token is not None:
        person = _token_person(deps, token, now)
    else:
        key = connection.cookies.get(deps.cookie_name, "")
        with deps.reading() as session:
            person = access.session_person(session, key=key, now=now) if key else None
    if person is None:
        return None
    return Principal(person.id, person.login, person.name, person.role, person.agency, origin(connection))


def _token_person(deps: Deps, token: str, now: datetime) -> Person | None:
    """Read first: only when the token's use is to be noted does this take the database's write lock."""
    with deps.reading() as session, session.no_autoflush:
        person = access.token_person(session, key=token, now=now)
        if not session.dirty:
            return person
    with deps.sessions.begin() as session:
        return access.token_person(session, key=token, now=now)


def signed_in(connection: HTTPConnection, deps: TheDeps) -> Principal:
    """Raises `Unauthenticated`."""
    principal = identify(connection, deps)
    if principal is None:
        raise Unauthenticated("sign in, or send a token as `Authorization: Bearer …`")
    return principal


Me = Annotated[Principal, Depends(signed_in)]


def require(*rights: Right) -> Callable[[Principal], Principal]:
    """A dependency that gives the principal if he has one of these rights, else raises `Forbidden`."""

    def check(me: Me) -> Principal:
        if not any(me.may(right) for right in rights):
            raise Forbidden(f"this needs the right {' or '.join(rights)}, which the role {me.role} does not have")
        return me

    return check


def read_session(deps: TheDeps) -> Iterator[Session]:
    with deps.reading() as session:
        yield session


def write_session(deps: TheDeps) -> Iterator[Session]:
    """One transaction, committed before the response is sent; any error undoes it."""
    with deps.sessions.begin() as session:
        yield session


Reading = Annotated[Session, Depends(read_session, scope="function")]
Writing = Annotated[Session, Depends(write_session, scope="function")]
