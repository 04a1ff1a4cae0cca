"""Tickets: opening, reading, notes; and their state for anybody who has the code."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from sqlalchemy.orm import Session

from api import shapes
from api.deps import Deps, Principal, Reading, TheDeps, Writing, origin, require
from api.fields import Cursor, Limit, Line, Since, cursor_after, id_of
from api.schemas import Category
from api.schemas_calls import NoteIn, TicketIn, TicketOut, TicketPage, TicketStatus
from callcenter import audit
from callcenter.errors import HotlineError
from callcenter.rights import OWN_AGENCY_ONLY
from callcenter.tables import Ticket
from callcenter.tickets import service
from callcenter.tickets.categories import CATEGORIES

router = APIRouter(prefix="/api/v1", tags=["tickets"])
Reader = Annotated[Principal, Depends(require("ticket.read"))]
Creator = Annotated[Principal, Depends(require("ticket.create"))]
Noter = Annotated[Principal, Depends(require("ticket.note"))]
Code = Annotated[Line, Path(max_length=40, description="Nine digits, blanks allowed.", examples=["26 481093 5"])]
IdempotencyKey = Annotated[str | None, Header(description="Repeating a request with it gives the same ticket.")]


@router.get("/tickets", operation_id="listTickets", summary="Tickets, newest first")
def list_tickets(
    me: Reader,
    session: Reading,
    state: Annotated[Line, Query(max_length=32)] = "",
    category: Annotated[Line, Query(max_length=64)] = "",
    phone: Annotated[Line, Query(max_length=40, description="The citizen's, in any usual notation.")] = "",
    text: Annotated[Line, Query(max_length=200, description="In title or content.")] = "",
    since: Annotated[Since | None, Query(alias="from")] = None,
    until: Annotated[Since | None, Query(alias="to")] = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> TicketPage:
    """People of an agency see what their agency handles."""
    own = me.agency if me.role in OWN_AGENCY_ONLY else ""
    if me.role in OWN_AGENCY_ONLY and not own:
        return TicketPage(items=[], next_cursor=None)
    wanted = service.Filter(state, category, own, phone, text, since, until, id_of(cursor))
    rows = service.page(session, wanted=wanted, limit=limit + 1)
    shown = rows[:limit]
    return TicketPage(
        items=[shapes.brief(me, ticket) for ticket in shown],
        next_cursor=cursor_after(shown[-1].id) if len(rows) > limit else None,
    )


@router.post(
    "/tickets",
    operation_id="createTicket",
    status_code=201,
    summary="Open a ticket",
    responses={200: {"model": TicketOut, "description": "The ticket that was opened with this Idempotency-Key."}},
)
def create_ticket(
    asked: TicketIn,
    me: Creator,
    session: Writing,
    deps: TheDeps,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> TicketOut:
    new, now = service.NewTicket(**asked.model_dump()), deps.clock()
    source, made = _source(me, new), True
    if idempotency_key is None:
        ticket = service.create(session, new=new, source=source, author=me.login, now=now)
    else:
        ticket, made = service.create_once(
            session, new=new, source=source, author=me.login, person_id=me.id, key=idempotency_key, now=now
        )
    if made:
        _audit(session, deps, me, "ticket.create", ticket)
    else:
        response.status_code = 200
    response.headers["Location"] = f"/api/v1/tickets/{ticket.code}"
    return shapes.ticket_out(session, me, ticket)


def _source(me: Principal, new: service.NewTicket) -> Literal["call", "web", "integration"]:
    if me.role == "integration":
        return "integration"
    return "call" if new.linkedid else "web"


@router.get("/tickets/{code}", operation_id="getTicket", summary="One ticket with its history")
def get_ticket(code: Code, me: Reader, session: Reading) -> TicketOut:
    return shapes.ticket_out(session, me, shapes.ticket_for(session, me, code))


@router.post("/tickets/{code}/notes", operation_id="addNote", status_code=201, summary="Add a note")
def add_note(code: Code, asked: NoteIn, me: Noter, session: Writing, deps: TheDeps) -> TicketOut:
    ticket = shapes.ticket_for(session, me, code)
    service.add_note(session, ticket=ticket, text=asked.text, author=me.login, now=deps.clock())
    _audit(session, deps, me, "ticket.note", ticket)
    return shapes.ticket_out(session, me, ticket)


@router.get("/categories", operation_id="listCategories", summary="What tickets can be about")
def list_categories(_me: Reader) -> list[Category]:
    return [Category(key=key, vi=vi, en=en) for key, (vi, en) in CATEGORIES.items()]


@router.get("/public/tickets/{code}", operation_id="getTicketState", summary="A ticket's state, for its citizen")
def ticket_state(code: Code, request: Request, deps: TheDeps) -> TicketStatus:
    """Without signing in. Codes that do not exist are counted per address; too many are answered 429."""
    missed: HotlineError | None = None
    with deps.sessions.begin() as session:
        try:
            status = service.status_by_code(session, code=code, asker=f"web:{origin(request)}", now=deps.clock())
        except HotlineError as error:
            missed = error  # the try that was counted must be committed
    if missed is not None:
        raise missed
    return TicketStatus(code=status.code, state=status.state)


def _audit(session: Session, deps: Deps, me: Principal, action: str, ticket: Ticket) -> None:
    audit.write(session, at=deps.clock(), actor=me.login, action=action, subject=ticket.code, origin=me.origin)
