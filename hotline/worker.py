"""What is done later, once: the ledger from the exchange's files, recordings, messages. Each task by itself."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from callcenter.calls import journal
from hotline import wiring
from hotline.settings import Settings
from ivr.journal import JournalReader
from recordings.messages import sweep_messages
from recordings.pipeline import Summary, sweep_recordings
from recordings.retention import delete_old

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Task:
    """`run` is called every `every_s` seconds; after a failure it is tried again, each time a little later."""

    name: str
    every_s: float
    run: Callable[[], None]


def work(tasks: Sequence[Task], stop: threading.Event, monotonic: Callable[[], float] = time.monotonic) -> None:
    """Run the tasks until `stop` is set. A task that fails is logged and stops no other."""
    due = {task.name: monotonic() for task in tasks}
    failures = dict.fromkeys(due, 0)
    while not stop.is_set():
        for task in tasks:
            if monotonic() < due[task.name] or stop.is_set():
                continue
            try:
                task.run()
                failures[task.name] = 0
            except Exception:
                failures[task.name] += 1
                log.exception("%s failed %d times; it is tried again", task.name, failures[task.name])
            pause = task.every_s * 2 ** min(failures[task.name], 10)
            due[task.name] = monotonic() + min(pause, max(LONGEST_PAUSE_S, task.every_s))
        stop.wait(max(0.0, min(due.values()) - monotonic()))


@dataclass(frozen=True, slots=True)
class Ledger:
    """Keeps the calls' rows in step with the exchange's files."""

    reader: JournalReader
    sessions: sessionmaker[Session]

    def __call__(self) -> None:
        """Read until nothing is new. Lines and positions are committed together, batch by batch."""
        while True:
            with self.sessions() as session:
                batch = self.reader.read(journal.positions(session))
            if not batch.positions:
                return
            with self.sessions.begin() as session:
                journal.store_journal(session, batch.events, batch.positions)
            for started_at in batch.starts:
                self._close_lost(started_at)

    def _close_lost(self, started_at: datetime) -> None:
        """An exchange that starts has no calls: what was open before ended without being written."""
        with self.sessions.begin() as session:
            lost = journal.open_calls(session, started_before=started_at)
            if lost:
                log.warning("%d calls were lost when the exchange stopped", len(lost))
                journal.close_lost(session, linkedids=list(lost), at=started_at, reason="exchange_lost")


def run_worker(settings: Settings) -> None:
    """Ledger, recordings and messages, until told to stop. The ledger has a thread of its own, since archiving a long
    talk takes a while."""
    wiring.start_logging()
    stop = wiring.until_told_to_stop()
    factory = wiring.sessions(settings)
    exchange = wiring.exchange(settings)
    ledger = Ledger(JournalReader(exchange.cel_file, exchange.queue_log), factory)
    audio = threading.Thread(target=work, args=(_audio_tasks(settings, factory), stop), name="audio")
    audio.start()
    work([Task("ledger", 0.3, ledger)], stop)
    audio.join()


def _audio_tasks(settings: Settings, factory: sessionmaker[Session]) -> list[Task]:
    exchange = wiring.exchange(settings)
    archive = settings.var.resolve() / "recordings"
    up_since = wiring.utc_now()

    def talks() -> None:
        _told(sweep_recordings(factory, spool=exchange.recordings_spool, archive=archive))

    def spoken_messages() -> None:
        _told(sweep_messages(factory, spool=exchange.messages_spool, archive=archive, up_since=up_since))

    def old_audio() -> None:
        deleted = delete_old(factory, archive=archive, now=wiring.utc_now(), days=settings.keep_audio_days)
        if deleted:
            log.info("%d recordings were older than %d days and are deleted", deleted, settings.keep_audio_days)

    return [
        Task("recordings", 1.0, talks),
        Task("messages", 1.0, spoken_messages),
        Task("old audio", 3600.0, old_audio),
    ]


def _told(summary: Summary) -> None:
    if summary.archived or summary.failed or summary.quarantined:
        log.info("%s", summary)
