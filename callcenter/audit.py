"""Who did or saw what: rows that are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from callcenter.phones import clean
from callcenter.tables import Audit


def write(
    session: Session, *, at: datetime, actor: str, action: str, subject: str, origin: str = "", **data: Any
) -> None:
    """Add one row; `origin` is an address, `data` whatever else explains it."""
    actor, subject, origin = clean(actor, 64), clean(subject, 200), clean(origin, 100)
    row = Audit(at=at, actor=actor, action=action, subject=subject, origin=origin, data=data)
    session.add(row)
