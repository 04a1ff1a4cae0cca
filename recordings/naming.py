"""File names of the spool and the archive: made of call ids only, never of a caller's text. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

Side = Literal["citizen", "operator"]
Kind = Literal["talk", "message"]
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The archive's folders follow the days in Vietnam."""
_LINKEDID = r"[A-Za-z0-9][A-Za-z0-9.\-]{2,98}"
_SIDE = re.compile(rf"({_LINKEDID})-(citizen|operator)\.wav")
_MESSAGE = re.compile(rf"({_LINKEDID})\.wav")


def side_of(name: str) -> tuple[str, Side] | None:
    """`<linkedid>-citizen.wav` → its linkedid and side; None for any other name."""
    match = _SIDE.fullmatch(name)
    if match is None:
        return None
    return match[1], "citizen" if match[2] == "citizen" else "operator"


def message_of(name: str) -> str | None:
    """`<linkedid>.wav` → its linkedid; None for any other name."""
    match = _MESSAGE.fullmatch(name)
    return match[1] if match else None


def archive_path(linkedid: str, at: datetime, kind: Kind) -> str:
    """Where the archive keeps a recording, relative to its root: `2026/11/24/<linkedid>-talk.ogg`.

    Raises ValueError for a linkedid that cannot be a file name.
    """
    if not re.fullmatch(_LINKEDID, linkedid):
        raise ValueError(f"{linkedid!r} cannot be part of a file name")
    return f"{at.astimezone(ZONE):%Y/%m/%d}/{linkedid}-{kind}.ogg"
