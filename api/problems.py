"""Every error as a problem document (RFC 9457) with a stable `code`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import exc
from starlette.exceptions import HTTPException

from callcenter import errors
from callcenter.errors import HotlineError

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[HotlineError], int] = {
    errors.NotFound: 404,
    errors.Invalid: 422,
    errors.Conflict: 409,
    errors.Forbidden: 403,
    errors.SignInFailed: 401,
    errors.TooManyTries: 429,
    errors.ExchangeUnavailable: 503,
}
CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    500: "internal",
}
DATABASE_RETRY_S = 5

log = logging.getLogger(__name__)


class Unauthenticated(HotlineError):
    """Nobody is signed in, or no longer."""

    code = "unauthenticated"


class Gone(HotlineError):
    """There was audio, and it has been deleted as the law asks."""

    code = "audio_deleted"


class RangeNotSatisfiable(HotlineError):
    """`size` is that of the whole, in bytes."""

    code = "range_not_satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__(f"there are {size} bytes, none in the range that was asked for")
        self.size = size


STATUS = {**STATUS, Unauthenticated: 401, Gone: 410, RangeNotSatisfiable: 416}


def respond(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    faults: Sequence[Mapping[str, str]] = (),
    **extra: Any,
) -> JSONResponse:
    """`faults` name the fields that are wrong: `{"pointer", "code", "detail"}`."""
    body: dict[str, Any] = {
        "type": f"urn:hotline:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **extra,
    }
    if faults:
        body["errors"] = list(faults)
        body.setdefault("field", faults[0]["pointer"].rpartition("/")[2])
    return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


def of_error(error: HotlineError) -> JSONResponse:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)
    headers: dict[str, str] = {}
    faults: list[dict[str, str]] = []
    match error:
        case errors.TooManyTries():
            headers["Retry-After"] = str(error.retry_after_s)
        case errors.Invalid():
            faults = [{"pointer": f"#/{error.field}", "code": error.code, "detail": str(error)}]
        case RangeNotSatisfiable():
            headers["Content-Range"] = f"bytes */{error.size}"
        case errors.SignInFailed() | Unauthenticated():
            headers["WWW-Authenticate"] = 'Bearer realm="hotline"'
    return respond(status, error.code, str(error), headers=headers, faults=faults)


def of_validation(error: RequestValidationError) -> JSONResponse:
    """What was sent is not repeated: it may be a password, or not even text."""
    wrong = error.errors()
    if any(fault["type"] == "json_invalid" for fault in wrong):
        return respond(400, "malformed_json", "the body is not JSON")
    faults = [
        {"pointer": _pointer(fault["loc"]), "code": str(fault["type"]), "detail": str(fault["msg"])} for fault in wrong
    ]
    detail = "; ".join(f"{fault['pointer']}: {fault['detail']}" for fault in faults[:3])
    return respond(422, "invalid", detail, faults=faults[:50])


def _pointer(place: Sequence[int | str]) -> str:
    where, *path = place or ("body",)
    prefix = "#" if where == "body" else f"#{where}"
    return "/".join([prefix, *(str(step).encode("utf-8", "replace").decode()[:100] for step in path)])


def install(app: FastAPI) -> None:
    """Let every error of the routes, the router and the database leave as a problem document."""

    @app.exception_handler(HotlineError)
    def hotline_error(_request: Request, error: HotlineError) -> JSONResponse:
        return of_error(error)

    @app.exception_handler(RequestValidationError)
    def validation_error(_request: Request, error: RequestValidationError) -> JSONResponse:
        return of_validation(error)

    @app.exception_handler(HTTPException)
    def http_error(_request: Request, error: HTTPException) -> JSONResponse:
        code = CODES.get(error.status_code, "error")
        return respond(error.status_code, code, str(error.detail), headers=error.headers)

    @app.exception_handler(exc.DataError)
    def data_error(_request: Request, error: exc.DataError) -> JSONResponse:
        log.warning("the database refused a value: %s", error.orig)
        return respond(422, "invalid", "a value is too long, too large or not text")

    for kind in (exc.OperationalError, exc.InterfaceError, exc.TimeoutError):
        app.add_exception_handler(kind, _database_error)


def _database_error(_request: Request, error: Exception) -> JSONResponse:
    log.error("the database is not to be had: %s", str(error).splitlines()[0])
    detail = "the database cannot be reached now; nothing was changed"
    return respond(503, "database_unavailable", detail, headers={"Retry-After": str(DATABASE_RETRY_S)})
