"""Who did or saw what: rows that are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from callcenter.tables import Audit


def write(
    session: Session, *, at: datetime, actor: str, action: str, subject: str, origin: str = "", **data: Any
) -> None:
    """Add one row; `origin` is an address, `data` whatever else explains it."""
    row = Audit(at=at, actor=actor[:64], action=action, subject=subject[:200], origin=origin[:100], data=data)
    session.add(row)
