"""Listening to recordings and messages. Every access is in the audit before the first byte leaves."""

from __future__ import annotations

import logging
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from api import ranges, shapes
from api.deps import Deps, Me, Principal, Reading, TheDeps, Writing
from api.fields import LinkedId
from api.problems import Gone
from api.schemas import JsonObject
from api.schemas_calls import Peaks
from callcenter import audit
from callcenter.calls import audio
from callcenter.errors import Forbidden, NotFound
from callcenter.tables import Call, Message, Recording, Ticket

log = logging.getLogger(__name__)

router = APIRouter(prefix="/api/v1", tags=["audio"])
OfCall = Annotated[LinkedId, Path()]
AUDIO: dict[int | str, JsonObject] = {
    200: {"description": "The whole.", "content": {"audio/mpeg": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "The range asked for.", "content": {"audio/mpeg": {}}},
    304: {"description": "As you have it."},
}


def _recording(session: Session, me: Principal, linkedid: str) -> Recording:
    """Those with the right, and operators the calls they took themselves. Raises `Forbidden`, `NotFound`."""
    call = session.get(Call, linkedid)
    own = call is not None and call.operator != "" and call.operator == me.login
    if not me.may("recording.listen") and not own:
        raise Forbidden("only calls that you took yourself")
    return audio.recording(session, linkedid=linkedid)


def _message(session: Session, me: Principal, linkedid: str) -> Message:
    """Those with the right, and whoever may see the ticket that was made of it. Raises `Forbidden`, `NotFound`."""
    if me.may("recording.listen"):
        return audio.message(session, linkedid=linkedid)
    if not me.may("ticket.read"):
        raise Forbidden("this needs the right recording.listen or ticket.read")
    row = audio.message(session, linkedid=linkedid)
    ticket = session.get(Ticket, row.ticket_id) if row.ticket_id is not None else None
    if ticket is None or not shapes.sees_ticket(me, ticket):
        raise NotFound("no message was left in this call")
    return row


def _serve(
    session: Session, request: Request, deps: Deps, me: Principal, row: Recording | Message, action: str
) -> Response:
    if not row.path:
        raise Gone("the audio was deleted when its time was over")
    path: FilePath = (deps.archive / row.path).resolve()
    if not path.is_relative_to(deps.archive.resolve()) or not path.is_file():
        log.error("%s is in the database and not in the archive", row.path)
        raise NotFound("the audio is not in the archive")
    name = f"{row.linkedid}{path.suffix}"
    response = ranges.serve(request, path, media_type=row.media_type, etag=row.sha256, name=name)
    audit.write(
        session,
        at=deps.clock(),
        actor=me.login,
        action=action,
        subject=row.linkedid,
        origin=me.origin,
        range=request.headers.get("range", "")[:100],
    )
    return response


@router.get(
    "/calls/{linkedid}/recording",
    operation_id="getRecording",
    summary="The recording: citizen left, operator right",
    response_class=Response,
    responses=AUDIO,
)
@router.head("/calls/{linkedid}/recording", include_in_schema=False)
def recording(linkedid: OfCall, request: Request, me: Me, session: Writing, deps: TheDeps) -> Response:
    return _serve(session, request, deps, me, _recording(session, me, linkedid), "recording.listen")


@router.get("/calls/{linkedid}/recording/peaks", operation_id="getPeaks", summary="Its waveform")
def peaks(linkedid: OfCall, me: Me, session: Reading) -> Peaks:
    return shapes.peaks_out(_recording(session, me, linkedid))


@router.get(
    "/messages/{linkedid}/audio",
    operation_id="getMessageAudio",
    summary="A message that a caller left",
    response_class=Response,
    responses=AUDIO,
)
@router.head("/messages/{linkedid}/audio", include_in_schema=False)
def message(linkedid: OfCall, request: Request, me: Me, session: Writing, deps: TheDeps) -> Response:
    return _serve(session, request, deps, me, _message(session, me, linkedid), "message.listen")
