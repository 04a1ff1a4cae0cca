"""Spool → archive → database, safe to repeat: a kill at any point and another sweep end with one file and one row.

Order of each recording: encode beside the archive, sync, rename into the archive, commit the row, remove the spool's
files. What is done again after a kill gives the same file under the same name.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from callcenter.phones import show
from callcenter.tables import Call, Message, Recording
from callcenter.tickets import service
from recordings import audio, naming

log = logging.getLogger(__name__)

STALE_S = 600
"""A file that nobody has written to for so long is taken although its call is not in the ledger."""
SHORTEST_MESSAGE_S = 1.0
"""A shorter one is kept, but says nothing that could be dealt with: no ticket."""
MIN_FREE_BYTES = 200_000_000
PER_SWEEP = 50


class LowDisk(Exception):
    """The archive's disk is nearly full: nothing is moved, nothing is deleted."""

    code = "disk_full"


@dataclass(frozen=True, slots=True)
class Swept:
    archived: int = 0
    empty: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`author` is who a message's ticket is made by."""

    talks: Path
    messages: Path
    archive: Path
    sessions: sessionmaker[Session]
    clock: Callable[[], datetime]
    author: str = "system"

    def sweep(self) -> Swept:
        """Archive what is ready, at most `PER_SWEEP` of each kind. Raises `LowDisk`. Two sweeps exclude each other."""
        with self._alone() as alone:
            if not alone:
                return Swept()
            self._check_disk()
            done = [self._talk(*item) for item in self._ready_talks()]
            done += [self._message(*item) for item in self._ready_messages()]
        return Swept(done.count("archived"), done.count("empty"), done.count("quarantined"))

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        self.archive.mkdir(parents=True, exist_ok=True)
        with (self.archive / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self.archive).free
        if free < MIN_FREE_BYTES:
            raise LowDisk(
                f"{self.archive}: {free // 1_000_000} MB free; recordings wait in the spool until there is room"
            )

    # --- what is ready ----------------------------------------------------------------------------------------------

    def _ready_talks(self) -> Iterator[tuple[str, Mapping[naming.Side, Path]]]:
        talks: dict[str, dict[naming.Side, Path]] = {}
        for path in sorted(self.talks.glob("*")):
            known = naming.side_of(path.name)
            if known:
                talks.setdefault(known[0], {})[known[1]] = path
            elif path.is_file():
                self._quarantine(path, "not a name of ours")
        ready = (item for item in talks.items() if self._over(item[0], list(item[1].values())))
        return (item for _, item in zip(range(PER_SWEEP), ready, strict=False))

    def _ready_messages(self) -> Iterator[tuple[str, Path]]:
        found: list[tuple[str, Path]] = []
        for path in sorted(self.messages.glob("*")):
            linkedid = naming.message_of(path.name)
            if linkedid is None:
                if path.is_file():
                    self._quarantine(path, "not a name of ours")
            elif self._over(linkedid, [path]):
                found.append((linkedid, path))
        return iter(found[:PER_SWEEP])

    def _over(self, linkedid: str, paths: list[Path]) -> bool:
        """The ledger has closed the call, or it knows nothing of it and the files have come to rest."""
        with self.sessions() as session:
            call = session.get(Call, linkedid)
        if call is not None:
            return call.outcome is not None
        return self.clock().timestamp() - max(path.stat().st_mtime for path in paths) > STALE_S

    # --- archiving --------------------------------------------------------------------------------------------------

    def _talk(self, linkedid: str, sides: Mapping[naming.Side, Path]) -> str:
        paths = list(sides.values())
        citizen, operator = (_with_sound(sides.get(side)) for side in ("citizen", "operator"))
        if citizen is None and operator is None:
            _remove(paths)
            return "empty"
        at = _began(paths)
        with self.sessions() as session:
            if session.get(Recording, linkedid) is not None:
                _remove(paths)
                return "archived"
        if citizen is None or operator is None:
            log.error("call %s: one side has no sound; it is archived as silence", linkedid)
        try:
            kept, relative = self._encode(linkedid, [citizen, operator], at, "talk")
        except audio.AudioError as error:
            return self._quarantine_all(paths, str(error))
        with self.sessions.begin() as session:
            session.add(Recording(**self._row(linkedid, kept, relative, at)))
        _remove(paths)
        return "archived"

    def _message(self, linkedid: str, path: Path) -> str:
        if audio.seconds_of_wav(path) == 0:
            _remove([path])
            return "empty"
        at = _began([path])
        with self.sessions() as session:
            if session.get(Message, linkedid) is not None:
                _remove([path])
                return "archived"
        try:
            kept, relative = self._encode(linkedid, [path], at, "message")
        except audio.AudioError as error:
            return self._quarantine_all([path], str(error))
        with self.sessions.begin() as session:
            message = Message(**self._row(linkedid, kept, relative, at))
            if kept.duration_s >= SHORTEST_MESSAGE_S:
                message.ticket_id = self._ticket(session, linkedid, kept.duration_s, at)
            session.add(message)
        _remove([path])
        return "archived"

    def _ticket(self, session: Session, linkedid: str, duration_s: float, at: datetime) -> int:
        """The message as a ticket, with the time of the call and the caller's number."""
        call = session.get(Call, linkedid)
        number = call.caller if call else ""
        when = call.started_at if call else at
        shown = show(number) or "số không rõ"
        new = service.NewTicket(
            title=f"Tin nhắn thoại từ {shown}",
            content=f"Người gọi để lại tin nhắn thoại dài {duration_s:.0f} giây lúc "
            f"{when.astimezone(naming.ZONE):%d/%m/%Y %H:%M}. Mời nghe bản ghi và bổ sung nội dung.",
            citizen_phone=number,
            linkedid=linkedid,
        )
        ticket = service.create(
            session, new=new, source="message", author=self.author, now=when, message_linkedid=linkedid
        )
        return ticket.id

    def _encode(
        self, linkedid: str, sides: list[Path | None], at: datetime, kind: naming.Kind
    ) -> tuple[audio.Archived, str]:
        relative = naming.archive_path(linkedid, at, kind)
        part = self.archive / ".partial" / Path(relative).name
        part.parent.mkdir(exist_ok=True)
        kept = audio.encode(sides, part)
        target = self.archive / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
        _sync(target.parent)
        return kept, relative

    def _row(self, linkedid: str, kept: audio.Archived, relative: str, at: datetime) -> dict[str, object]:
        return {
            "linkedid": linkedid,
            "path": relative,
            "media_type": audio.MEDIA_TYPE,
            "size_bytes": kept.size_bytes,
            "sha256": kept.sha256,
            "duration_s": kept.duration_s,
            "peaks": kept.peaks,
            "recorded_at": at,
            "archived_at": self.clock(),
        }

    def _quarantine_all(self, paths: list[Path], why: str) -> str:
        for path in paths:
            self._quarantine(path, why)
        return "quarantined"

    def _quarantine(self, path: Path, why: str) -> None:
        """Out of the way of the next sweep, but not lost."""
        folder = self.archive / "quarantine"
        folder.mkdir(parents=True, exist_ok=True)
        log.error("%s is set aside in %s: %s", path.name, folder, why)
        shutil.move(path, folder / path.name)


def _with_sound(path: Path | None) -> Path | None:
    return path if path is not None and audio.seconds_of_wav(path) > 0 else None


def _began(paths: list[Path]) -> datetime:
    """When the recording began: the end of the longest file less its length."""
    longest = max(paths, key=audio.seconds_of_wav)
    return datetime.fromtimestamp(longest.stat().st_mtime - audio.seconds_of_wav(longest), UTC)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
