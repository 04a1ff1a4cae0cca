"""What every HTTP request passes first: its id, forged requests refused, a bound on bodies, headers that protect."""

from __future__ import annotations

import logging
import secrets
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.deps import bearer
from api.metrics import Metrics

MAX_BODY = 256 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Mantine writes style elements at run time; nothing else is inline, and nothing comes from elsewhere.
CONTENT_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PROTECTION = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
TRANSPORT = "max-age=31536000"

log = logging.getLogger(__name__)


def forged(method: str, headers: Headers) -> bool:
    """Does another site's page make a browser send this? Requests with a bearer's token are exempt: no browser adds
    one by itself. (OWASP: Fetch Metadata, and Origin for browsers without it.)"""
    if method in SAFE_METHODS or bearer(headers) is not None:
        return False
    site = headers.get("sec-fetch-site")
    return (site is not None and site not in ("same-origin", "none")) or foreign_origin(headers)


def foreign_origin(headers: Headers) -> bool:
    """Is there an Origin that is not the host asked? Behind a TLS proxy the scheme is not ours to compare."""
    given, host = headers.get("origin"), headers.get("host", "")
    return given is not None and (not host or given.partition("://")[2].lower() != host.lower())


class Edge:
    """ASGI middleware. `secure`: the site is reached by https only."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, secure: bool) -> None:
        self.app, self.metrics = app, metrics
        self.protection = PROTECTION | ({"Strict-Transport-Security": TRANSPORT} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, began, status = secrets.token_hex(8), perf_counter(), 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._protect(MutableHeaders(scope=message), scope["path"], request_id)
            await send(message)

        try:
            await self._handle(scope, receive, send_on, request_id)
        finally:
            self.metrics.count(scope, status, perf_counter() - began)

    async def _handle(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        headers, started = Headers(scope=scope), False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        app = self.app
        if forged(scope["method"], headers):
            app = problems.respond(403, "csrf", "this request came from another site")
        elif _length(headers) > MAX_BODY:
            app = problems.respond(413, "too_large", f"a body has at most {MAX_BODY} bytes")
        try:
            await app(scope, _bounded(receive), send_noting)
        except Exception:
            log.exception("request %s (%s %r) failed", request_id, scope["method"], scope["path"])
            if started:
                raise
            detail = f"something went wrong on our side; it is in the log as request {request_id}"
            await problems.respond(500, "internal", detail, request_id=request_id)(scope, receive, send)

    def _protect(self, headers: MutableHeaders, path: str, request_id: str) -> None:
        headers["X-Request-ID"] = request_id
        for name, value in self.protection.items():
            headers.setdefault(name, value)
        if path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")


def _length(headers: Headers) -> int:
    given = headers.get("content-length", "0")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else MAX_BODY + 1


def _bounded(receive: Receive) -> Receive:
    """A body without a length is counted as it comes."""
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            raise HTTPException(413, f"a body has at most {MAX_BODY} bytes")
        return message

    return bounded
