"""Is it alive, is it ready, and its figures."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from ipaddress import ip_address

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.deps import CheckState, TheDeps, identify, origin
from api.problems import Unauthenticated
from api.schemas import Alive, Check, Ready

CHECK_S = 2.0
"""A dependency that does not tell how it is within this time is taken for down."""

log = logging.getLogger(__name__)
router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="healthz", summary="Alive")
def healthz() -> Alive:
    return Alive()


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Each dependency with its state",
    responses={503: {"model": Ready, "description": "A needed dependency is down."}},
)
def readyz(response: Response, request: Request, deps: TheDeps) -> Ready:
    pool: ThreadPoolExecutor = request.app.state.checkers
    running = {name: pool.submit(check) for name, check in deps.checks.items()}
    states = {name: _state(name, future) for name, future in running.items()}
    ready = all(state.ok or not state.needed for state in states.values())
    response.status_code = 200 if ready else 503
    return Ready(
        ready=ready,
        checks={
            name: Check(state="up" if state.ok else "down", needed=state.needed, detail=state.detail)
            for name, state in states.items()
        },
    )


def _state(name: str, future: Future[CheckState]) -> CheckState:
    try:
        return future.result(CHECK_S)
    except TookTooLong:
        future.cancel()
        return CheckState(False, f"no answer within {CHECK_S:g} s")
    except Exception as error:
        log.debug("the check of %s failed: %s", name, error)
        return CheckState(False, f"{type(error).__name__}: {error}".splitlines()[0][:200])


def _may_scrape(request: Request, deps: TheDeps) -> None:
    """This machine itself, or a token. A request that a proxy passed on is not this machine's own."""
    if not _local(request) and identify(request, deps) is None:
        raise Unauthenticated("figures are for this machine, or for a token")


def _local(request: Request) -> bool:
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for")):
        return False
    try:
        return ip_address(origin(request)).is_loopback
    except ValueError:
        return False


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    dependencies=[Depends(_may_scrape)],
)
def metrics(request: Request) -> Response:
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
