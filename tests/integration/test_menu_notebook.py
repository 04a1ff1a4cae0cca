"""Notes of callers' ways, on both databases and on one that goes away."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from callcenter import store
from callcenter.calls.menu import MenuNote
from callcenter.tables import Call
from ivr import notebook
from ivr.notebook import Notebook

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def note(linkedid: str, language: str = "vi") -> MenuNote:
    return MenuNote(linkedid, NOW, "0905123456", "1022", language, [{"node": "main", "key": "1"}], "main@1", "report")


def written(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return sorted(session.scalars(sa.select(Call.linkedid)))


def test_a_note_is_there_when_the_caller_goes_on(sessions: sessionmaker[Session]) -> None:
    with Notebook(sessions) as book:
        book.add(note("1.1"))
        assert written(sessions) == ["1.1"]


def test_many_callers_at_once(sessions: sessionmaker[Session]) -> None:
    with Notebook(sessions) as book:
        callers = [threading.Thread(target=book.add, args=[note(f"1.{number:03}")]) for number in range(150)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
    assert written(sessions) == [f"1.{number:03}" for number in range(150)]


def test_a_note_that_cannot_be_written_keeps_no_other_back(
    sessions: sessionmaker[Session], caplog: pytest.LogCaptureFixture
) -> None:
    held = threading.Event()

    def hold(*_: Any) -> None:
        held.wait(10)

    engine = sessions.kw["bind"]
    sa.event.listen(engine, "begin", hold)
    with Notebook(sessions) as book:
        callers = [
            threading.Thread(target=book.add, args=[each]) for each in (note("1.1"), note("1.2", None), note("1.3"))
        ]  # type: ignore[arg-type]
        for caller in callers:
            caller.start()
        held.set()
        for caller in callers:
            caller.join()
    sa.event.remove(engine, "begin", hold)
    assert written(sessions) == ["1.1", "1.3"]
    assert "call 1.2" in caplog.text


def test_nobody_waits_long_for_a_database_that_is_away_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notebook, "RETRY_S", 0.02)
    url = f"sqlite:///{tmp_path}/later/hotline.db"
    sessions = store.session_factory(store.create_engine(url))
    with caplog.at_level(logging.INFO), Notebook(sessions) as book:
        started = time.monotonic()
        for number in range(5):
            book.add(note(f"1.{number}"))
        assert time.monotonic() - started < 2 * notebook.PATIENCE_S  # the first one waits, the others know
        (tmp_path / "later").mkdir()
        store.upgrade(url)
        book.add(note("1.5"))
    assert written(sessions) == [f"1.{number}" for number in range(6)]
    assert "wait for the database" in caplog.text and "written again" in caplog.text


def test_what_is_lost_at_the_end_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sessions = store.session_factory(store.create_engine(f"sqlite:///{tmp_path}/nowhere/hotline.db"))
    with Notebook(sessions) as book:
        book.add(note("1.1"))
    assert "1 notes are lost, from call 1.1 on" in caplog.text


def test_there_is_an_end_to_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notebook, "MOST", 2)
    sessions = store.session_factory(store.create_engine(f"sqlite:///{tmp_path}/nowhere/hotline.db"))
    with Notebook(sessions) as book:
        for number in range(6):
            book.add(note(f"1.{number}"))
    assert "call 1.5: 2 notes wait for the database, no more are kept" in caplog.text
