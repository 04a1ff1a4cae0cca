"""Looking up the audio of calls. Its rows are made by the pipeline."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from callcenter.errors import NotFound
from callcenter.tables import Message, Recording


def recorded(session: Session, *, linkedids: Iterable[str]) -> set[str]:
    """Those of the calls whose recording can be played."""
    query = sa.select(Recording.linkedid).where(Recording.linkedid.in_(list(linkedids)), Recording.path != "")
    return set(session.scalars(query))


def recording(session: Session, *, linkedid: str) -> Recording:
    """Raises `NotFound`."""
    row = session.get(Recording, linkedid)
    if row is None:
        raise NotFound("this call has no recording")
    return row


def message(session: Session, *, linkedid: str) -> Message:
    """Raises `NotFound`."""
    row = session.get(Message, linkedid)
    if row is None:
        raise NotFound("no message was left in this call")
    return row
