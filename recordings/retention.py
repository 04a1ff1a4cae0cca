"""Audio is kept no longer than its purpose needs (Luật 91/2025/QH15); that it existed stays known."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from callcenter import archive as rows
from callcenter import store
from callcenter.tables import Message, Recording
from recordings import naming

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500


def delete_old(
    sessions: sessionmaker[Session], *, archive: Path, now: datetime, days: int, limit: int = MOST_AT_ONCE
) -> int:
    """Delete the audio of recordings and messages made more than `days` days before `now`, at most `limit` of each;
    returns how many. Rows and tickets stay, with path "", and the audit has an entry for each.

    The file goes first: if the process dies before the row is changed, the next run finds the file gone and changes it.
    """
    if days < 1:
        raise ValueError(f"audio must be kept a day at least, not {days}")
    deleted = 0
    for table in (Recording, Message):
        with store.reading(sessions)() as session:
            old = rows.old(session, table=table, before=now - timedelta(days=days), limit=limit)
        for linkedid, path in old:
            if not naming.is_archived(path):
                log.error("%s has the path %a, which is none of the archive's; it is left alone", linkedid, path)
                continue
            (archive / path).unlink(missing_ok=True)
            with sessions.begin() as session:
                rows.note_deleted(session, table=table, linkedid=linkedid, now=now, days=days)
            deleted += 1
    return deleted
