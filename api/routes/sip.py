"""Browsers' SIP over WebSocket, passed on to the exchange, so that it need not be reachable itself."""

from __future__ import annotations

import asyncio
import logging

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from api import problems
from api.deps import Deps, identify
from api.edge import foreign_origin
from callcenter.rights import WITH_PHONE

PROTOCOL = "sip"
MAX_MESSAGE = 64 * 1024
OPEN_S = 5
TRY_AGAIN_LATER, TOO_BIG = 1013, 1009
_NOT_TO_BE_SENT = frozenset({1004, 1005, 1006, 1015})

log = logging.getLogger(__name__)
router = APIRouter()


@router.websocket("/sip")
async def sip(socket: WebSocket) -> None:
    deps: Deps = socket.app.state.deps
    refusal = await run_in_threadpool(_refusal, socket, deps)
    if refusal is not None:
        await _deny(socket, refusal)
        return
    try:
        exchange = await connect(
            deps.sip_ws_url,
            subprotocols=[PROTOCOL],  # type: ignore[list-item]  # a NewType of str
            max_size=MAX_MESSAGE,
            open_timeout=OPEN_S,
            close_timeout=1,
            compression=None,
            proxy=None,
        )
    except (OSError, TimeoutError, InvalidHandshake) as error:
        log.warning("the exchange's WebSocket at %s cannot be had: %s", deps.sip_ws_url, error)
        await _deny(socket, problems.respond(503, "telephony_unavailable", "the exchange cannot be reached"))
        return
    async with exchange:
        await socket.accept(subprotocol=PROTOCOL)
        await _pass_on(socket, exchange)


def _refusal(socket: WebSocket, deps: Deps) -> Response | None:
    if foreign_origin(socket.headers):
        return problems.respond(403, "csrf", "this connection came from another site")
    me = identify(socket, deps)
    if me is None:
        return problems.respond(401, "unauthenticated", "sign in first")
    if me.role not in WITH_PHONE:
        return problems.respond(403, "forbidden", f"the role {me.role} has no phone")
    if PROTOCOL not in socket.scope.get("subprotocols", []):
        return problems.respond(400, "bad_request", "this speaks the WebSocket subprotocol sip only")
    return None


async def _deny(socket: WebSocket, response: Response) -> None:
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(response)
    else:
        await socket.close(TRY_AGAIN_LATER)


async def _pass_on(socket: WebSocket, exchange: ClientConnection) -> None:
    """Until either side closes; the other side is closed with the same code."""
    up, down = asyncio.create_task(_to_exchange(socket, exchange)), asyncio.create_task(_to_browser(socket, exchange))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        if down.done():
            await socket.close(*_closing(exchange.close_code, exchange.close_reason))
        else:
            await exchange.close(*_closing(up.result(), ""))
    finally:
        for task in (up, down):
            task.cancel()
        await asyncio.gather(up, down, return_exceptions=True)


def _closing(code: int | None, reason: str | None) -> tuple[int, str]:
    """1005 and its like tell that no code came; they are never sent."""
    if code is None or code in _NOT_TO_BE_SENT:
        return (1001 if code == 1006 else 1000), ""
    return code, reason or ""


async def _to_exchange(socket: WebSocket, exchange: ClientConnection) -> int:
    """The code with which the browser closed."""
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return int(message.get("code") or 1005)
            text, data = message.get("text"), message.get("bytes")
            content: str | bytes = text if text is not None else data or b""
            if len(content) > MAX_MESSAGE:
                await socket.close(TOO_BIG)
                return TOO_BIG
            await exchange.send(content)
    except (ConnectionClosed, WebSocketDisconnect):
        return 1001


async def _to_browser(socket: WebSocket, exchange: ClientConnection) -> None:
    try:
        async for message in exchange:
            if isinstance(message, str):
                await socket.send_text(message)
            else:
                await socket.send_bytes(message)
    except (ConnectionClosed, WebSocketDisconnect):
        return
