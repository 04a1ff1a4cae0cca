"""What ffmpeg makes of the exchange's files, the broken ones too."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from recording_sounds import decoded, header, silence, strength, tone

from recordings import audio

SECOND = 8000
LEFT_HZ, RIGHT_HZ = 400, 1000


def probe(path: Path) -> dict[str, str]:
    entries = "stream=codec_name,sample_rate,channels,bit_rate"
    command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", path]
    found: dict[str, str] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["streams"][0]
    return found


def test_the_citizen_is_left_the_operator_right_and_neither_leaks(tmp_path: Path) -> None:
    target = tmp_path / "talk.mp3"
    sound = audio.join(tone(tmp_path / "c.wav", 2, LEFT_HZ), tone(tmp_path / "o.wav", 2, RIGHT_HZ, 0.5), target)
    left, right = (samples[SECOND // 2 : SECOND * 3 // 2] for samples in decoded(target))
    assert strength(left, LEFT_HZ) == pytest.approx(0.25, rel=0.1)
    assert strength(right, RIGHT_HZ) == pytest.approx(0.5, rel=0.1)
    assert strength(left, RIGHT_HZ) < 0.003
    assert strength(right, LEFT_HZ) < 0.003
    assert (sound.duration_s, sound.silent) == (2.0, False)


def test_the_file_seeks_by_arithmetic_and_plays_anywhere(tmp_path: Path) -> None:
    target = tmp_path / "talk.mp3"
    audio.join(tone(tmp_path / "c.wav", 10), tone(tmp_path / "o.wav", 10), target)
    stream = probe(target)
    assert (stream["codec_name"], stream["sample_rate"], stream["channels"]) == ("mp3", "16000", 2)
    assert int(stream["bit_rate"]) == audio.STEREO_BPS
    assert target.stat().st_size == pytest.approx(10 * audio.STEREO_BPS / 8, rel=0.03)
    later = tmp_path / "from-the-middle.mp3"
    later.write_bytes(target.read_bytes()[target.stat().st_size // 2 :])
    assert len(decoded(later)[0]) == pytest.approx(5 * SECOND, rel=0.05)


@pytest.mark.parametrize(("citizen_s", "operator_s"), [(1, 3), (3, 1)])
def test_the_shorter_side_is_padded(tmp_path: Path, citizen_s: int, operator_s: int) -> None:
    target = tmp_path / "talk.mp3"
    sound = audio.join(tone(tmp_path / "c.wav", citizen_s), tone(tmp_path / "o.wav", operator_s), target)
    assert sound.duration_s == 3.0
    left, right = decoded(target)
    shorter, longer = (left, right) if citizen_s < operator_s else (right, left)
    assert max(shorter[2 * SECOND :]) < 100 < 7000 < max(longer[2 * SECOND : 3 * SECOND])


@pytest.mark.parametrize("there", ["citizen", "operator"])
def test_a_missing_side_is_silent(tmp_path: Path, there: str) -> None:
    only = tone(tmp_path / "x.wav", 1)
    target = tmp_path / "talk.mp3"
    sound = audio.join(only if there == "citizen" else None, only if there == "operator" else None, target)
    heard, other = ("left", "right") if there == "citizen" else ("right", "left")
    assert min(sound.peaks[heard]) > 20
    assert set(sound.peaks[other]) == {0}
    assert len(decoded(target)) == 2


def test_what_a_killed_exchange_leaves_is_read_to_its_end(tmp_path: Path) -> None:
    sound = audio.join(tone(tmp_path / "c.wav", 2, killed=True), tone(tmp_path / "o.wav", 1.5), tmp_path / "t.mp3")
    assert sound.duration_s == pytest.approx(2.0, abs=0.01)


def test_a_file_shorter_than_its_header_says_is_read_to_its_end(tmp_path: Path) -> None:
    source = tone(tmp_path / "c.wav", 2)
    source.write_bytes(source.read_bytes()[:-SECOND])
    assert audio.single(source, tmp_path / "t.mp3").duration_s == pytest.approx(1.5, abs=0.01)


def test_a_message_is_mono(tmp_path: Path) -> None:
    target = tmp_path / "m.mp3"
    sound = audio.single(tone(tmp_path / "m.wav", 1), target)
    assert sound.duration_s == 1.0
    assert sound.peaks.keys() == {"per_second", "left"}
    assert probe(target)["channels"] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"this is no sound" * 100,
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" * 10,
        header(16000)[:30] + b"x" * 10,
        b"\0" * 5000,
        b"RIFF" + b"\xff" * 500,
    ],
)
def test_what_is_no_sound_is_named(tmp_path: Path, content: bytes) -> None:
    good, bad = tone(tmp_path / "good.wav", 1), tmp_path / "bad.wav"
    bad.write_bytes(content)
    with pytest.raises(audio.BadAudio, match=r"bad\.wav: ffmpeg") as caught:
        audio.join(good, bad, tmp_path / "t.mp3")
    assert caught.value.path == bad


@pytest.mark.parametrize(("content", "empty"), [(b"", True), (header(0), True), (header(0) + b"x", True)])
def test_a_file_that_was_opened_and_never_written_is_empty(tmp_path: Path, content: bytes, empty: bool) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    assert audio.is_empty(path) is empty


@pytest.mark.parametrize("content", [header(2) + b"ab", b"hello", header(0) + b"ab"])
def test_whatever_may_hold_something_is_not_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    assert not audio.is_empty(path)


def test_a_full_disk_is_not_the_fault_of_the_sound(tmp_path: Path) -> None:
    with pytest.raises(audio.AudioError) as caught:
        audio.single(tone(tmp_path / "m.wav", 1), Path("/dev/full"))
    assert not isinstance(caught.value, audio.BadAudio)


def test_a_missing_ffmpeg_is_not_the_fault_of_the_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(audio.AudioError, match="ffmpeg is not installed") as caught:
        audio.single(tone(tmp_path / "m.wav", 1), tmp_path / "t.mp3")
    assert not isinstance(caught.value, audio.BadAudio)


def test_an_ffmpeg_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin" / "ffmpeg"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexec sleep 1000\n", "utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=":")
    monkeypatch.setattr(audio, "_PATIENCE_S", 0.2)
    with pytest.raises(audio.AudioError, match="did not end within"):
        audio.single(tone(tmp_path / "m.wav", 1), tmp_path / "t.mp3")


def test_silence_and_a_whisper_are_told_apart(tmp_path: Path) -> None:
    assert audio.single(silence(tmp_path / "s.wav", 1), tmp_path / "s.mp3").silent
    assert audio.single(tone(tmp_path / "hiss.wav", 1, level=0.002), tmp_path / "h.mp3").silent
    assert not audio.single(tone(tmp_path / "w.wav", 1, level=0.02), tmp_path / "w.mp3").silent


def test_a_waveform_shows_where_somebody_speaks(tmp_path: Path) -> None:
    source = tone(tmp_path / "m.wav", 1)
    quiet = silence(tmp_path / "q.wav", 1).read_bytes()[44:]
    data = quiet + source.read_bytes()[44:] + quiet
    source.write_bytes(header(len(data)) + data)
    peaks = audio.single(source, tmp_path / "m.mp3").peaks
    assert peaks["per_second"] == 20
    assert len(peaks["left"]) == 60
    assert max(peaks["left"][:19]) == 0
    assert min(peaks["left"][21:39]) == max(peaks["left"][21:39]) == 25
    assert max(peaks["left"][42:]) == 0


def test_a_long_waveform_has_no_more_points(tmp_path: Path) -> None:
    source = silence(tmp_path / "m.wav", 1000)
    with source.open("r+b") as file:
        file.seek(44 + 900 * SECOND * 2)
        file.write(tone(tmp_path / "t.wav", 10).read_bytes()[44:])
    sound = audio.single(source, tmp_path / "m.mp3")
    per_second = sound.peaks["per_second"]
    assert sound.duration_s == 1000
    assert 500 <= len(sound.peaks["left"]) <= 2000
    assert len(sound.peaks["left"]) == pytest.approx(1000 * per_second, abs=1)
    loud = [n / per_second for n, peak in enumerate(sound.peaks["left"]) if peak > 20]
    assert (min(loud), max(loud)) == (pytest.approx(900, abs=2), pytest.approx(909, abs=2))


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"0123456789" * 300_000)
    assert audio.digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()


MEASURE = """
import json, resource, sys
from pathlib import Path
from recordings import audio
citizen, operator, target = map(Path, sys.argv[1:])
sound = audio.join(citizen, operator, target)
audio.digest(target)
used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([sound.duration_s, *used]))
"""


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    used: dict[int, tuple[int, int]] = {}
    for minutes in (1, 60):
        sides = [silence(tmp_path / f"{side}{minutes}.wav", minutes * 60) for side in "co"]
        command = [sys.executable, "-c", MEASURE, *map(str, sides), str(tmp_path / f"{minutes}.mp3")]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
        duration_s, own_kb, ffmpeg_kb = json.loads(done.stdout)
        assert duration_s == minutes * 60
        used[minutes] = (own_kb, ffmpeg_kb)
    assert used[60][0] - used[1][0] < 8_000, used
    assert used[60][1] - used[1][1] < 16_000, used
