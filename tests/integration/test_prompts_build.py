"""Prompts are really spoken, recordings win, and what cannot be used is refused by name."""

from __future__ import annotations

import cmath
import math
import shutil
import struct
import subprocess
import wave
from pathlib import Path

import pytest
from pydub import AudioSegment

from recordings import prompts
from recordings.music import build_music
from recordings.prompts import PromptError, build

TEXTS = {"hello": {"vi": "Xin chào quý vị.", "en": "Welcome to the hotline."}}
TONE = {"tone": {"vi": "Xin chào."}}


def tone(
    path: Path, *, rate: int, channels: int = 1, seconds: float = 1.0, peak: int = 3000, hertz: float = 440
) -> None:
    """A tone with half a second of silence before and after it."""
    quiet = b"\0\0" * channels * (rate // 2)
    count = int(rate * seconds)
    body = b"".join(
        struct.pack("<h", int(peak * math.sin(2 * math.pi * hertz * n / rate))) * channels for n in range(count)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(quiet + body + quiet)


def heard(path: Path) -> AudioSegment:
    sound = AudioSegment.from_wav(str(path))
    assert (sound.frame_rate, sound.channels, sound.sample_width) == (8000, 1, 2)
    return sound


def test_texts_are_spoken_in_both_languages(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    built = build(TEXTS, [], tmp_path, progress=lambda done, of: steps.append((done, of)))
    assert (built.made, built.recorded, built.kept) == (2, 0, 0)
    assert steps == [(1, 2), (2, 2)]
    vietnamese, english = (heard(tmp_path / language / "hotline/hello.wav") for language in ("vi", "en"))
    for sound in (vietnamese, english):
        assert 0.5 < sound.duration_seconds < 4
        assert -24 < sound.dBFS < -19
        assert sound.max_dBFS <= -1
        assert sound[:100].max_dBFS > -50, "silence before the words is cut away"
    assert vietnamese.raw_data != english.raw_data


def test_a_second_build_leaves_everything_alone(tmp_path: Path) -> None:
    build(TEXTS, [], tmp_path)
    file = tmp_path / "vi/hotline/hello.wav"
    before = file.stat().st_mtime_ns
    assert build(TEXTS, [], tmp_path).kept == 2
    assert file.stat().st_mtime_ns == before
    changed = {"hello": TEXTS["hello"] | {"vi": "Xin chào bà con."}}
    assert build(changed, [], tmp_path).made == 1
    assert file.stat().st_mtime_ns != before


def test_a_lost_file_or_manifest_is_made_again(tmp_path: Path) -> None:
    build(TEXTS, [], tmp_path)
    (tmp_path / "vi/hotline/hello.wav").unlink()
    assert build(TEXTS, [], tmp_path).made == 1
    (tmp_path / prompts.MANIFEST).write_text("[nonsense")
    assert build(TEXTS, [], tmp_path).made == 2


@pytest.mark.parametrize(
    ("rate", "channels", "peak"), [(44100, 2, 30000), (8000, 1, 300), (48000, 1, 3000), (11025, 2, 900)]
)
def test_a_recording_wins_whatever_its_form(tmp_path: Path, rate: int, channels: int, peak: int) -> None:
    source = tmp_path / "mine"
    tone(source / "vi/tone.wav", rate=rate, channels=channels, peak=peak)
    built = build(TONE, [source], tmp_path / "out")
    assert (built.made, built.recorded) == (1, 1)
    sound = heard(tmp_path / "out/vi/hotline/tone.wav")
    assert sound.duration_seconds == pytest.approx(1.06, abs=0.05), "trimmed to the tone"
    assert sound.dBFS == pytest.approx(prompts.LEVEL_DBFS, abs=0.5)


@pytest.mark.parametrize(
    "encoding", [["-c:a", "pcm_mulaw"], ["-c:a", "pcm_s24le"], ["-c:a", "pcm_f32le"], ["-c:a", "pcm_u8"]]
)
def test_other_wav_encodings(tmp_path: Path, encoding: list[str]) -> None:
    plain, source = tmp_path / "plain.wav", tmp_path / "mine/vi/tone.wav"
    tone(plain, rate=16000)
    source.parent.mkdir(parents=True)
    subprocess.run(["ffmpeg", "-v", "error", "-i", plain, *encoding, source], check=True)
    build(TONE, [tmp_path / "mine"], tmp_path / "out")
    assert heard(tmp_path / "out/vi/hotline/tone.wav").dBFS == pytest.approx(prompts.LEVEL_DBFS, abs=0.5)


def strength(sound: AudioSegment, hertz: float) -> float:
    """How much of one frequency there is (a single bin of a Fourier transform)."""
    samples = sound.get_array_of_samples()
    turn = 2 * math.pi * hertz / sound.frame_rate
    return abs(sum(sample * cmath.exp(-1j * turn * n) for n, sample in enumerate(samples)))


def test_sound_above_the_telephone_band_is_not_folded_into_it(tmp_path: Path) -> None:
    low, high, both = tmp_path / "low.wav", tmp_path / "high.wav", tmp_path / "mine/vi/tone.wav"
    tone(low, rate=48000, hertz=440)
    tone(high, rate=48000, hertz=7000)
    both.parent.mkdir(parents=True)
    mix = ["-filter_complex", "amix=inputs=2"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", low, "-i", high, *mix, both], check=True)
    build(TONE, [tmp_path / "mine"], tmp_path / "out")
    sound = heard(tmp_path / "out/vi/hotline/tone.wav")
    assert strength(sound, 1000) < strength(sound, 440) / 100, "7 kHz would come back as 1 kHz"


def test_the_first_source_wins_and_taking_it_away_brings_the_voice_back(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    tone(first / "vi/tone.wav", rate=8000, seconds=1)
    tone(second / "vi/tone.wav", rate=8000, seconds=3)
    file = tmp_path / "out/vi/hotline/tone.wav"
    build(TONE, [first, second], tmp_path / "out")
    assert heard(file).duration_seconds < 2
    shutil.rmtree(first)
    build(TONE, [first, second], tmp_path / "out")
    assert heard(file).duration_seconds > 2
    shutil.rmtree(second)
    assert build(TONE, [first, second], tmp_path / "out").recorded == 0


BROKEN = [b"", b"not a wav at all", b"RIFF\x24\0\0\0WAVEfmt ", b"#EXTM3U\n/etc/hostname\n"]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_recording_is_refused_loudly_and_the_old_prompt_stays(tmp_path: Path, content: bytes) -> None:
    out, source = tmp_path / "out", tmp_path / "mine/vi/tone.wav"
    build(TONE, [], out)
    before = (out / "vi/hotline/tone.wav").read_bytes()
    source.parent.mkdir(parents=True)
    source.write_bytes(content)
    with pytest.raises(PromptError) as caught:
        build(TONE | TEXTS, [tmp_path / "mine"], out)
    assert str(source) in str(caught.value)
    assert caught.value.complete, "every prompt can still be played"
    assert (out / "vi/hotline/tone.wav").read_bytes() == before
    assert heard(out / "vi/hotline/hello.wav").duration_seconds > 0, "the others are built"
    with pytest.raises(PromptError):
        build(TONE, [tmp_path / "mine"], out)


def test_silence_and_endless_recordings_are_refused(tmp_path: Path) -> None:
    tone(tmp_path / "mine/vi/tone.wav", rate=8000, peak=0)
    with pytest.raises(PromptError, match="nothing but silence"):
        build(TONE, [tmp_path / "mine"], tmp_path / "out")
    tone(tmp_path / "mine/vi/tone.wav", rate=8000, seconds=prompts.LONGEST_S + 1, hertz=300)
    with pytest.raises(PromptError, match="longer than"):
        build(TONE, [tmp_path / "mine"], tmp_path / "out")


def test_a_text_may_ask_for_the_other_voice_and_an_empty_one_is_a_pause(tmp_path: Path) -> None:
    texts = {"other": {"vi": "[en] For English, press nine.", "en": "For English, press nine."}, "pause": {"vi": ""}}
    build(texts, [], tmp_path)
    assert heard(tmp_path / "vi/hotline/other.wav").raw_data == heard(tmp_path / "en/hotline/other.wav").raw_data
    pause = heard(tmp_path / "vi/hotline/pause.wav")
    assert len(pause) == prompts.PAUSE_MS
    assert pause.rms == 0


def test_digits_go_where_asterisk_looks_for_them(tmp_path: Path) -> None:
    build({}, [], tmp_path, digits={"1": {"vi": "một", "en": "one"}, "20": {"vi": "hai mươi"}})
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.wav")} == {
        "vi/digits/1.wav",
        "en/digits/1.wav",
        "vi/digits/20.wav",
    }


@pytest.mark.parametrize("name", ["../x", "a/b", "", "x y", "A"])
def test_a_name_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(PromptError, match="no such name"):
        build({name: {"vi": "một"}}, [], tmp_path / "out")
    assert not list(tmp_path.rglob("*.wav"))


def test_a_text_is_never_an_option_of_the_speaker(tmp_path: Path) -> None:
    build({"odd": {"vi": "--version; $(id) ${IFS} <voice>"}}, [], tmp_path)
    assert heard(tmp_path / "vi/hotline/odd.wav").duration_seconds > 0.5


def test_a_missing_speaker_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PromptError, match="espeak-ng is not installed") as caught:
        build(TEXTS, [], tmp_path)
    assert not caught.value.complete


def test_music_on_hold_is_soft_and_loops(tmp_path: Path) -> None:
    sound = heard(build_music(tmp_path))
    assert sound.duration_seconds == 60
    assert -30 < sound.dBFS < -24
    assert sound.max_dBFS < -6
    samples = sound.get_array_of_samples()
    steps = [abs(samples[n] - samples[n - 1]) for n in range(len(samples))]
    assert steps[0] <= max(steps[1:]), "the seam is no louder than the music"
    assert all(sound[start : start + 2000].dBFS > -45 for start in range(0, 60_000, 2000)), "never silent"
