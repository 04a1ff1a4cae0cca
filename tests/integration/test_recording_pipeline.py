"""Spool → archive → row: when a call is over, and what then stands where."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from recording_house import ARCHIVED, ID, START, House
from recording_sounds import tone
from sqlalchemy.orm import Session, sessionmaker

from recordings import pipeline
from recordings.pipeline import Summary
from recordings.spool import is_being_written


def test_a_talk_is_archived_on_either_database(
    tmp_path: Path, sessions: sessionmaker[Session], engine: sa.Engine
) -> None:
    house = House(tmp_path, engine.url.render_as_string(hide_password=False))
    house.call()
    house.talk(seconds=1.5)
    assert house.sweep() == Summary(archived=1)
    house.assert_done()
    row = house.row()
    assert row is not None
    assert row.duration_s == 1.5
    assert (row.recorded_at, row.archived_at) == (START + timedelta(seconds=9), house.now)
    assert (row.peaks["per_second"], len(row.peaks["left"]), len(row.peaks["right"])) == (20, 30, 30)
    assert house.sweep() == Summary()
    house.assert_done()
    house.engine.dispose()


def test_the_audio_is_for_nobody_elses_eyes(house: House) -> None:
    house.call()
    house.talk()
    house.sweep()
    assert (house.archive / ARCHIVED).stat().st_mode & 0o077 == 0


# --- when a call is over ----------------------------------------------------------------------------------------------


def test_a_call_that_lasts_is_waited_for(house: House) -> None:
    house.call(outcome=None)
    house.talk()
    house.now += timedelta(hours=5)
    assert house.sweep() == Summary(waiting=1)
    house.now += timedelta(hours=2)
    assert house.sweep() == Summary(archived=1)


def test_a_call_that_nobody_knows_of_is_archived_when_its_files_are_quiet(house: House) -> None:
    house.talk()
    assert house.sweep(unknown_call_s=60) == Summary(waiting=1)
    house.now += timedelta(seconds=61)
    assert house.sweep(unknown_call_s=60) == Summary(archived=1)
    row = house.row()
    assert row is not None
    assert row.recorded_at == datetime(2025, 11, 24, 16, 0, tzinfo=UTC)


def test_a_file_that_is_being_written_is_waited_for(house: House) -> None:
    house.call()
    house.talk()
    side = house.spool / f"{ID}-operator.wav"
    with side.open("ab"):
        if is_being_written(side) is None:
            pytest.skip("this file system cannot tell who writes")
        assert house.sweep() == Summary(waiting=1)
        house.now += timedelta(hours=13)
        assert house.sweep(stuck_s=14 * 3600) == Summary(waiting=1)
    assert not is_being_written(side)
    assert house.sweep() == Summary(archived=1)


def test_where_the_kernel_cannot_tell_the_files_must_be_quiet(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "is_being_written", lambda path: None)
    house.call()
    house.talk()
    assert house.sweep(quiet_s=20) == Summary(waiting=1)
    house.now += timedelta(seconds=21)
    assert house.sweep(quiet_s=20) == Summary(archived=1)


def test_asking_who_writes_survives_a_writer_that_comes_in_between(house: House) -> None:
    """The kernel signals the holder of a lease when somebody opens the file; the default signal would kill us."""
    path = tone(house.spool / "x", 1)
    writer = "import sys\nwhile True:\n  open(sys.argv[1], 'ab').close()\n"
    process = subprocess.Popen([sys.executable, "-c", writer, str(path)])
    try:
        for _ in range(3000):
            assert is_being_written(path) in (True, False, None)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
