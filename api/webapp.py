"""Serves the built web app: hashed files for ever, its page for every path that is not a file."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

NOT_BUILT = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>1022</title>
<style>body{font:1rem/1.6 system-ui;margin:15vh auto;max-width:36rem;padding:0 1rem}</style>
<h1>Giao diện web chưa được dựng</h1>
<p lang="en">The web app has not been built. <code>make run</code> builds it; by hand, in the folder <code>web</code>:
<code>npm ci && npm run build</code>, then load this page again.</p>
<p lang="en">The API is running: <a href="/api/docs">its description</a>.</p></html>"""
FOREVER = "public, max-age=31536000, immutable"


class WebApp:
    """The ASGI application for whatever no route takes. `folder` may appear later: it is looked at anew each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        response = await self._response(scope)
        await response(scope, receive, send)

    async def _response(self, scope: Scope) -> Response:
        path: str = scope["path"]
        if path == "/api" or path.startswith("/api/"):
            raise HTTPException(404, "there is no such address; the API's are listed at /api/docs")
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, "this can only be read", {"Allow": "GET, HEAD"})
        if not (self.folder / "index.html").is_file():
            return HTMLResponse(NOT_BUILT, 503)
        return await self._file(scope)

    async def _file(self, scope: Scope) -> Response:
        path = self.files.get_path(scope)
        hashed = PurePosixPath(path).parts[:1] == ("assets",)
        try:
            if path in ("", ".") or "\0" in path:
                raise HTTPException(404)
            response = await self.files.get_response(path, scope)
        except HTTPException:
            if hashed or PurePosixPath(path).suffix:
                raise
            hashed, response = False, await self.files.get_response("index.html", scope)
        response.headers["Cache-Control"] = FOREVER if hashed else "no-cache"
        return response
