"""Signing in and out, the phone of one's own browser, and programs' tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from api.deps import Deps, Me, Principal, TheDeps, Writing, bearer, origin, require
from api.schemas import PhoneOut, SessionOut, SignIn, TokenIn, TokenOut
from callcenter import access, audit, people
from callcenter.errors import NotFound, SignInFailed, TooManyTries
from callcenter.rights import RIGHTS, WITH_PHONE
from callcenter.tables import Person

REALM = "hotline"
SIP_PATH = "/sip"

router = APIRouter(prefix="/api/v1", tags=["session"])


def _out(person: Person | Principal) -> SessionOut:
    return SessionOut(
        login=person.login,
        name=person.name,
        role=person.role,  # type: ignore[arg-type]  # the table holds the roles of RIGHTS only
        agency=person.agency,
        rights=sorted(RIGHTS.get(person.role, frozenset())),
    )


@router.post("/session", operation_id="signIn", status_code=201, summary="Sign in")
def sign_in(asked: SignIn, request: Request, response: Response, deps: TheDeps) -> SessionOut:
    """Sets the session's cookie. Too many wrong passwords for a login from one address are answered 429."""
    person = _authenticate(asked, origin(request), deps)
    now = deps.clock()
    with deps.sessions.begin() as session:
        kept = session.get_one(Person, person.id)
        if kept.password_hash != person.password_hash:
            kept.password_hash = person.password_hash
        key = access.open_session(session, person=kept, now=now)
        access.drop_expired(session, now=now)
        audit.write(session, at=now, actor=kept.login, action="sign_in", subject=kept.login, origin=origin(request))
    _set_cookie(response, deps, key)
    return _out(person)


def _authenticate(asked: SignIn, address: str, deps: Deps) -> Person:
    """Hashing takes a while, so the database's write lock is not held meanwhile."""
    now = deps.clock()
    try:
        with deps.reading() as session:
            return people.authenticate(
                session,
                login=asked.login,
                password=asked.password,
                origin=address,
                now=now,
                throttle=deps.throttle,
            )
    except (SignInFailed, TooManyTries) as error:
        with deps.sessions.begin() as session:
            audit.write(
                session,
                at=now,
                actor="",
                action="sign_in_failed",
                subject=asked.login,
                origin=address,
                code=error.code,
            )
        raise


def _set_cookie(response: Response, deps: Deps, key: str) -> None:
    response.set_cookie(
        deps.cookie_name,
        key,
        max_age=int(access.SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=deps.secure_cookies,
    )


@router.get("/session", operation_id="getSession", summary="Who am I?")
def who_am_i(me: Me) -> SessionOut:
    return _out(me)


@router.delete("/session", operation_id="signOut", status_code=204, summary="Sign out")
def sign_out(request: Request, response: Response, me: Me, session: Writing, deps: TheDeps) -> None:
    """Ends this browser's session, its live streams included. Programs' tokens are not ended by this."""
    key = request.cookies.get(deps.cookie_name)
    if key and bearer(request.headers) is None:
        access.close_session(session, key=key)
        audit.write(session, at=deps.clock(), actor=me.login, action="sign_out", subject=me.login, origin=me.origin)
    response.delete_cookie(deps.cookie_name, httponly=True, samesite="strict", secure=deps.secure_cookies)


@router.get("/session/phone", operation_id="getPhone", summary="Credentials of my browser's phone")
def phone(me: Me, deps: TheDeps) -> PhoneOut:
    password = deps.sip_password(me.login) if me.role in WITH_PHONE else None
    if not password:
        raise NotFound(f"{me.login} has no phone")
    return PhoneOut(ws=SIP_PATH, user=f"{me.login}-web", password=password, realm=REALM)


TokenMaker = Annotated[Principal, Depends(require("token.create"))]


@router.post("/tokens", operation_id="createToken", status_code=201, summary="Make a program's token")
def create_token(asked: TokenIn, me: TokenMaker, session: Writing, deps: TheDeps) -> TokenOut:
    """The token acts as its account and is shown this once."""
    now = deps.clock()
    person = people.get(session, login=asked.login or me.login)
    expires_at = now + timedelta(days=asked.days)
    token, key = access.create_token(session, name=asked.name, person=person, now=now, expires_at=expires_at)
    _audit_token(session, me, deps, "token.create", token.id, login=person.login)
    return TokenOut(id=token.id, name=token.name, login=person.login, token=key, expires_at=expires_at)


@router.delete("/tokens/{token_id}", operation_id="revokeToken", status_code=204, summary="Revoke a token")
def revoke_token(token_id: int, me: TokenMaker, session: Writing, deps: TheDeps) -> None:
    """Safe to repeat."""
    if token_id not in range(1, 2**31):
        raise NotFound(f"there is no token {token_id}")
    access.revoke_token(session, token_id=token_id, now=deps.clock())
    _audit_token(session, me, deps, "token.revoke", token_id)


def _audit_token(session: Session, me: Principal, deps: Deps, action: str, token_id: int, **data: str) -> None:
    subject = str(token_id)
    audit.write(session, at=deps.clock(), actor=me.login, action=action, subject=subject, origin=me.origin, **data)
