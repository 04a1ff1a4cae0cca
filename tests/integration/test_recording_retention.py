"""Audio goes when its time is over; what is known of it stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from callcenter import archive as rows
from callcenter.archive import ArchivedAudio
from callcenter.tables import Audit, Message, Recording, Ticket
from recordings import naming, retention
from recordings.messages import ticket_for

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAYS = 30


def keep(sessions: sessionmaker[Session], archive: Path, age: timedelta, *, message: bool = False) -> ArchivedAudio:
    """A file in the archive and its row."""
    at = NOW - age
    linkedid = f"hotline-{at.timestamp():.0f}.1"
    path = naming.message_path(linkedid, "mp3") if message else naming.recording_path(linkedid, "mp3")
    (archive / path).parent.mkdir(parents=True, exist_ok=True)
    (archive / path).write_bytes(b"sound")
    kept = ArchivedAudio(linkedid, path, "audio/mpeg", 5, "ab" * 32, 1.0, {"per_second": 20, "left": [1]}, at, at)
    with sessions.begin() as session:
        if message:
            rows.put_message(session, audio=kept, ticket=ticket_for(linkedid, at, 1, False, None))
        else:
            rows.put_recording(session, audio=kept)
    return kept


def paths(sessions: sessionmaker[Session]) -> dict[str, str]:
    with sessions() as session:
        recordings = session.execute(sa.select(Recording.linkedid, Recording.path)).all()
        messages = session.execute(sa.select(Message.linkedid, Message.path)).all()
    return {linkedid: path for linkedid, path in [*recordings, *messages]}


def audited(sessions: sessionmaker[Session]) -> list[tuple[str, str, str]]:
    with sessions() as session:
        return [(row.actor, row.action, row.subject) for row in session.scalars(sa.select(Audit).order_by(Audit.id))]


def test_only_what_is_older_is_deleted_and_its_row_stays(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    old = keep(sessions, tmp_path, timedelta(days=DAYS, seconds=1))
    spoken = keep(sessions, tmp_path, timedelta(days=DAYS + 1), message=True)
    young = keep(sessions, tmp_path, timedelta(days=DAYS))
    assert retention.delete_old(sessions, archive=tmp_path, now=NOW, days=DAYS) == 2
    assert [path.name for path in tmp_path.rglob("*.mp3")] == [Path(young.path).name]
    assert paths(sessions) == {old.linkedid: "", spoken.linkedid: "", young.linkedid: young.path}
    assert audited(sessions) == [
        ("system", "recording.delete", old.linkedid),
        ("system", "message.delete", spoken.linkedid),
    ]
    with sessions() as session:
        row = session.get_one(Recording, old.linkedid)
        assert (row.sha256, row.duration_s, row.recorded_at) == (old.sha256, 1.0, old.recorded_at)
        assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1
        entry = session.scalars(sa.select(Audit)).first()
        assert entry is not None
        assert (entry.at, entry.data) == (NOW, {"path": old.path, "sha256": old.sha256, "kept_days": DAYS})
    assert retention.delete_old(sessions, archive=tmp_path, now=NOW, days=DAYS) == 0
    assert len(audited(sessions)) == 2


def test_a_run_that_died_between_file_and_row_is_made_good(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    old = keep(sessions, tmp_path, timedelta(days=DAYS + 1))
    (tmp_path / old.path).unlink()
    assert retention.delete_old(sessions, archive=tmp_path, now=NOW, days=DAYS) == 1
    assert paths(sessions) == {old.linkedid: ""}


def test_a_path_that_leads_elsewhere_deletes_nothing(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    outside = tmp_path / "outside.mp3"
    outside.write_bytes(b"precious")
    archive = tmp_path / "archive"
    kept = keep(sessions, archive, timedelta(days=DAYS + 1))
    with sessions.begin() as session:
        session.get_one(Recording, kept.linkedid).path = "../outside.mp3"
    assert retention.delete_old(sessions, archive=archive, now=NOW, days=DAYS) == 0
    assert outside.read_bytes() == b"precious"
    assert paths(sessions) == {kept.linkedid: "../outside.mp3"}


def test_a_run_does_a_bounded_amount_of_work(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    oldest_first = [keep(sessions, tmp_path, timedelta(days=DAYS + n)) for n in (5, 3, 1)]
    assert retention.delete_old(sessions, archive=tmp_path, now=NOW, days=DAYS, limit=2) == 2
    assert [path for path in paths(sessions).values() if path] == [oldest_first[-1].path]


@pytest.mark.parametrize("days", [0, -1])
def test_nobody_deletes_everything_by_a_slip(sessions: sessionmaker[Session], tmp_path: Path, days: int) -> None:
    with pytest.raises(ValueError, match="a day at least"):
        retention.delete_old(sessions, archive=tmp_path, now=NOW, days=days)
