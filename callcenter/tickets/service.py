"""Tickets: making them, reading them, adding to their history. Each function takes a session and never commits."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from callcenter.errors import IdempotencyMismatch, Invalid, NotFound, TooManyTries
from callcenter.phones import clean, normalise
from callcenter.tables import CodeTry, IdempotencyKey, Ticket, TicketNote
from callcenter.tickets import codes
from callcenter.tickets.categories import CATEGORIES

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The year in a code is the year in Vietnam."""
MAX_DRAWS = 50
TRIES_PER_HOUR = 10
"""Wrong codes that one asker may try within an hour."""
ANONYMOUS_TRIES_PER_HOUR = 60
"""All callers without a number together."""
LIMITS = {"content": 20_000, "title": 300, "category": 64, "area": 200, "address": 300, "citizen_name": 200}
"""The longest text of each field, in characters."""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What a ticket is made of. `category` is a key of `CATEGORIES` or "", `phone` as somebody wrote it."""

    content: str
    title: str = ""
    category: str = ""
    area: str = ""
    address: str = ""
    citizen_name: str = ""
    citizen_phone: str = ""
    public: bool = False
    linkedid: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    code: str
    state: str


def create(
    session: Session,
    *,
    new: NewTicket,
    source: str,
    author: str,
    now: datetime,
    message_linkedid: str | None = None,
    draw: Callable[[int], int] = secrets.randbelow,
) -> Ticket:
    """A new ticket with a code of its own and the first entry of its history. Raises `Invalid`."""
    new = _fit(new)
    if not new.content:
        raise Invalid("content", "a ticket needs to say what it is about")
    if new.category and new.category not in CATEGORIES:
        raise Invalid("category", f"there is no category {new.category!r}; there are {', '.join(CATEGORIES)}")
    number = normalise(new.citizen_phone)
    if number.kind in ("invalid", "short"):
        raise Invalid("citizen_phone", f"{number.raw!r} is not a number that can be called back")
    values = asdict(new) | {"citizen_phone": number.e164}
    for _ in range(MAX_DRAWS):
        code = codes.make(now.astimezone(ZONE).year, draw)
        ticket = Ticket(
            **values, code=code, state="new", source=source, message_linkedid=message_linkedid,
            created_by=author, created_at=now, updated_at=now, version=1,
        )  # fmt: skip
        ticket.notes.append(TicketNote(kind="created", author=author, at=now, text="", data={}))
        if session.scalar(sa.select(Ticket.id).where(Ticket.code == code)) is not None:
            continue
        try:
            with session.begin_nested():
                session.add(ticket)
        except IntegrityError:
            if session.scalar(sa.select(Ticket.id).where(Ticket.code == code)) is None:
                raise
            continue
        return ticket
    raise RuntimeError("no free ticket code was drawn: is the year full?")


def _fit(new: NewTicket) -> NewTicket:
    fit: dict[str, Any] = {field: _text(field, getattr(new, field), limit) for field, limit in LIMITS.items()}
    linkedid = _text("linkedid", new.linkedid or "", 100) or None
    return replace(new, **fit, linkedid=linkedid)


def _text(field: str, text: str, limit: int) -> str:
    """NFC, without control and format characters but line ends and tabs. Raises `Invalid` when it is too long."""
    kept = (char for char in text.replace("\r\n", "\n") if char in "\n\t" or unicodedata.category(char)[0] != "C")
    fit = unicodedata.normalize("NFC", "".join(kept)).strip()
    if len(fit) > limit:
        raise Invalid(field, f"at most {limit} characters, this has {len(fit)}")
    return fit


def create_once(
    session: Session, *, new: NewTicket, source: str, author: str, person_id: int, key: str, now: datetime
) -> tuple[Ticket, bool]:
    """`create`, but the same `key` of the same person gives the same ticket again (then False).

    Raises `Invalid`, and `IdempotencyMismatch` when the key came with another content before.
    """
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise Invalid("Idempotency-Key", "an Idempotency-Key has 1 to 200 printable characters")
    digest = hashlib.sha256(json.dumps(asdict(new), sort_keys=True).encode()).hexdigest()
    kept = session.get(IdempotencyKey, (person_id, key))
    if kept is None:
        try:
            with session.begin_nested():
                ticket = create(session, new=new, source=source, author=author, now=now)
                row = {"person_id": person_id, "key": key, "request_sha256": digest, "ticket_id": ticket.id}
                session.add(IdempotencyKey(**row, created_at=now))
            return ticket, True
        except IntegrityError:  # the same request came twice at once, and the other one was first
            kept = session.get(IdempotencyKey, (person_id, key))
            if kept is None:
                raise
    if kept.request_sha256 != digest:
        raise IdempotencyMismatch("this Idempotency-Key came with another ticket before; use a new one")
    return session.get_one(Ticket, kept.ticket_id), False


def get_by_code(session: Session, *, code: str) -> Ticket:
    """The ticket with its notes; `code` as somebody typed it. Raises `Invalid`, `NotFound`."""
    ticket = session.scalar(sa.select(Ticket).where(Ticket.code == codes.parse(code)))
    if ticket is None:
        raise NotFound(f"there is no ticket {codes.show(codes.parse(code))}")
    return ticket


@dataclass(frozen=True, slots=True)
class Filter:
    """`before_id` continues a list; `agency_category` narrows to what an officer's agency handles."""

    state: str = ""
    category: str = ""
    agency_category: str = ""
    phone: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = None


def page(session: Session, *, wanted: Filter, limit: int) -> list[Ticket]:
    """Newest first, at most `limit`."""
    query = sa.select(Ticket).order_by(Ticket.id.desc()).limit(limit)
    for column, value in (
        (Ticket.state, wanted.state),
        (Ticket.category, wanted.category),
        (Ticket.category, wanted.agency_category),
        (Ticket.citizen_phone, normalise(wanted.phone).e164 or wanted.phone),
    ):
        if value:
            query = query.where(column == clean(value))
    if wanted.text:
        escaped = clean(wanted.text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{escaped}%"
        query = query.where(
            sa.or_(Ticket.title.ilike(pattern, escape="\\"), Ticket.content.ilike(pattern, escape="\\"))
        )
    if wanted.since:
        query = query.where(Ticket.created_at >= wanted.since)
    if wanted.until:
        query = query.where(Ticket.created_at < wanted.until)
    if wanted.before_id is not None:
        query = query.where(Ticket.id < wanted.before_id)
    return list(session.scalars(query))


def add_note(session: Session, *, ticket: Ticket, text: str, author: str, now: datetime) -> TicketNote:
    """Raises `Invalid` when there is nothing in it."""
    text = _text("text", text, LIMITS["content"])
    if not text:
        raise Invalid("text", "a note needs a text")
    note = TicketNote(kind="note", text=text, author=author, at=now, data={})
    ticket.notes.append(note)
    ticket.updated_at = now
    ticket.version += 1
    session.flush()
    return note


def open_of_phone(session: Session, *, e164: str, limit: int = 20) -> list[Ticket]:
    """The tickets of a number that are not closed, newest first."""
    if not e164:
        return []
    closed = ("closed", "rejected", "merged")
    query = sa.select(Ticket).where(Ticket.citizen_phone == e164, Ticket.state.not_in(closed))
    return list(session.scalars(query.order_by(Ticket.id.desc()).limit(limit)))


def of_call(session: Session, *, linkedid: str) -> list[Ticket]:
    """The tickets that were opened in this call or made from its message, oldest first."""
    query = sa.select(Ticket).where(sa.or_(Ticket.linkedid == linkedid, Ticket.message_linkedid == linkedid))
    return list(session.scalars(query.order_by(Ticket.id)))


def citizen_name(session: Session, *, e164: str) -> str:
    """As on the latest ticket of this number that has one; "" if none has."""
    if not e164:
        return ""
    query = sa.select(Ticket.citizen_name).where(Ticket.citizen_phone == e164, Ticket.citizen_name != "")
    return session.scalar(query.order_by(Ticket.id.desc()).limit(1)) or ""


def status_by_code(session: Session, *, code: str, asker: str, now: datetime) -> Status:
    """What a stranger with a code may know: the state, nothing else.

    Codes that do not exist count against `asker` (a number, "anonymous" or "web:" and an address): over
    `TRIES_PER_HOUR` of them even a right one is refused. Raises `Invalid`, `NotFound`, `TooManyTries`.
    """
    asker = clean(asker, 100)
    limit = ANONYMOUS_TRIES_PER_HOUR if asker == "anonymous" else TRIES_PER_HOUR
    hour_ago = now - timedelta(hours=1)
    tries = sa.select(sa.func.count()).where(CodeTry.asker == asker, CodeTry.at > hour_ago)
    if (session.scalar(tries) or 0) >= limit:
        raise TooManyTries("too many codes that do not exist; try again in an hour", 3600)
    digits = codes.parse(code)
    state = session.scalar(sa.select(Ticket.state).where(Ticket.code == digits))
    if state is None:
        session.execute(sa.delete(CodeTry).where(CodeTry.at <= hour_ago))
        session.add(CodeTry(asker=asker, at=now))
        session.flush()
        raise NotFound("there is no ticket with this code")
    return Status(digits, state)
