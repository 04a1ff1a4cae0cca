"""Sweeps that die at any point, and sweeps that run at the same time: each talk is archived once."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest
import sqlalchemy as sa
from recording_house import DEADLINE_S, House

from callcenter import archive as rows
from callcenter import store
from callcenter.tables import Recording
from recordings import audio, pipeline, spool
from recordings.pipeline import Summary

STEPS: dict[str, tuple[object, str]] = {
    "claim": (spool, "scan"),
    "draft": (spool, "mkstemp"),
    "convert": (audio, "join"),
    "digest": (audio, "digest"),
    "sync": (spool, "_sync"),
    "move": (Path, "replace"),
    "row": (rows, "put_recording"),
    "clear": (Path, "unlink"),
}


def die_at(house: House, owner: object, name: str, nth: int, *, after: bool) -> None:
    """In a process of its own: the sweep with a kill at the nth call of this function."""
    real: Callable[..., object] = getattr(owner, name)
    calls = 0

    def deadly(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)
    if owner is spool and name == "scan":
        pipeline.scan = deadly  # type: ignore[assignment]
    house.engine = store.create_engine(house.url)
    house.sessions = store.session_factory(house.engine)
    house.sweep()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("step", "nth"), [*((step, 1) for step in STEPS), ("sync", 2), ("sync", 3), ("sync", 5), ("clear", 2), ("clear", 3)]
)
def test_a_sweep_killed_anywhere_is_made_good_by_the_next(house: House, step: str, nth: int, after: bool) -> None:
    house.call()
    house.talk()
    house.engine.dispose()
    owner, name = STEPS[step]
    process = get_context("fork").Process(target=die_at, args=(house, owner, name, nth), kwargs={"after": after})
    process.start()
    process.join(DEADLINE_S)
    assert process.exitcode == -signal.SIGKILL
    done = house.sweep()
    assert (done.archived + done.cleared, done.failed, done.quarantined) in {(1, 0, 0), (0, 0, 0)}
    house.assert_done()
    assert house.sweep() == Summary()
    house.assert_done()


RUN = """
import sys
from pathlib import Path
from callcenter import store
from recordings.pipeline import Limits, sweep_recordings
url, spool, archive = sys.argv[1:]
sessions = store.session_factory(store.create_engine(url))
print(sweep_recordings(sessions, spool=Path(spool), archive=Path(archive), limits=Limits(min_free_bytes=0)), flush=True)
"""


def start_sweep(house: House, path: str | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, house.url, str(house.spool), str(house.archive)]
    env = {**os.environ, "PATH": path or os.environ["PATH"]}
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, text=True)


def stalling_ffmpeg(folder: Path) -> tuple[str, Path]:
    """A PATH whose ffmpeg makes half of its file, opens a fifo for writing and goes on only when that is read to its
    end; and the fifo."""
    real, fifo = shutil.which("ffmpeg"), folder / "fifo"
    os.mkfifo(fifo)
    fake = folder / "bin" / "ffmpeg"
    fake.parent.mkdir()
    script = '#!/bin/sh\nfor last; do case "$last" in file:*.mp3) echo half > "${last#file:}";; esac; done\n'
    fake.write_text(f'{script}echo $$ > {fifo}\nexec {real} "$@"\n', "utf-8")
    fake.chmod(0o755)
    return f"{fake.parent}:{os.environ['PATH']}", fifo


def test_a_sweep_killed_while_ffmpeg_works_is_made_good_though_ffmpeg_lives_on(house: House, tmp_path: Path) -> None:
    house.call()
    house.talk()
    path, fifo = stalling_ffmpeg(tmp_path)
    sweep = start_sweep(house, path)
    descriptor = os.open(fifo, os.O_RDONLY)  # returns when ffmpeg is at work
    sweep.kill()
    sweep.wait()
    drafts = [path for path in (house.archive / ".partial").rglob("*.mp3") if path.read_bytes() == b"half\n"]
    assert len(drafts) == 1
    assert house.sweep() == Summary(archived=1)
    ffmpeg = int(os.read(descriptor, 100))
    os.close(descriptor)
    deadline = time.monotonic() + DEADLINE_S
    while Path(f"/proc/{ffmpeg}").exists() and "Z" not in Path(f"/proc/{ffmpeg}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        os.sched_yield()
    house.sweep()
    house.assert_done()


def test_a_second_sweep_at_the_same_time_does_nothing(house: House, tmp_path: Path) -> None:
    house.call()
    house.talk()
    path, fifo = stalling_ffmpeg(tmp_path)
    first = start_sweep(house, path)
    descriptor = os.open(fifo, os.O_RDONLY)
    assert house.sweep() == Summary(busy=True)
    assert len(house.spooled()) == 2
    os.read(descriptor, 100)
    os.close(descriptor)
    printed, _ = first.communicate(timeout=DEADLINE_S)
    assert "archived=1" in printed
    house.assert_done()


def test_many_sweeps_side_by_side_archive_each_talk_once(house: House) -> None:
    for n in range(6):
        linkedid = f"hotline-1764000000.{n}"
        house.call(linkedid)
        house.talk(linkedid, 0.2)
    running = [start_sweep(house) for _ in range(3)]
    for sweep in running:
        sweep.communicate(timeout=DEADLINE_S)
    assert [sweep.returncode for sweep in running] == [0, 0, 0]
    with house.sessions() as session:
        paths = sorted(session.scalars(sa.select(Recording.path)))
    assert paths == house.archived() == [f"2025/11/24/hotline-1764000000.{n}.mp3" for n in range(6)]
    assert house.spooled() == []


def test_a_lock_is_free_when_its_holder_is_gone(house: House) -> None:
    lock = house.archive / ".partial" / "recordings.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert house.sweep() == Summary(busy=True)
    assert house.sweep() == Summary()


def test_nothing_is_said_of_a_sweep_that_found_nothing(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "recordings"):
        house.sweep()
    assert caplog.records == []
