"""Broken files, strange names, a full disk: one stops no other, and nothing is lost."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from recording_house import ARCHIVED, ID, House
from recording_sounds import decoded, header, strength, tone

from recordings import audio
from recordings.pipeline import Summary
from recordings.spool import DiskLow


def test_a_call_that_nobody_took_leaves_no_recording(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.call()
    for side in ("citizen", "operator"):
        (house.spool / f"{ID}-{side}.wav").write_bytes(header(0))
    assert house.sweep() == Summary(empty=1)
    assert (house.row(), house.archived(), house.spooled(), house.quarantined()) == (None, [], [], [])
    assert f"the talk of {ID} was not recorded" in caplog.text


def test_one_side_is_better_than_none(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.call()
    tone(house.spool / f"{ID}-citizen.wav", 1, 400, killed=True)
    assert house.sweep() == Summary(archived=1)
    assert "operator's side is missing" in caplog.text
    left, right = decoded(house.archive / ARCHIVED)
    assert strength(left, 400) > 0.2
    assert max(right) == 0


def test_a_bad_side_goes_to_quarantine_and_the_other_is_kept(house: House) -> None:
    house.call()
    house.talk()
    (house.spool / f"{ID}-operator.wav").write_bytes(b"no sound" * 100)
    assert house.sweep() == Summary(archived=1, quarantined=1)
    assert (house.archived(), house.quarantined()) == ([ARCHIVED], [f"{ID}-operator.wav"])
    assert (house.spool / "quarantine" / f"{ID}-operator.wav").read_bytes() == b"no sound" * 100
    assert f"{ID}-operator.wav" in (house.spool / "quarantine" / "reasons.txt").read_text("utf-8")


def test_a_bad_call_stops_no_other(house: House, caplog: pytest.LogCaptureFixture) -> None:
    for n, content in enumerate((b"no sound" * 100, header(900_000) + b"x", b"RIFF" + b"\0" * 100)):
        path = house.spool / f"hotline-1764000000.{n}-citizen.wav"
        path.write_bytes(content)
        os.utime(path, (1, 1))
    house.call()
    house.talk()
    done = house.sweep()
    assert (done.archived, done.failed, done.waiting) == (1, 0, 0)
    assert done.quarantined == 2
    assert done.empty == 1  # header and half a sample
    assert len(house.quarantined()) == 2
    assert house.archived() == [ARCHIVED]
    assert caplog.text.count("was put into quarantine") == 2


@pytest.mark.parametrize("name", ["x.wav", "a b-1.1-citizen.wav", "$(id).wav", "-1.1-citizen.wav", "ti\u1ebfng.wav"])
def test_a_strange_name_is_put_aside_whole(house: House, name: str) -> None:
    (house.spool / name).write_bytes(b"something")
    assert house.sweep() == Summary()
    house.now += timedelta(seconds=30)
    assert house.sweep() == Summary(quarantined=1)
    assert (house.spool / "quarantine" / name).read_bytes() == b"something"
    (house.spool / name).write_bytes(b"another")
    house.now += timedelta(seconds=30)
    assert house.sweep() == Summary(quarantined=1)
    assert len(house.quarantined()) == 2


def test_names_that_are_no_text_and_links_are_put_aside(house: House, tmp_path: Path) -> None:
    secret = tone(tmp_path / "secret.wav", 1)
    (house.spool / f"{ID}-citizen.wav").symlink_to(secret)
    (house.spool / os.fsdecode(b"\xff\xfe.wav")).write_bytes(b"x")
    house.now += timedelta(seconds=30)
    assert house.sweep() == Summary(quarantined=2)
    assert (house.archived(), len(house.quarantined())) == ([], 2)
    assert secret.exists()


def test_a_low_disk_stops_the_sweep_and_deletes_nothing(house: House) -> None:
    house.call()
    house.talk()
    before = house.spooled()
    with pytest.raises(DiskLow, match=r"MB are free and .* MB are needed; .* stay in the spool"):
        house.sweep(min_free_bytes=10**18)
    assert (house.spooled(), house.archived(), house.row()) == (before, [], None)
    assert house.sweep() == Summary(archived=1)
    house.assert_done()


def test_without_ffmpeg_everything_stays_for_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.call()
    house.talk()
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nonexistent")
        assert house.sweep() == Summary(failed=1)
    assert house.sweep() == Summary(archived=1)
    house.assert_done()


def test_a_sweep_that_fails_over_and_over_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(12):
        linkedid = f"hotline-1764000000.{n}"
        house.call(linkedid)
        house.talk(linkedid, 0.1)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(audio.AudioError, match="ffmpeg is not installed"):
        house.sweep()
    assert len(house.spooled()) == 24


def test_a_sweep_does_a_bounded_amount_of_work(house: House) -> None:
    for n in range(5):
        linkedid = f"hotline-1764000000.{n}"
        house.call(linkedid)
        house.talk(linkedid, 0.1)
    assert house.sweep(per_sweep=3) == Summary(archived=3, left=2)
    assert house.sweep(per_sweep=3) == Summary(archived=2)
    assert (len(house.archived()), house.spooled()) == (5, [])


def test_a_spool_that_is_not_there_is_empty(house: House) -> None:
    house.spool.rmdir()
    assert house.sweep() == Summary()


def test_a_file_that_comes_after_its_call_was_archived_is_kept(house: House) -> None:
    house.call()
    house.talk()
    house.sweep()
    late = tone(house.spool / f"{ID}-operator.wav", 1)
    os.utime(late, (house.now.timestamp() + 5, house.now.timestamp() + 5))
    assert house.sweep() == Summary(quarantined=1)
    assert (house.archived(), house.quarantined()) == ([ARCHIVED], [f"{ID}-operator.wav"])


def test_an_archive_that_lost_its_file_gets_it_again_while_the_spool_has_it(house: House) -> None:
    house.call()
    house.talk()
    copies = {path: path.read_bytes() for path in house.spool.iterdir()}
    house.sweep()
    (house.archive / ARCHIVED).write_bytes(b"cut")
    for path, content in copies.items():
        path.write_bytes(content)
        os.utime(path, (1, 1))
    assert house.sweep() == Summary(archived=1)
    house.assert_done()
