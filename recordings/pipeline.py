"""Spool → archive → row, safe to repeat: whatever point a sweep is killed at, the next one comes to the same end.

The order makes it so. The file is made in a corner of the archive, moved to a place that follows from the linkedid
alone, entered in the database, and only then taken from the spool. A second try before the entry replaces the file by
its like; after the entry there is only the spool to clear.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from callcenter import archive as rows
from callcenter import store
from callcenter.archive import ArchivedAudio, CallFacts
from callcenter.tables import Recording
from recordings import audio, naming
from recordings.audio import AudioError, BadAudio, Sound
from recordings.spool import Archive, Item, Parse, is_being_written, quarantine, scan

log = logging.getLogger(__name__)

MOST_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait for a call to be over and how much one sweep does.

    `quiet_s`: since the last change of the files, where the file system cannot tell whether they are being written.
    `unknown_call_s`: since the last change, if no such call is known. `open_call_s`: if it is known and not over; more
    than any wait and talk. `stuck_s`: a file that did not grow for so long is done, though somebody has it open.
    `per_sweep`: calls. `min_free_bytes`: of disk that are left free.
    """

    quiet_s: float = 20
    unknown_call_s: float = 120
    open_call_s: float = 6 * 3600
    stuck_s: float = 12 * 3600
    per_sweep: int = 20
    min_free_bytes: int = 200_000_000


@dataclass(slots=True)
class Summary:
    """What a sweep did, in calls. `busy`: another sweep was at work, so that this one did nothing."""

    archived: int = 0
    tickets: int = 0
    cleared: int = 0
    """Were archived before; the spool was cleared of them."""
    empty: int = 0
    """Nobody had talked."""
    waiting: int = 0
    """Not over yet."""
    left: int = 0
    """Ready, and left for the next sweep."""
    failed: int = 0
    """Left in the spool, to be tried again."""
    quarantined: int = 0
    """Files, not calls."""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between recordings and messages. `convert` makes the draft out of the sides that there are; `enter`
    writes the row and is True if it made a ticket."""

    name: str
    table: rows.Table
    parse: Parse
    path: Callable[[str, str], str]
    convert: Callable[[Mapping[str, Path], Path], Sound]
    enter: Callable[[Session, ArchivedAudio, Sound, CallFacts | None], bool]


@dataclass(frozen=True, slots=True)
class Sweep:
    """One pass over a spool. `clock` gives aware times; `up_since`: waiting for a call to be known counts from then at
    the earliest, so that the ledger can catch up after an outage."""

    kind: Kind
    sessions: sessionmaker[Session]
    spool: Path
    archive: Archive
    clock: Callable[[], datetime]
    limits: Limits
    up_since: datetime | None = None

    def run(self) -> Summary:
        """Raises `DiskLow`, the database's errors, and the last error after `MOST_FAILURES` of ffmpeg or the disk."""
        done = Summary()
        with self.archive.claim() as claimed:
            if claimed:
                self._run(done)
            else:
                done.busy = True
        return done

    def _run(self, done: Summary) -> None:
        found = scan(self.spool, self.kind.parse)
        now = self.clock().timestamp()
        for path, changed_at in found.refused:
            if now - changed_at >= self.limits.quiet_s:
                self._put_aside(path, "its name is not one that the exchange gives", done)
        with store.reading(self.sessions)() as session:
            calls = rows.calls(session, linkedids=[item.linkedid for item in found.items])
        for item in found.items:
            call = calls.get(item.linkedid)
            try:
                if not self._is_over(item, call, now):
                    done.waiting += 1
                elif done.archived + done.cleared + done.quarantined >= self.limits.per_sweep:
                    done.left += 1
                else:
                    self._settle(item, call, done)
            except (AudioError, OSError) as error:
                log.error("%s of %s stay in the spool: %s", self.kind.name, item.linkedid, error)
                done.failed += 1
                if done.failed >= MOST_FAILURES:
                    raise

    def _is_over(self, item: Item, call: CallFacts | None, now: float) -> bool:
        quiet = now - item.changed_at
        written = [is_being_written(path) for path in item.files.values()]
        if True in written and quiet < self.limits.stuck_s:
            return False
        if call and call.over:
            return None not in written or quiet >= self.limits.quiet_s
        since = max(item.changed_at, self.up_since.timestamp() if self.up_since else 0)
        return now - since >= (self.limits.open_call_s if call else self.limits.unknown_call_s)

    def _settle(self, item: Item, call: CallFacts | None, done: Summary) -> None:
        with store.reading(self.sessions)() as session:
            row = rows.kept(session, table=self.kind.table, linkedid=item.linkedid)
        if row is None:
            self._archive(item, call, done)
        elif item.changed_at > row.archived_at.timestamp() or not row.path:
            for path in item.files.values():
                self._put_aside(path, f"{item.linkedid} was archived before this came", done)
        elif self.archive.holds(row.path, row.size_bytes):
            _clear(item)
            done.cleared += 1
        else:
            log.error("%s is missing or damaged in the archive; it is made again", row.path)
            self._archive(item, call, done)

    def _archive(self, item: Item, call: CallFacts | None, done: Summary) -> None:
        wanted = sum(path.stat().st_size for path in item.files.values())
        self.archive.require_room(self.limits.min_free_bytes + wanted)
        with self.archive.draft(audio.EXTENSION) as draft:
            sound, item = self._convert(item, draft, done)
            if sound is None:
                self._drop(item, call, done)
                return
            kept = self._publish(item.linkedid, draft, sound, call)
        with self.sessions.begin() as session:
            ticket = self.kind.enter(session, kept, sound, call)
        _clear(item)
        done.archived += 1
        done.tickets += ticket

    def _convert(self, item: Item, draft: Path, done: Summary) -> tuple[Sound | None, Item]:
        """The sound, None if there is none, and the item less the files that went into quarantine."""
        while True:
            sides = {side: path for side, path in item.files.items() if not audio.is_empty(path)}
            if not sides:
                return None, item
            try:
                sound = self.kind.convert(sides, draft)
                if sound.duration_s:
                    return sound, item
                bad, reason = next(iter(sides.values())), "holds no sound"
            except BadAudio as error:
                bad, reason = error.path, str(error)
            self._put_aside(bad, reason, done)
            item = replace(item, files={side: path for side, path in item.files.items() if path != bad})

    def _publish(self, linkedid: str, draft: Path, sound: Sound, call: CallFacts | None) -> ArchivedAudio:
        began = (call.connected_at or call.started_at) if call else naming.moment(linkedid)
        path = self.kind.path(linkedid, audio.EXTENSION)
        kept = ArchivedAudio(
            linkedid=linkedid,
            path=path,
            media_type=audio.MEDIA_TYPE,
            size_bytes=draft.stat().st_size,
            sha256=audio.digest(draft),
            duration_s=sound.duration_s,
            peaks=sound.peaks,
            recorded_at=began,
            archived_at=self.clock(),
        )
        self.archive.publish(draft, path)
        return kept

    def _drop(self, item: Item, call: CallFacts | None, done: Summary) -> None:
        if call and call.connected_at and self.kind.table is Recording:
            log.error("the talk of %s was not recorded: no sound is in its files", item.linkedid)
        _clear(item)
        done.empty += bool(item.files)

    def _put_aside(self, path: Path, reason: str, done: Summary) -> None:
        quarantine(path, reason)
        done.quarantined += 1


def _clear(item: Item) -> None:
    for path in item.files.values():
        path.unlink()


def _join(sides: Mapping[str, Path], draft: Path) -> Sound:
    for missing in {"citizen", "operator"} - sides.keys():
        log.warning("%s: the %s's side is missing, so it is silent", next(iter(sides.values())).name, missing)
    return audio.join(sides.get("citizen"), sides.get("operator"), draft)


def _enter(session: Session, kept: ArchivedAudio, sound: Sound, call: CallFacts | None) -> bool:
    rows.put_recording(session, audio=kept)
    return False


RECORDINGS = Kind("recordings", Recording, naming.parse_recording, naming.recording_path, _join, _enter)


def utc_now() -> datetime:
    return datetime.now(UTC)


def sweep_recordings(
    sessions: sessionmaker[Session],
    *,
    spool: Path,
    archive: Path,
    clock: Callable[[], datetime] = utc_now,
    limits: Limits | None = None,
) -> Summary:
    """Archive the talks of the calls that are over: one stereo file and one row each, then clear the spool of them.

    A file that is no sound goes to the spool's quarantine and stops nothing. Raises as `Sweep.run` does.
    """
    return Sweep(RECORDINGS, sessions, spool, Archive(archive, "recordings"), clock, limits or Limits()).run()
