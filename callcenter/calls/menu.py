"""What a caller did in the menu, written to the call's row by the menu itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from callcenter.phones import clean, normalise
from callcenter.store import upsert
from callcenter.tables import Call

COLUMNS = ("language", "menu_path", "menu_flow", "reason")
"""The columns of `calls` that belong to the menu; the ledger writes the others."""


def note_menu(
    session: Session,
    *,
    linkedid: str,
    at: datetime,
    number_raw: str,
    dialled: str,
    language: str,
    path: Sequence[dict[str, Any]],
    flow: str,
    reason: str,
) -> None:
    """Write the menu's columns; the row is made if the ledger has not come to this call yet."""
    row = {
        "linkedid": linkedid[:100],
        "started_at": at,
        "caller": normalise(number_raw).e164,
        "caller_raw": clean(number_raw),
        "dialled": clean(dialled, 40),
        "language": language,
        "menu_path": list(path),
        "menu_flow": flow[:100],
        "reason": reason[:100],
    }
    upsert(session, Call, [row], ["linkedid"], COLUMNS)
