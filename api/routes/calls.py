"""Calls, and what an operator wants to know of the one that rings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.orm import Session

from api import shapes
from api.deps import Deps, Principal, Reading, TheDeps, Writing, require
from api.fields import Cursor, Limit, Line, LinkedId, Since
from api.schemas_calls import CallContext, CallDetail, CallerOut, CallPage, OutcomeFilter
from callcenter import audit
from callcenter.calls import queries
from callcenter.errors import NotFound
from callcenter.phones import mask
from callcenter.tables import Call
from callcenter.tickets import service

EARLIER_CALLS = 10

router = APIRouter(prefix="/api/v1/calls", tags=["calls"])
Lister = Annotated[Principal, Depends(require("call.list"))]
OfCall = Annotated[LinkedId, Path()]


@router.get("", operation_id="listCalls", summary="Calls, newest first")
def list_calls(
    me: Lister,
    session: Reading,
    deps: TheDeps,
    since: Annotated[Since | None, Query(alias="from", description="Begun at or after.")] = None,
    until: Annotated[Since | None, Query(alias="to", description="Begun before.")] = None,
    outcome: OutcomeFilter = "",
    queue: Annotated[Line, Query(max_length=64)] = "",
    operator: Annotated[Line, Query(max_length=64)] = "",
    caller: Annotated[Line, Query(max_length=40, description="In any usual notation.")] = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> CallPage:
    wanted = queries.Filter(since, until, outcome, queue, operator, caller, cursor)
    rows = queries.page(session, wanted=wanted, limit=limit + 1)
    shown = rows[:limit]
    return CallPage(
        items=shapes.calls_out(session, deps, me, shown),
        next_cursor=queries.cursor_of(shown[-1]) if len(rows) > limit else None,
    )


@router.get("/{linkedid}", operation_id="getCall", summary="One call with its events, audio and tickets")
def get_call(linkedid: OfCall, me: Lister, session: Writing, deps: TheDeps) -> CallDetail:
    row = queries.get(session, linkedid=linkedid)
    _audit_number(session, deps, me, row)
    return shapes.call_detail(session, deps, me, row)


@router.get("/{linkedid}/context", operation_id="getCallContext", summary="Who calls: for the screen pop")
def context(linkedid: OfCall, me: Lister, session: Writing, deps: TheDeps) -> CallContext:
    """Also for a call that rings at one's own desk and is not in the database yet."""
    row = session.get(Call, linkedid)
    pop = shapes.on_desk(deps, me, linkedid)
    if row is None and pop is None:
        raise NotFound("there is no such call")
    if row is not None:
        _audit_number(session, deps, me, row)
    number = (row.caller if row else "") or (pop["number"] if pop else "")
    seen = pop is not None or (row is not None and shapes.sees_number(deps, me, row))
    began = row.started_at if row else datetime.fromisoformat(str(pop["rung_at"])) if pop else deps.clock()
    earlier = queries.earlier_calls(session, e164=number, before=began, limit=EARLIER_CALLS)
    tickets = service.open_of_phone(session, e164=number) if me.may("ticket.read") else []
    return CallContext(
        caller=CallerOut(
            number=number if seen else mask(number),
            name=service.citizen_name(session, e164=number),
            calls=queries.calls_before(session, e164=number, before=began),
        ),
        menu_path=shapes.menu_path(deps, row) if row else [],
        earlier_calls=shapes.calls_out(session, deps, me, earlier),
        open_tickets=[shapes.brief(me, ticket) for ticket in tickets if shapes.sees_ticket(me, ticket)],
    )


def _audit_number(session: Session, deps: Deps, me: Principal, row: Call) -> None:
    if row.caller and shapes.sees_number(deps, me, row):
        audit.write(
            session,
            at=deps.clock(),
            actor=me.login,
            action="number.view",
            subject=row.linkedid,
            origin=me.origin,
        )
