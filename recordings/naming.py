"""File names ↔ linkedid. Pure.

A linkedid is Asterisk's unique id of the caller's channel: `<seconds since 1970>.<n>`, before it the systemname and a
hyphen. Nothing else passes, so that no name made elsewhere can point out of a folder.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal

Side = Literal["citizen", "operator"]

_LINKEDID = r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,60}-)?([0-9]{1,11})\.[0-9]{1,12}"
_ID = re.compile(_LINKEDID)
_RECORDING = re.compile(rf"(?P<linkedid>{_LINKEDID})-(?P<side>citizen|operator)\.wav")
_MESSAGE = re.compile(rf"(?P<linkedid>{_LINKEDID})\.wav")
_ARCHIVED = re.compile(rf"[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}}/{_LINKEDID}(?:-message)?\.[a-z0-9]{{2,4}}")


def is_linkedid(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def moment(linkedid: str) -> datetime:
    """When the call began, to the second, as its id says. Raises ValueError if it is no linkedid."""
    match = _ID.fullmatch(linkedid)
    if match is None:
        raise ValueError(f"not a linkedid: {linkedid!r}")
    return datetime.fromtimestamp(int(match[1]), UTC)


def recording_name(linkedid: str, side: Side) -> str:
    """Of one side of a talk, in the spool. Raises ValueError if it is no linkedid."""
    moment(linkedid)
    return f"{linkedid}-{side}.wav"


def message_name(linkedid: str) -> str:
    """Of a message, in the spool. Raises ValueError if it is no linkedid."""
    moment(linkedid)
    return f"{linkedid}.wav"


def parse_recording(name: str) -> tuple[str, str] | None:
    """(linkedid, side), or None for a name that is none of ours."""
    match = _RECORDING.fullmatch(name)
    return (match["linkedid"], match["side"]) if match else None


def parse_message(name: str) -> tuple[str, str] | None:
    """(linkedid, "message"), or None for a name that is none of ours."""
    match = _MESSAGE.fullmatch(name)
    return (match["linkedid"], "message") if match else None


def recording_path(linkedid: str, extension: str) -> str:
    """Below the archive: `YYYY/MM/DD/<linkedid>.<extension>`, the day (UTC) on which the call began. It is made of the
    id alone, so that a second try comes to the same place. Raises ValueError if it is no linkedid."""
    return f"{moment(linkedid):%Y/%m/%d}/{linkedid}.{extension}"


def message_path(linkedid: str, extension: str) -> str:
    """Like `recording_path`, beside the recording that the same call may have."""
    return f"{moment(linkedid):%Y/%m/%d}/{linkedid}-message.{extension}"


def is_archived(path: str) -> bool:
    """Whether this is a path below the archive that could be of our making."""
    return _ARCHIVED.fullmatch(path) is not None
