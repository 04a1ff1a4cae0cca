"""Rows into what a role may see of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from api.deps import Deps, Principal
from api.schemas_calls import (
    AudioOut,
    CallDetail,
    CallEventOut,
    CallOut,
    MenuVisit,
    NoteOut,
    Peaks,
    TicketBrief,
    TicketOut,
)
from callcenter import people
from callcenter.calls import audio, queries
from callcenter.errors import NotFound
from callcenter.phones import mask
from callcenter.rights import OWN_AGENCY_ONLY
from callcenter.tables import Call, CallEvent, Message, Recording, Ticket
from callcenter.tickets import service

_CALL = [name for name in CallOut.model_fields if name not in ("caller", "has_recording")]
_BRIEF = [name for name in TicketBrief.model_fields if name != "citizen_phone"]
_TELLS_WHO = frozenset({"number", "channel"})


def on_desk(deps: Deps, me: Principal, linkedid: str) -> Mapping[str, Any] | None:
    """The pop on my desk, if it is of this call."""
    pop = deps.desk.pop(me.login)
    return pop if pop is not None and pop["linkedid"] == linkedid else None


def sees_number(deps: Deps, me: Principal, call: Call) -> bool:
    """Whose role may see numbers, and the operator whose call it is or was."""
    return me.may("number.see") or call.operator == me.login or on_desk(deps, me, call.linkedid) is not None


def calls_out(session: Session, deps: Deps, me: Principal, rows: Sequence[Call]) -> list[CallOut]:
    recorded = audio.recorded(session, linkedids=[row.linkedid for row in rows])
    return [CallOut(**_call(deps, me, row), has_recording=row.linkedid in recorded) for row in rows]


def _call(deps: Deps, me: Principal, row: Call) -> dict[str, Any]:
    caller = row.caller if sees_number(deps, me, row) else mask(row.caller)
    return {name: getattr(row, name) for name in _CALL} | {"caller": caller}


def call_detail(session: Session, deps: Deps, me: Principal, row: Call) -> CallDetail:
    recording = audio_out(session.get(Recording, row.linkedid), "calls")
    message = audio_out(session.get(Message, row.linkedid), "messages")
    tickets = service.of_call(session, linkedid=row.linkedid) if me.may("ticket.read") else []
    return CallDetail(
        **_call(deps, me, row),
        has_recording=recording is not None and recording.available,
        dialled=row.dialled,
        menu_path=menu_path(deps, row),
        events=[_event(event) for event in queries.events_of(session, linkedid=row.linkedid)],
        recording=recording,
        message=message,
        tickets=[brief(me, ticket) for ticket in tickets if sees_ticket(me, ticket)],
    )


def _event(event: CallEvent) -> CallEventOut:
    hidden = _TELLS_WHO | ({"name"} if event.kind == "started" else set())
    return CallEventOut(
        at=event.at, kind=event.kind, data={key: value for key, value in event.data.items() if key not in hidden}
    )


def menu_path(deps: Deps, row: Call) -> list[MenuVisit]:
    """The stations that have a name for people; a caller passes others that say nothing to an operator."""
    visits = []
    for visit in row.menu_path:
        node, key = str(visit.get("node", "")), str(visit.get("key") or "")
        if node in deps.labels:
            vi, en = deps.labels[node]
            visits.append(MenuVisit(node=node, key=key, label_vi=vi, label_en=en))
    return visits


def audio_out(row: Recording | Message | None, area: str) -> AudioOut | None:
    if row is None:
        return None
    last = "recording" if area == "calls" else "audio"
    return AudioOut(
        url=f"/api/v1/{area}/{row.linkedid}/{last}",
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        duration_s=row.duration_s,
        recorded_at=row.recorded_at,
        available=row.path != "",
        peaks=peaks_out(row),
    )


def peaks_out(row: Recording | Message) -> Peaks:
    """A message has one voice: the citizen's."""
    return Peaks.model_validate({"per_second": 0, "left": [], "right": []} | row.peaks)


def sees_ticket(me: Principal, ticket: Ticket) -> bool:
    """An agency's people see what their agency handles."""
    return me.role not in OWN_AGENCY_ONLY or (me.agency != "" and ticket.category == me.agency)


def ticket_for(session: Session, me: Principal, code: str) -> Ticket:
    """Raises `NotFound` also for what he may not see, `Invalid`."""
    ticket = service.get_by_code(session, code=code)
    if not sees_ticket(me, ticket):
        raise NotFound("there is no ticket with this code")
    return ticket


def brief(me: Principal, ticket: Ticket) -> TicketBrief:
    return TicketBrief(**_brief(me, ticket))


def _brief(me: Principal, ticket: Ticket) -> dict[str, Any]:
    phone = ticket.citizen_phone if me.may("ticket.number.see") else mask(ticket.citizen_phone)
    return {name: getattr(ticket, name) for name in _BRIEF} | {"citizen_phone": phone}


def ticket_out(session: Session, me: Principal, ticket: Ticket) -> TicketOut:
    names = people.names(session, logins={note.author for note in ticket.notes})
    message = session.get(Message, ticket.message_linkedid) if ticket.message_linkedid else None
    return TicketOut(
        **_brief(me, ticket),
        address=ticket.address,
        agency=ticket.agency,
        public=ticket.public,
        linkedid=ticket.linkedid,
        message=audio_out(message, "messages"),
        version=ticket.version,
        notes=[
            NoteOut(
                kind=note.kind,
                text=note.text,
                author=note.author,
                author_name=names.get(note.author, note.author),
                at=note.at,
            )
            for note in ticket.notes
        ],
    )
