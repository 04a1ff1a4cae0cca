"""The live stream: Server-Sent Events of what goes on in the call centre."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.deps import Deps, Principal, TheDeps, identify, require
from callcenter.feed import Dropped

SEND_TIMEOUT_S = 20
"""A browser that takes nothing for so long is let go; it comes back and resumes."""

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1", tags=["live"])
Watcher = Annotated[Principal, Depends(require("queue.read"))]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`event: state` with the whole, then `event: change` with `{kind, key, value}`, numbered.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/live",
    operation_id="live",
    summary="What goes on, as it happens",
    response_class=EventSourceResponse,
    responses=STREAM,
)
async def live(
    request: Request,
    me: Watcher,
    deps: TheDeps,
    last_event_id: Annotated[str, Header(description="Resumes after this change while it is known.")] = "",
) -> EventSourceResponse:
    known = last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) < 19
    return EventSourceResponse(
        _stream(request, me, deps, int(last_event_id) if known else None),
        ping=deps.heartbeat_s,
        ping_message_factory=lambda: ServerSentEvent(comment="heartbeat"),
        send_timeout=SEND_TIMEOUT_S,
        sep="\n",
    )


async def _stream(request: Request, me: Principal, deps: Deps, last_id: int | None) -> AsyncIterator[ServerSentEvent]:
    """Ends when the listener is signed out, disabled or given another role, reads too slowly, or the server stops."""
    clock = asyncio.get_running_loop().time
    with deps.desk.listen(me.login, last_id) as listener:
        look_at = clock() + deps.heartbeat_s
        while True:
            try:
                item = await listener.next(max(0.0, look_at - clock()))
            except Dropped:
                return
            if clock() >= look_at:
                if not await run_in_threadpool(_still, me, request, deps):
                    return
                look_at = clock() + deps.heartbeat_s
            if item is not None:
                data = json.dumps(item.data, ensure_ascii=False, separators=(",", ":"))
                yield ServerSentEvent(data=data, event=item.event, id=str(item.id))


def _still(me: Principal, request: Request, deps: Deps) -> bool:
    """While the database is away nobody can be signed out, and the live picture goes on."""
    try:
        return identify(request, deps) == me
    except SQLAlchemyError as error:
        log.warning("not known whether %s is still signed in: %s", me.login, str(error).splitlines()[0])
        return True
