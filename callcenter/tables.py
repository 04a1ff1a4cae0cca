"""Every table, as mapped classes. Times are aware and kept in UTC; text is NFC; phone numbers are E.164 or ""."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime; SQLite forgets the zone, so it is put back on the way out. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}


class Person(Base):
    """Someone who signs in. `role`: operator, supervisor, officer, agency_leader, office, admin, integration."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(32))
    agency: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str] = mapped_column(String(300))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class WebSession(Base):
    """A signed-in browser; `key_hash` is SHA-256 of the cookie, which is nowhere else."""

    __tablename__ = "sessions"
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")


class Token(Base):
    """A program's bearer token; `key_hash` is SHA-256 of it. It acts as its person."""

    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="joined")


class OperatorState(Base):
    """What an operator asked for: ready, paused or offline. The exchange is brought in line with it."""

    __tablename__ = "operator_states"
    login: Mapped[str] = mapped_column(ForeignKey("people.login", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(100), default="")
    interface: Mapped[str] = mapped_column(String(100), default="")
    since: Mapped[datetime]


class QueueMembership(Base):
    """Which queues an operator serves, and how late he is asked (`penalty`, 0 first)."""

    __tablename__ = "queue_memberships"
    login: Mapped[str] = mapped_column(ForeignKey("people.login", ondelete="CASCADE"), primary_key=True)
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)
    penalty: Mapped[int] = mapped_column(default=0)


class Call(Base):
    """One call, keyed by linkedid. The menu writes its own columns (`menu_…`, `language`, `reason`) while the call
    runs; the ledger writes the rest. `outcome` is NULL while the call lasts, then one of CONTRACT's eight."""

    __tablename__ = "calls"
    linkedid: Mapped[str] = mapped_column(String(100), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    caller: Mapped[str] = mapped_column(String(20), default="", index=True)
    caller_raw: Mapped[str] = mapped_column(String(200), default="")
    dialled: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(String(5), default="")
    menu_path: Mapped[list[Any]] = mapped_column(default=list)
    """[{"node": …, "key": …}] in the order passed."""
    menu_flow: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[str] = mapped_column(String(100), default="")
    queue: Mapped[str] = mapped_column(String(64), default="", index=True)
    queued_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    operator: Mapped[str] = mapped_column(String(64), default="", index=True)
    wait_s: Mapped[float | None]
    talk_s: Mapped[float | None]
    outcome: Mapped[str | None] = mapped_column(String(32), index=True)
    failure: Mapped[str] = mapped_column(String(200), default="")
    """Why it failed, or in which way our side was impaired though the call was served."""


class CallEvent(Base):
    """One line of the exchange's files: the evidence from which `calls` is folded."""

    __tablename__ = "call_events"
    __table_args__ = (UniqueConstraint("source", "position"), Index("ix_call_events_linkedid_at", "linkedid", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    linkedid: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(String(100))
    position: Mapped[int] = mapped_column(BigInteger)


class JournalPosition(Base):
    """How far each of the exchange's files has been read; moved in the transaction that stores what was read."""

    __tablename__ = "journal_positions"
    source: Mapped[str] = mapped_column(String(100), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)


class Recording(Base):
    """The archived talk of a call: stereo, citizen left, operator right. `path` is relative to the archive; it is ""
    once the audio was deleted, while the row stays."""

    __tablename__ = "recordings"
    linkedid: Mapped[str] = mapped_column(String(100), primary_key=True)
    path: Mapped[str] = mapped_column(String(300))
    media_type: Mapped[str] = mapped_column(String(50))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    duration_s: Mapped[float]
    peaks: Mapped[dict[str, Any]]
    """{"per_second": n, "left": [0..100…], "right": [0..100…]} for a waveform."""
    recorded_at: Mapped[datetime]
    archived_at: Mapped[datetime]


class Message(Base):
    """A message left by a caller, archived like a recording, and the ticket that it became."""

    __tablename__ = "messages"
    linkedid: Mapped[str] = mapped_column(String(100), primary_key=True)
    path: Mapped[str] = mapped_column(String(300))
    media_type: Mapped[str] = mapped_column(String(50))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    duration_s: Mapped[float]
    peaks: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    archived_at: Mapped[datetime]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))


class Ticket(Base):
    """A phiếu. `source`: call, message, web, integration. `state` starts as new."""

    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(9), unique=True)
    state: Mapped[str] = mapped_column(String(32), default="new", index=True)
    source: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(300), default="")
    content: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(64), default="")
    area: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    agency: Mapped[str] = mapped_column(String(200), default="")
    citizen_name: Mapped[str] = mapped_column(String(200), default="")
    citizen_phone: Mapped[str] = mapped_column(String(20), default="", index=True)
    public: Mapped[bool] = mapped_column(default=False)
    linkedid: Mapped[str | None] = mapped_column(String(100), index=True)
    message_linkedid: Mapped[str | None] = mapped_column(String(100), unique=True)
    """Set for a ticket made from a message: one message, one ticket."""
    created_by: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    notes: Mapped[list[TicketNote]] = relationship(order_by="TicketNote.id", back_populates="ticket")


class TicketNote(Base):
    """One entry of a ticket's history. `kind`: created, note."""

    __tablename__ = "ticket_notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    ticket: Mapped[Ticket] = relationship(back_populates="notes")


class IdempotencyKey(Base):
    """A request that was already carried out for this person."""

    __tablename__ = "idempotency_keys"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    created_at: Mapped[datetime]


class CodeTry(Base):
    """A ticket code that was asked for and does not exist, so that guessing is limited per asker."""

    __tablename__ = "code_tries"
    id: Mapped[int] = mapped_column(primary_key=True)
    asker: Mapped[str] = mapped_column(String(100), index=True)
    """A caller's number, "anonymous", or "web:" and an address."""
    at: Mapped[datetime] = mapped_column(index=True)


class Audit(Base):
    """Who did or saw what. Never updated."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(64), index=True)
    """e.g. sign_in, sign_in_failed, recording.listen, number.view, operator.state, ticket.create, token.create."""
    subject: Mapped[str] = mapped_column(String(200))
    origin: Mapped[str] = mapped_column(String(100), default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
