"""Audio files over HTTP: whole, or one range of bytes (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from api.problems import RangeNotSatisfiable

CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*")


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte; None for the whole: without a range, with several, or one that cannot be understood, which
    a server may ignore. Raises `RangeNotSatisfiable`."""
    match = _RANGE.fullmatch(header or "")
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
        if not int(last):
            raise RangeNotSatisfiable(size)
    else:
        start, end = int(first), min(int(last or size), size - 1)
        if last and int(last) < start:
            return None
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, end


def serve(request: Request, path: Path, *, media_type: str, etag: str, name: str) -> Response:
    """The file, as much of it as was asked for. `etag` (without quotes) changes with the content; `name` is offered
    for saving. Raises `RangeNotSatisfiable`, FileNotFoundError."""
    size = path.stat().st_size
    headers = {
        "ETag": f'"{etag}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{name}"',
    }
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range")
    if request.headers.get("if-range", f'"{etag}"') != f'"{etag}"':
        wanted = None
    part = parse_range(wanted, size)
    start, end = part or (0, size - 1)
    headers["Content-Length"] = str(end - start + 1)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_read(path, start, end - start + 1), status, headers, media_type)


def _matches(header: str, etag: str) -> bool:
    return any(tag.strip().removeprefix("W/") in ("*", f'"{etag}"') for tag in header.split(","))


def _read(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(CHUNK, length))):
            length -= len(piece)
            yield piece
