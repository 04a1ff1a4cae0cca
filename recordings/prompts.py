"""Texts and dropped-in recordings → the exchange's prompt files (8 kHz, mono, 16 bit), trimmed and at one level.

A recording `<source>/<language>/<prompt>.wav` wins over the synthesised text, whatever its rate, channels or level.
What is up to date is left alone; files are put in place whole, so the exchange may play while this runs.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydub import AudioSegment
from pydub.silence import detect_leading_silence

RATE_HZ = 8000
LEVEL_DBFS = -20.0
"""Mean level of every prompt; peaks stay below `PEAK_DBFS`."""
PEAK_DBFS = -1.5
PAUSE_MS = 250
"""Length of a prompt whose text is empty."""
LONGEST_S = 120
LARGEST_BYTES = 50_000_000
"""A recording may be no longer than `LONGEST_S` and no larger than this."""
VOICES = {"vi": "vi-vn-x-central", "en": "en"}
WORDS_PER_MINUTE = {"vi": 150, "en": 155}
_BUILDER = "1"
"""Changes whenever the same text would come out differently, so that everything is built anew."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_OTHER_VOICE = re.compile(r"\[(vi|en)\]\s*")
MANIFEST = ".prompts.json"
_KEPT_MS = (20, 40)
"""Silence left before and after the sound."""

Texts = Mapping[str, Mapping[str, str]]
"""Prompt id → language → text; a text that begins with `[en]` or `[vi]` is read by that language's voice."""
Progress = Callable[[int, int], None]
"""Called with how many prompts are done and how many there are."""


class PromptError(Exception):
    """Prompts that could not be made; `str()` names each file or prompt and what is wrong with it. Everything else was
    built, and of these the file built before (if any) is still in place; `complete` when there is one for each."""

    code = "prompt_failed"

    def __init__(self, message: str, *, complete: bool = False) -> None:
        super().__init__(message)
        self.complete = complete


@dataclass(frozen=True, slots=True)
class Built:
    """How many prompt files were made now, and how many of them from a recording; `kept` were up to date."""

    made: int
    recorded: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    """Path below the folder of the exchange's sounds, without `.wav`."""
    text: str
    voice: str
    recording: Path | None

    def key(self) -> str:
        source = self.recording.read_bytes() if self.recording else f"{self.voice}\n{self.text}".encode()
        return hashlib.sha256(_BUILDER.encode() + b"\n" + source).hexdigest()


def build(
    texts: Texts,
    sources: Sequence[Path],
    out: Path,
    *,
    digits: Texts | None = None,
    progress: Progress | None = None,
    jobs: int = 2,
) -> Built:
    """Make `<out>/<language>/hotline/<id>.wav` of every text, and of `digits` (Asterisk's own file names)
    `<out>/<language>/digits/<name>.wav`. Earlier `sources` win. An empty text is a pause of `PAUSE_MS`.

    Raises `PromptError` after having built whatever could be built.
    """
    todo = [*_jobs(texts, "hotline", sources), *_jobs(digits or {}, "digits", ())]
    manifest = _read_manifest(out)
    problems: list[str] = []
    made = recorded = 0
    try:
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            for done, (job, result) in enumerate(
                zip(todo, pool.map(lambda job: _carry_out(job, out, manifest.get(job.name)), todo), strict=True), 1
            ):
                if isinstance(result, PromptError):
                    problems.append(str(result))
                elif result is not None:
                    manifest[job.name] = result
                    made += 1
                    recorded += job.recording is not None
                if progress:
                    progress(done, len(todo))
    finally:
        write_whole(out / MANIFEST, json.dumps(manifest, indent=0, sort_keys=True).encode())
    if problems:
        complete = all((out / f"{job.name}.wav").is_file() for job in todo)
        raise PromptError("\n".join(problems), complete=complete)
    return Built(made, recorded, len(todo) - made)


def _jobs(texts: Texts, folder: str, sources: Sequence[Path]) -> Iterator[_Job]:
    for name, by_language in texts.items():
        for language, text in by_language.items():
            if not _NAME.fullmatch(name) or language not in VOICES:
                raise PromptError(f"prompt {name!r} in {language!r}: no such name or language can be built")
            found = (source / language / f"{name}.wav" for source in sources)
            other = _OTHER_VOICE.match(text)
            yield _Job(
                name=f"{language}/{folder}/{name}",
                text=text[other.end() :] if other else text,
                voice=other[1] if other else language,
                recording=next((path for path in found if path.exists()), None),
            )


def _carry_out(job: _Job, out: Path, built: str | None) -> str | PromptError | None:
    """The key of the file that was made, why it could not be made, or None when it was up to date."""
    target = out / f"{job.name}.wav"
    try:
        if job.recording and job.recording.stat().st_size > LARGEST_BYTES:
            raise PromptError(f"{job.recording}: is larger than {LARGEST_BYTES // 1_000_000} MB")
        key = job.key()
        if key == built and target.is_file():
            return None
        write_whole(target, _sound(job))
        return key
    except PromptError as error:
        return error
    except OSError as error:
        return PromptError(f"{job.recording or target}: {error.strerror or error}")


def _sound(job: _Job) -> bytes:
    if job.recording:
        sound = _decode(job.recording.read_bytes(), str(job.recording))
        if len(sound) > LONGEST_S * 1000:
            raise PromptError(f"{job.recording}: is longer than {LONGEST_S} s")
        return _finish(sound, str(job.recording))
    if not job.text.strip():
        return _wav(AudioSegment.silent(PAUSE_MS, frame_rate=RATE_HZ))
    return _finish(_decode(_speak(job.text, job.voice, job.name), job.name), job.name)


def _speak(text: str, voice: str, what: str) -> bytes:
    speed = str(WORDS_PER_MINUTE[voice])
    return _run(["espeak-ng", "-b", "1", "-v", VOICES[voice], "-s", speed, "--stdin", "--stdout"], text.encode(), what)


def _decode(wav: bytes, what: str) -> AudioSegment:
    """Any WAV as 8 kHz mono 16 bit. ffmpeg resamples, because pydub's resampler folds what lies above 4 kHz back."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-f", "wav", "-i", "pipe:0", "-t", str(LONGEST_S + 1), "-ac", "1"]
    raw = _run([*command, "-ar", str(RATE_HZ), "-f", "s16le", "pipe:1"], wav, what)
    if len(raw) < 2:
        raise PromptError(f"{what}: holds no sound")
    return AudioSegment(data=raw, sample_width=2, frame_rate=RATE_HZ, channels=1)


def _run(command: list[str], given: bytes, what: str) -> bytes:
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=60, check=False)  # noqa: S603 - ours
    except FileNotFoundError:
        raise PromptError(f"{what}: {command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise PromptError(f"{what}: {command[0]} did not end within a minute") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PromptError(f"{what}: cannot be read as a WAV ({said[-1] if said else command[0] + ' failed'})")
    return done.stdout


def _finish(sound: AudioSegment, what: str) -> bytes:
    if sound.max_dBFS < -60:
        raise PromptError(f"{what}: holds nothing but silence")
    sound = _trim(sound)
    gain = min(LEVEL_DBFS - sound.dBFS, PEAK_DBFS - sound.max_dBFS)
    return _wav(sound.apply_gain(gain).fade_in(5).fade_out(5))


def _trim(sound: AudioSegment) -> AudioSegment:
    threshold = sound.max_dBFS - 40
    start = max(0, detect_leading_silence(sound, threshold, 5) - _KEPT_MS[0])
    end = len(sound) - max(0, detect_leading_silence(sound.reverse(), threshold, 5) - _KEPT_MS[1])
    return sound[start:end]


def _wav(sound: AudioSegment) -> bytes:
    buffer = BytesIO()
    sound.set_frame_rate(RATE_HZ).set_channels(1).set_sample_width(2).export(buffer, format="wav")
    return buffer.getvalue()


def _read_manifest(out: Path) -> dict[str, str]:
    try:
        read = json.loads((out / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(name): str(key) for name, key in read.items()} if isinstance(read, dict) else {}


def write_whole(path: Path, content: bytes) -> None:
    """The file has its old content or its new one, never half of it, also when two builds run at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as temporary:
        written = Path(temporary.name)
        try:
            temporary.write(content)
            temporary.flush()
            written.chmod(0o644)
            written.replace(path)
        except BaseException:
            with suppress(OSError):
                written.unlink()
            raise
