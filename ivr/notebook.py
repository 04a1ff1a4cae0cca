"""Writes down what callers did in the menu, many at once, and lets none of them wait long for a slow database."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from types import TracebackType

from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker

from callcenter.calls.menu import MenuNote, note_menus

log = logging.getLogger(__name__)

PATIENCE_S = 0.5
"""A caller is silent on the line so long at most; his note is normally written before, so that the desk can show it."""
RETRY_S = 1.0
BATCH = 100
MOST = 20_000
"""Notes that wait for a database which is not there; the exchange's own files carry what the ledger needs."""

_Entry = tuple[MenuNote, threading.Event]


class Notebook:
    """Keeps notes until the database has them, in a thread of its own from `__enter__` to `__exit__`."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._entries: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="notebook", daemon=True)

    def __enter__(self) -> Notebook:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left if the database takes it now."""
        self._closing.set()
        self._entries.put(None)
        self._thread.join()

    def add(self, note: MenuNote) -> None:
        """Returns once the note is in the database or, if that takes longer, after `PATIENCE_S`. Never raises."""
        if self._entries.qsize() >= MOST:
            log.error("call %s: %d notes wait for the database, no more are kept", note.linkedid, MOST)
            return
        written = threading.Event()
        self._entries.put((note, written))
        if not self._failing:
            written.wait(PATIENCE_S)

    def _run(self) -> None:
        while (first := self._entries.get()) is not None:
            batch = [first]
            while len(batch) < BATCH and not self._entries.empty():
                entry = self._entries.get()
                if entry is None:
                    self._entries.put(None)
                    break
                batch.append(entry)
            self._keep([note for note, _ in batch])
            for _, written in batch:
                written.set()

    def _keep(self, notes: Sequence[MenuNote]) -> None:
        while True:
            last_try = self._closing.is_set()
            try:
                with self._sessions.begin() as session:
                    note_menus(session, notes)
            except (OperationalError, InterfaceError, TimeoutError) as error:
                if not self._failing:
                    log.exception("call %s and those after it: their notes wait for the database", notes[0].linkedid)
                self._failing = True
                if last_try:
                    log.error("%d notes are lost, from call %s on: %s", len(notes), notes[0].linkedid, error)
                    return
                self._closing.wait(RETRY_S)
            except Exception:
                if len(notes) == 1:
                    log.exception("call %s: the menu's path could not be written down", notes[0].linkedid)
                    return
                for note in notes:
                    self._keep([note])
                return
            else:
                if self._failing:
                    log.info("notes are written again")
                self._failing = False
                return
