"""What proves who somebody is after signing in: browsers' sessions and programs' tokens. Only hashes of the keys are
kept. Nothing here commits."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from callcenter.errors import Invalid, NotFound
from callcenter.phones import clean
from callcenter.tables import Person, Token, WebSession

SESSION_LASTS = timedelta(hours=12)
"""A shift and its overtime."""
USE_NOTED_EVERY = timedelta(minutes=1)
TOKEN_PREFIX = "h1022_"  # noqa: S105 - what a token begins with, so that secret scanners know one


def open_session(session: Session, *, person: Person, now: datetime) -> str:
    """A new browser session's key, for its cookie."""
    key = secrets.token_urlsafe(32)
    row = WebSession(key_hash=_hash(key), person_id=person.id, created_at=now, expires_at=now + SESSION_LASTS)
    session.add(row)
    session.flush()
    return key


def session_person(session: Session, *, key: str, now: datetime) -> Person | None:
    row = session.get(WebSession, _hash(key))
    return row.person if row and row.expires_at > now and row.person.active else None


def close_session(session: Session, *, key: str) -> None:
    session.execute(sa.delete(WebSession).where(WebSession.key_hash == _hash(key)))


def drop_expired(session: Session, *, now: datetime) -> None:
    session.execute(sa.delete(WebSession).where(WebSession.expires_at <= now))


def create_token(
    session: Session, *, name: str, person: Person, now: datetime, expires_at: datetime | None = None
) -> tuple[Token, str]:
    """A token that acts as `person`, and the token itself, which cannot be had again. Raises `Invalid`."""
    if not clean(name):
        raise Invalid("name", "a token needs a name that tells what it is for")
    if expires_at is not None and expires_at <= now:
        raise Invalid("expires_at", "a token cannot expire before it is made")
    key = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = Token(
        name=clean(name, 100), key_hash=_hash(key), person_id=person.id, created_at=now, expires_at=expires_at
    )  # fmt: skip
    session.add(token)
    session.flush()
    return token, key


def token_person(session: Session, *, key: str, now: datetime) -> Person | None:
    """Whom a token acts as; when it was last used is noted once a minute, so that not every request writes."""
    token = session.scalar(sa.select(Token).where(Token.key_hash == _hash(key)))
    if token is None or token.revoked_at is not None or not token.person.active:
        return None
    if token.expires_at is not None and token.expires_at <= now:
        return None
    if token.last_used_at is None or token.last_used_at <= now - USE_NOTED_EVERY:
        token.last_used_at = now
    return token.person


def revoke_token(session: Session, *, token_id: int, now: datetime) -> Token:
    """Safe to repeat. Raises `NotFound`."""
    token = session.get(Token, token_id)
    if token is None:
        raise NotFound(f"there is no token {token_id}")
    token.revoked_at = token.revoked_at or now
    session.flush()
    return token


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
