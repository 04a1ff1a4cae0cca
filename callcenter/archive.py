"""What the database knows of archived audio. Each function takes a session and never commits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from callcenter import audit
from callcenter.tables import Call, Message, Recording
from callcenter.tickets.service import NewTicket, create

Table = type[Recording] | type[Message]
SYSTEM = "system"
"""The actor and author of what nobody in person did."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ArchivedAudio:
    """A file in the archive and what is known of it; the fields are those of `tables.Recording`."""

    linkedid: str
    path: str
    media_type: str
    size_bytes: int
    sha256: str
    duration_s: float
    peaks: dict[str, Any]
    recorded_at: datetime
    archived_at: datetime


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a recording needs to know of its call. `caller` is E.164 or ""."""

    over: bool
    started_at: datetime
    connected_at: datetime | None
    caller: str
    language: str


def calls(session: Session, *, linkedids: Collection[str]) -> dict[str, CallFacts]:
    """Those of the calls that are known."""
    wanted = sorted(linkedids)
    columns = (Call.linkedid, Call.outcome, Call.started_at, Call.connected_at, Call.caller, Call.language)
    found: dict[str, CallFacts] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = sa.select(*columns).where(Call.linkedid.in_(wanted[start : start + _AT_ONCE]))
        for linkedid, outcome, started_at, connected_at, caller, language in session.execute(query):
            found[linkedid] = CallFacts(outcome is not None, started_at, connected_at, caller, language)
    return found


def kept(session: Session, *, table: Table, linkedid: str) -> Recording | Message | None:
    """The row, if this call's audio was archived before."""
    return session.get(Recording, linkedid) if table is Recording else session.get(Message, linkedid)


def put_recording(session: Session, *, audio: ArchivedAudio) -> None:
    """Add the row, or correct the one that is there."""
    session.merge(Recording(**asdict(audio)))
    session.flush()


def put_message(session: Session, *, audio: ArchivedAudio, ticket: NewTicket | None) -> bool:
    """Add the row with its ticket, as old as the message, or correct the row that is there; True if a ticket was made.

    One message makes one ticket, however often this is called.
    """
    row = session.merge(Message(**asdict(audio)))
    made = ticket is not None and row.ticket_id is None
    if ticket is not None and made:
        row.ticket_id = create(
            session,
            new=ticket,
            source="message",
            author=SYSTEM,
            now=audio.recorded_at,
            message_linkedid=audio.linkedid,
        ).id
    session.flush()
    return made


def old(session: Session, *, table: Table, before: datetime, limit: int) -> list[tuple[str, str]]:
    """(linkedid, path) of audio recorded before then that was not deleted yet, oldest first."""
    query = sa.select(table.linkedid, table.path).where(table.path != "", table.recorded_at < before)
    query = query.order_by(table.recorded_at, table.linkedid).limit(limit)
    return [(linkedid, path) for linkedid, path in session.execute(query)]


def note_deleted(session: Session, *, table: Table, linkedid: str, now: datetime, days: int) -> None:
    """The audio is gone, because it was kept `days` days; its row stays and the audit says so."""
    row = kept(session, table=table, linkedid=linkedid)
    if row is None:
        return
    kind = "recording" if table is Recording else "message"
    audit.write(
        session,
        at=now,
        actor=SYSTEM,
        action=f"{kind}.delete",
        subject=linkedid,
        path=row.path,
        sha256=row.sha256,
        kept_days=days,
    )
    row.path = ""
    session.flush()
