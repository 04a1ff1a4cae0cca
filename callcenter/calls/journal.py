"""The exchange's files into the database: lines kept as evidence, and each call they touch folded anew."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from callcenter.calls.events import JournalEvent
from callcenter.calls.ledger import CallRecord, fold
from callcenter.phones import clean, normalise
from callcenter.store import upsert
from callcenter.tables import Call, CallEvent, JournalPosition

T = TypeVar("T")
log = logging.getLogger(__name__)

OWN = (
    "started_at",
    "ended_at",
    "queue",
    "queued_at",
    "connected_at",
    "operator",
    "wait_s",
    "talk_s",
    "outcome",
    "failure",
)
"""The columns of `calls` that the ledger writes."""
SHARED = ("caller", "caller_raw", "dialled", "language", "reason")
"""Columns that the menu knows too: the ledger fills them only where they are empty."""
INSIDE = ("from-operators",)
"""Contexts whose calls are not citizens' calls: their lines are kept, but they get no row in `calls`."""
CHUNK = 500
"""Rows in one statement: far below SQLite's and PostgreSQL's limits on parameters."""


@dataclass(frozen=True, slots=True)
class Stored:
    """`calls` were folded; `failed` could not be, and keep their lines for a later try."""

    calls: tuple[str, ...]
    failed: tuple[str, ...] = ()


def store_journal(session: Session, events: Iterable[JournalEvent], positions: Mapping[str, int]) -> Stored:
    """Keep `events`, move each file's read `positions` (source → byte offset) and fold the calls they belong to.

    Lines that are there already add nothing. Never commits: do so before the next read, so that lines and positions
    stand or fall together.
    """
    fit = [_fit(event) for event in events]
    upsert(session, CallEvent, [_row(event) for event in fit], ["source", "position"])
    moved = [{"source": clean(source, 100), "position": position} for source, position in positions.items()]
    upsert(session, JournalPosition, moved, ["source"], ["position"])
    return refold(session, sorted({event.linkedid for event in fit if event.linkedid}))


def positions(session: Session) -> dict[str, int]:
    """How far each file was read: source → byte offset."""
    return {row.source: row.position for row in session.scalars(sa.select(JournalPosition))}


def refold(session: Session, linkedids: Sequence[str]) -> Stored:
    """Make the rows of these calls again from their lines. One call that cannot be folded does not stop the others."""
    rows: dict[str, dict[str, object]] = {}
    done: list[str] = []
    failed: list[str] = []
    for linkedid, events in _events(session, linkedids):
        try:
            if not _inside(events):
                rows[linkedid] = _folded(fold(events))
            done.append(linkedid)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            log.exception("call %s cannot be folded; its lines are kept", linkedid)
            failed.append(linkedid)
    for linkedid in _write(session, rows):
        done.remove(linkedid)
        failed.append(linkedid)
    return Stored(tuple(done), tuple(failed))


def _write(session: Session, rows: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Write the rows at once, or else one by one; the calls whose row the database does not take."""
    try:
        with session.begin_nested():
            upsert(session, Call, [rows[linkedid] for linkedid in sorted(rows)], ["linkedid"], OWN, fill=SHARED)
    except (DataError, IntegrityError):
        if len(rows) > 1:
            return [each for linkedid, row in rows.items() for each in _write(session, {linkedid: row})]
        log.exception("%s cannot be written; its lines are kept", ", ".join(rows))
        return list(rows)
    return []


def open_calls(session: Session, *, started_before: datetime) -> dict[str, datetime]:
    """The calls that last, as far as the ledger knows: linkedid → start, oldest first."""
    query = sa.select(Call.linkedid, Call.started_at).where(Call.outcome.is_(None), Call.started_at < started_before)
    return {linkedid: started_at for linkedid, started_at in session.execute(query.order_by(Call.started_at))}


def close_lost(session: Session, *, linkedids: Collection[str], at: datetime, reason: str) -> Stored:
    """Close calls whose end the exchange never wrote, e.g. because it was killed; `reason` is `[a-z0-9_]+`.

    This is a line of our own among the call's lines, so that folding again gives the same; the exchange's own end
    outweighs it should it still come. A call known from the menu alone gets its line too and is closed by it.
    """
    events = [JournalEvent(linkedid, at, "ended", {"lost": reason}, f"lost:{linkedid}", 0) for linkedid in linkedids]
    starts = {
        row.linkedid: row.started_at
        for chunk in _chunks(sorted(linkedids))
        for row in session.execute(sa.select(Call.linkedid, Call.started_at).where(Call.linkedid.in_(chunk)))
    }
    begun = [
        replace(event, at=starts[event.linkedid], kind="started", data={}, position=1)
        for event in events
        if event.linkedid in starts and not _has_lines(session, event.linkedid)
    ]
    return store_journal(session, [*begun, *events], {})


def _has_lines(session: Session, linkedid: str) -> bool:
    return session.scalar(sa.select(CallEvent.id).where(CallEvent.linkedid == linkedid).limit(1)) is not None


def _fit(event: JournalEvent) -> JournalEvent:
    """Text that both databases take and that fits its columns."""
    data = {clean(key, 100): clean(value, 500) for key, value in event.data.items()}
    return replace(event, linkedid=clean(event.linkedid, 100), source=clean(event.source, 100), data=data)


def _row(event: JournalEvent) -> dict[str, object]:
    return {
        "linkedid": event.linkedid,
        "at": event.at,
        "kind": event.kind,
        "data": event.data,
        "source": event.source,
        "position": event.position,
    }


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def _events(session: Session, linkedids: Sequence[str]) -> Iterator[tuple[str, list[JournalEvent]]]:
    for chunk in _chunks(linkedids):
        query = sa.select(CallEvent).where(CallEvent.linkedid.in_(chunk)).order_by(CallEvent.linkedid, CallEvent.id)
        rows = session.execute(query.with_only_columns(*CallEvent.__table__.columns)).all()
        for linkedid, lines in groupby(rows, key=lambda row: str(row.linkedid)):
            yield linkedid, [JournalEvent(linkedid, r.at, r.kind, r.data, r.source, r.position) for r in lines]


def _inside(events: Sequence[JournalEvent]) -> bool:
    starts = [event.data for event in events if event.kind == "started"]
    return any(start.get("uniqueid") == events[0].linkedid and start.get("context") in INSIDE for start in starts)


def _folded(record: CallRecord) -> dict[str, object]:
    return {
        "linkedid": record.linkedid,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "caller": normalise(record.caller_raw).e164,
        "caller_raw": clean(record.caller_raw),
        "dialled": record.dialled[:40],
        "language": record.language[:5],
        "menu_path": [],
        "menu_flow": "",
        "reason": record.reason[:100],
        "queue": record.queue[:64],
        "queued_at": record.queued_at,
        "connected_at": record.connected_at,
        "operator": record.operator[:64],
        "wait_s": record.wait_s,
        "talk_s": record.talk_s,
        "outcome": record.outcome,
        "failure": record.failure[:200],
    }
