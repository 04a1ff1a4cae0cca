"""A hotline's folders and database, and what to ask of them after a sweep."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from recording_sounds import decoded, strength, tone

from callcenter import store
from callcenter.tables import Call, Message, Recording, Ticket
from recordings import naming
from recordings.messages import sweep_messages
from recordings.pipeline import Limits, Summary, sweep_recordings

ID = "hotline-1764000000.12"
ARCHIVED = "2025/11/24/hotline-1764000000.12.mp3"
START = datetime(2025, 11, 24, 16, 0, 0, 250_000, UTC)
DEADLINE_S = 60


class House:
    """`now` stands still, a second after the test began; talks and messages are one second long unless told."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.spool, self.messages, self.archive = folder / "recordings", folder / "messages", folder / "archive"
        self.spool.mkdir()
        self.messages.mkdir()
        self.engine = store.create_engine(url)
        self.sessions = store.session_factory(self.engine)
        self.now = datetime.now(UTC) + timedelta(seconds=1)

    def sweep(self, **limits: float) -> Summary:
        return sweep_recordings(
            self.sessions,
            spool=self.spool,
            archive=self.archive,
            clock=lambda: self.now,
            limits=Limits(**{"min_free_bytes": 0, **limits}),  # type: ignore[arg-type]
        )

    def sweep_messages(self, up_since: datetime = START, **limits: float) -> Summary:
        return sweep_messages(
            self.sessions,
            spool=self.messages,
            archive=self.archive,
            up_since=up_since,
            clock=lambda: self.now,
            limits=Limits(**{"min_free_bytes": 0, "unknown_call_s": 600, "open_call_s": 600, **limits}),  # type: ignore[arg-type]
        )

    def call(self, linkedid: str = ID, outcome: str | None = "answered", **values: str) -> None:
        """One that was connected after nine seconds, unless it came to something else."""
        connected_at = START + timedelta(seconds=9) if outcome == "answered" else None
        with self.sessions.begin() as session:
            row = Call(linkedid=linkedid, started_at=START, connected_at=connected_at, outcome=outcome, **values)
            session.add(row)

    def talk(self, linkedid: str = ID, seconds: float = 1) -> None:
        tone(self.spool / naming.recording_name(linkedid, "citizen"), seconds, 400)
        tone(self.spool / naming.recording_name(linkedid, "operator"), seconds, 1000)

    def message(self, linkedid: str = ID, seconds: float = 3, level: float = 0.25) -> None:
        tone(self.messages / naming.message_name(linkedid), seconds, level=level)

    def row(self, linkedid: str = ID) -> Recording | None:
        with self.sessions() as session:
            return session.get(Recording, linkedid)

    def message_row(self, linkedid: str = ID) -> Message | None:
        with self.sessions() as session:
            return session.get(Message, linkedid)

    def tickets(self) -> list[Ticket]:
        with self.sessions() as session:
            return list(session.scalars(sa.select(Ticket).options(sa.orm.selectinload(Ticket.notes))))

    def archived(self) -> list[str]:
        return sorted(str(path.relative_to(self.archive)) for path in self.archive.rglob("*.mp3"))

    def spooled(self) -> list[str]:
        return sorted(path.name for path in self.spool.iterdir() if path.is_file())

    def quarantined(self) -> list[str]:
        return sorted(path.name for path in (self.spool / "quarantine").glob("*") if path.name != "reasons.txt")

    def assert_done(self) -> None:
        """Exactly one file, one row that describes it, nothing else anywhere."""
        assert self.archived() == [ARCHIVED]
        with self.sessions() as session:
            (row,) = session.scalars(sa.select(Recording)).all()
        content = (self.archive / ARCHIVED).read_bytes()
        assert (row.linkedid, row.path, row.media_type) == (ID, ARCHIVED, "audio/mpeg")
        assert (row.size_bytes, row.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        left, right = decoded(self.archive / ARCHIVED)
        assert strength(left, 400) > 0.2 > 0.01 > strength(right, 400)
        assert strength(right, 1000) > 0.2 > 0.01 > strength(left, 1000)
        assert (self.spooled(), self.quarantined()) == ([], [])
