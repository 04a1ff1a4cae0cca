"""Reading calls: pages of them, one with its evidence, the earlier ones of a number."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from callcenter.calls.facts import Outcome
from callcenter.calls.ledger import OUTCOMES, ServiceLevel, service_level
from callcenter.errors import Invalid, NotFound
from callcenter.phones import clean, normalise
from callcenter.tables import Call, CallEvent


@dataclass(frozen=True, slots=True)
class Filter:
    """Calls that began from `since` until before `until`. `caller` as somebody wrote it; a number that cannot be
    understood is compared with what the carrier gave. `cursor` continues a list (see `cursor_of`)."""

    since: datetime | None = None
    until: datetime | None = None
    outcome: str = ""
    queue: str = ""
    operator: str = ""
    caller: str = ""
    cursor: str = ""


def page(session: Session, *, wanted: Filter, limit: int) -> list[Call]:
    """Newest first, at most `limit`. Raises `Invalid` for a cursor or an outcome that there is not."""
    query = sa.select(Call).where(*_conditions(wanted)).order_by(Call.started_at.desc(), Call.linkedid.desc())
    if wanted.cursor:
        started_at, linkedid = _parse_cursor(wanted.cursor)
        same = sa.and_(Call.started_at == started_at, Call.linkedid < linkedid)
        query = query.where(sa.or_(Call.started_at < started_at, same))
    return list(session.scalars(query.limit(limit)))


def cursor_of(call: Call) -> str:
    """Where a list goes on after this call."""
    return base64.urlsafe_b64encode(f"{call.started_at.isoformat()}|{call.linkedid}".encode()).decode()


def get(session: Session, *, linkedid: str) -> Call:
    """Raises `NotFound`."""
    call = session.get(Call, clean(linkedid, 100))
    if call is None:
        raise NotFound("there is no such call")
    return call


def events_of(session: Session, *, linkedid: str) -> Sequence[CallEvent]:
    """The lines of the exchange's files from which the call was folded, in order of time."""
    query = sa.select(CallEvent).where(CallEvent.linkedid == linkedid)
    return session.scalars(query.order_by(CallEvent.at, CallEvent.id)).all()


def earlier_calls(session: Session, *, e164: str, before: datetime, limit: int = 10) -> list[Call]:
    """The calls of a number that began before `before`, newest first; none for callers without a number."""
    if not e164:
        return []
    query = sa.select(Call).where(Call.caller == e164, Call.started_at < before)
    return list(session.scalars(query.order_by(Call.started_at.desc()).limit(limit)))


def calls_before(session: Session, *, e164: str, before: datetime) -> int:
    """How many calls of a number began before `before`; 0 for callers without a number."""
    if not e164:
        return 0
    query = sa.select(sa.func.count()).where(Call.caller == e164, Call.started_at < before)
    return session.scalar(query) or 0


def level(session: Session, *, wanted: Filter, x_s: float, y_s: float) -> ServiceLevel:
    """The service level of the calls that `wanted` selects; its cursor does not count."""
    query = sa.select(Call.outcome, Call.wait_s).where(*_conditions(wanted))
    return service_level(((outcome, wait_s) for outcome, wait_s in session.execute(query)), x_s, y_s)


def outcomes(session: Session, *, wanted: Filter) -> dict[Outcome, int]:
    """How many calls ended in each way; calls that last are not counted."""
    query = sa.select(Call.outcome, sa.func.count()).where(*_conditions(wanted)).group_by(Call.outcome)
    counted = {outcome: number for outcome, number in session.execute(query)}
    return {outcome: counted.get(outcome, 0) for outcome in OUTCOMES}


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    if wanted.outcome and wanted.outcome not in OUTCOMES:
        raise Invalid("outcome", f"there is no outcome {wanted.outcome[:40]!r}; there are {', '.join(OUTCOMES)}")
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.since:
        conditions.append(Call.started_at >= wanted.since)
    if wanted.until:
        conditions.append(Call.started_at < wanted.until)
    equal = ((Call.outcome, wanted.outcome), (Call.queue, wanted.queue), (Call.operator, wanted.operator))
    conditions += [column == clean(value) for column, value in equal if value]
    if wanted.caller:
        number = normalise(wanted.caller)
        conditions.append(Call.caller == number.e164 if number.e164 else Call.caller_raw == number.raw)
    return conditions


def _parse_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        started_at, _, linkedid = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        at = datetime.fromisoformat(started_at)
    except (binascii.Error, ValueError) as error:
        raise Invalid("cursor", "this cursor was not given out by this list") from error
    if at.tzinfo is None:
        raise Invalid("cursor", "this cursor was not given out by this list")
    return at, clean(linkedid)
