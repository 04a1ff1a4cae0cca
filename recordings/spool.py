"""The folders: the exchange's spool, its quarantine, and the archive."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

from callcenter.errors import HotlineError

log = logging.getLogger(__name__)

QUARANTINE = "quarantine"
Parse = Callable[[str], tuple[str, str] | None]
"""A file's name → (linkedid, which of its files), or None."""


class DiskLow(HotlineError):
    """Nothing is archived, and nothing deleted, until there is room again."""

    code = "disk_low"


@dataclass(frozen=True, slots=True)
class Item:
    """The files of one call in the spool; `changed_at` is seconds since 1970."""

    linkedid: str
    files: Mapping[str, Path]
    changed_at: float


@dataclass(frozen=True, slots=True)
class Found:
    """Oldest first; `refused` are (path, changed_at) of what has no name of ours or is no plain file."""

    items: list[Item]
    refused: list[tuple[Path, float]]


def scan(spool: Path, parse: Parse) -> Found:
    """What lies in the spool, its folders apart. A spool that does not exist is empty."""
    files: dict[str, dict[str, Path]] = defaultdict(dict)
    changed: dict[str, float] = {}
    refused: list[tuple[Path, float]] = []
    if not spool.is_dir():
        return Found([], [])
    with os.scandir(spool) as entries:
        for entry in entries:
            try:
                changed_at = entry.stat(follow_symlinks=False).st_mtime
            except FileNotFoundError:
                continue
            if entry.is_dir(follow_symlinks=False):
                continue
            name = parse(entry.name) if entry.is_file(follow_symlinks=False) else None
            if name is None:
                refused.append((Path(entry.path), changed_at))
                continue
            files[name[0]][name[1]] = Path(entry.path)
            changed[name[0]] = max(changed_at, changed.get(name[0], changed_at))
    items = [Item(linkedid, paths, changed[linkedid]) for linkedid, paths in files.items()]
    return Found(sorted(items, key=lambda item: (item.changed_at, item.linkedid)), sorted(refused))


def is_being_written(path: Path) -> bool | None:
    """Whether any process has the file open for writing; None where the file system cannot tell.

    The kernel grants a lease for reading only while nobody writes. Whoever opens the file while we hold the lease
    waits, for microseconds, until we give it back; the signal that tells us so is one that is ignored by default.
    """
    with path.open("rb") as file:
        try:
            fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except OSError as error:
            return True if error.errno == errno.EAGAIN else None
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def quarantine(path: Path, reason: str) -> Path:
    """Put the file aside, beside a note of the reason, under a name that is free; returns where it is now."""
    folder = path.parent / QUARANTINE
    folder.mkdir(exist_ok=True)
    target, n = folder / path.name, 1
    while os.path.lexists(target):
        target, n = folder / f"{path.name}.{n}", n + 1
    path.rename(target)
    log.error("%a was put into quarantine: %s", str(target), reason)
    with (folder / "reasons.txt").open("a", encoding="utf-8") as notes:
        notes.write(f"{target.name!a}: {reason!a}\n")
    return target


@dataclass(frozen=True, slots=True)
class Archive:
    """`kind` (recordings, messages) names the corner in which unfinished files of this kind are made."""

    folder: Path
    kind: str

    @property
    def _partial(self) -> Path:
        return self.folder / ".partial" / self.kind

    @contextmanager
    def claim(self) -> Iterator[bool]:
        """Held by one process at a time and freed when it ends, however it ends; False if another one holds it.
        What an earlier holder left unfinished is removed."""
        self._partial.mkdir(parents=True, exist_ok=True)
        with (self._partial.parent / f"{self.kind}.lock").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            for left in self._partial.iterdir():
                left.unlink()
            yield True

    @contextmanager
    def draft(self, extension: str) -> Iterator[Path]:
        """A new empty file, removed at the end unless it was published. No name is used twice: an ffmpeg that outlived
        its sweep may still write to its own."""
        descriptor, name = mkstemp(suffix=f".{extension}", dir=self._partial)
        os.close(descriptor)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def publish(self, draft: Path, path: str) -> None:
        """Move the finished draft to its place, whole and on the disk; what was there is replaced."""
        _sync(draft)
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(target)
        for folder in target.relative_to(self.folder).parents:
            _sync(self.folder / folder)

    def holds(self, path: str, size_bytes: int) -> bool:
        """Whether the file is there and whole."""
        try:
            return (self.folder / path).stat().st_size == size_bytes
        except FileNotFoundError:
            return False

    def require_room(self, wanted_bytes: int) -> None:
        """Raises `DiskLow` unless so much is free."""
        free = shutil.disk_usage(self.folder).free
        if free < wanted_bytes:
            raise DiskLow(
                f"{self.folder}: {free // 1_000_000} MB are free and {wanted_bytes // 1_000_000 + 1} MB are needed; "
                "recordings stay in the spool until there is room"
            )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
