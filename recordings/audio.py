"""Sound through ffmpeg, streamed: memory does not grow with length.

Archived as Opus in Ogg: what speech needs in the least space, seekable by ranges of bytes, played by current browsers
(Chromium, Firefox, Safari from 18.4) and by every player. Each speaker has a channel of its own.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEDIA_TYPE = "audio/ogg"
RATE_HZ = 8000
HEADER_BYTES = 44
BYTES_PER_SECOND = RATE_HZ * 2
BITRATE_PER_CHANNEL = 24_000
MAX_PEAKS = 6000
CHUNK = 1 << 16


class AudioError(Exception):
    """ffmpeg could not read or write; `str()` names the file and gives its last words."""

    code = "audio_unreadable"


@dataclass(frozen=True, slots=True)
class Archived:
    """`peaks` is {"per_second", "left", "right"} with values from 0 to 100, "right" missing for a mono file."""

    size_bytes: int
    sha256: str
    duration_s: float
    peaks: dict[str, object]


def seconds_of_wav(path: Path) -> float:
    """The length of a 16-bit 8 kHz mono WAV by its size: a killed exchange leaves 0 in the header."""
    return max(0, path.stat().st_size - HEADER_BYTES) / BYTES_PER_SECOND


def encode(sides: Sequence[Path | None], target: Path) -> Archived:
    """Encode one file, or the citizen's (left) and the operator's (right), where None is silence.

    The shorter side is filled with silence. `target` is written and synced. Raises `AudioError`.
    """
    length = max(seconds_of_wav(side) for side in sides if side)
    arguments = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    for side in sides:
        if side:
            arguments += ["-f", "wav", "-ignore_length", "1", "-i", str(side)]
        else:
            arguments += ["-f", "lavfi", "-t", f"{length:.3f}", "-i", f"anullsrc=r={RATE_HZ}:cl=mono"]
    if len(sides) == 2:
        pad = f"apad=whole_dur={length:.3f}"
        arguments += ["-filter_complex", f"[0:a]{pad}[l];[1:a]{pad}[r];[l][r]join=inputs=2:channel_layout=stereo"]
    rate = BITRATE_PER_CHANNEL * len(sides)
    arguments += ["-map_metadata", "-1", "-c:a", "libopus", "-application", "voip", "-b:a", str(rate)]
    _run([*arguments, "-f", "ogg", str(target)], target, length)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    return _describe(target, len(sides), length)


def _run(arguments: list[str], what: Path, length: float) -> None:
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=60 + length, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired as error:
        raise AudioError(f"{what.name}: ffmpeg took longer than {60 + length:.0f} s") from error
    if done.returncode != 0:
        raise AudioError(f"{what.name}: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}")


def _describe(path: Path, channels: int, length: float) -> Archived:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    samples, peaks = _peaks(path, channels, length)
    return Archived(path.stat().st_size, digest.hexdigest(), round(samples / RATE_HZ, 2), peaks)


def _peaks(path: Path, channels: int, length: float) -> tuple[int, dict[str, object]]:
    """Counts the samples and keeps the loudest of each stretch; raw sound is streamed, never held."""
    per_second = max(1, min(10, int(MAX_PEAKS / max(length, 1))))
    stretch = RATE_HZ // per_second * channels * 2
    arguments = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", str(path), "-f", "s16le", "-ar", str(RATE_HZ), "-"]
    sides: list[list[int]] = [[] for _ in range(channels)]
    total = 0
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 - ours
        assert process.stdout and process.stderr  # noqa: S101 - asked for above
        while raw := process.stdout.read(stretch):
            values = array("h", raw[: len(raw) // 2 * 2])
            total += len(values) // channels
            for channel, side in enumerate(sides):
                part = values[channel::channels]
                side.append(round(max(max(part), -min(part)) * 100 / 32768) if part else 0)
        said = process.stderr.read().decode("utf-8", "replace")
    if process.returncode != 0 or not total:
        raise AudioError(f"{path.name}: cannot be read back: {said.strip()[-500:]}")
    peaks: dict[str, object] = {"per_second": per_second, "left": sides[0]}
    return total, peaks if channels == 1 else peaks | {"right": sides[1]}
