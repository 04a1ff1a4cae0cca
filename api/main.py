"""The application: routes, what surrounds them, and the web app for everything else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api import openapi, problems
from api.deps import Deps
from api.edge import Edge
from api.metrics import Metrics
from api.routes import audio, calls, centre, health, live, session, sip, tickets
from api.webapp import WebApp

GZIP_FROM = 1000
CHECKERS = 8


def create_app(deps: Deps) -> FastAPI:
    """The whole of the web process's HTTP. Serve it by uvicorn with one worker: the live state is in its memory."""
    app = build()
    metrics = Metrics()
    metrics.watch(deps)
    app.state.deps = deps
    app.state.metrics = metrics
    app.state.checkers = ThreadPoolExecutor(CHECKERS, thread_name_prefix="check")
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM, compresslevel=5)
    app.add_middleware(Edge, metrics=metrics, secure=deps.secure_cookies)
    app.router.default = WebApp(deps.web_dist)
    return app


def build() -> FastAPI:
    """The routes by themselves: enough to describe them."""
    app = FastAPI(
        title=openapi.TITLE,
        version=openapi.VERSION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    for area in (session, calls, audio, tickets, centre, live, health, sip):
        app.include_router(area.router)
    problems.install(app)
    openapi.install(app)
    return app
