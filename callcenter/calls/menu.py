"""What a caller did in the menu, written to the call's row by the menu itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from callcenter.phones import clean, normalise
from callcenter.store import upsert
from callcenter.tables import Call

COLUMNS = ("language", "menu_path", "menu_flow", "reason")
"""The columns of `calls` that belong to the menu; the ledger writes the others."""


@dataclass(frozen=True, slots=True)
class MenuNote:
    """One caller's way: `path` is [{"node": …, "key": …}] in the order passed, `number_raw` as the carrier gave it."""

    linkedid: str
    at: datetime
    number_raw: str
    dialled: str
    language: str
    path: Sequence[dict[str, Any]]
    flow: str
    reason: str


def note_menus(session: Session, notes: Sequence[MenuNote]) -> None:
    """Write the menu's columns; a row is made if the ledger has not come to its call yet.

    In the order of linkedid, as the ledger writes, so that PostgreSQL never finds the two waiting for each other.
    """
    rows = [
        {
            "linkedid": note.linkedid[:100],
            "started_at": note.at,
            "caller": normalise(note.number_raw).e164,
            "caller_raw": clean(note.number_raw),
            "dialled": clean(note.dialled, 40),
            "language": note.language,
            "menu_path": list(note.path),
            "menu_flow": note.flow[:100],
            "reason": note.reason[:100],
        }
        for note in sorted(notes, key=lambda note: note.linkedid)
    ]
    upsert(session, Call, rows, ["linkedid"], COLUMNS)
