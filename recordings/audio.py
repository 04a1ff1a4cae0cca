"""WAVs of the exchange → one compressed file, its length and its waveform; ffmpeg streams, so memory stays flat.

The format is MP3 at a constant bit rate. Every browser decodes it by itself: Safari plays Opus in Ogg only since
version 18, and AAC is missing from browsers built without licensed codecs. A constant rate makes seeking by Range plain
arithmetic, and the file needs no index at its end. 16 kHz (MPEG-2) because 8 kHz would be MPEG-2.5, which no standard
has; the sides are coded apart, so that neither is heard on the other's channel. An hour of talk takes 22 MB.
"""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Any

from callcenter.errors import HotlineError

EXTENSION = "mp3"
MEDIA_TYPE = "audio/mpeg"
RATE_HZ = 16_000
STEREO_BPS = 48_000
MONO_BPS = 32_000
HEADER_BYTES = 44
"""Of a WAV as Asterisk writes it."""
SILENCE = 104
"""A file whose loudest sample is below this, −50 dBFS, holds nothing to be heard: idle lines hiss below it."""
_MEASURE_HZ = 8000
_PEAKS_PER_SECOND = 20
_MOST_PEAKS = 2000
"""Per channel. A longer sound has fewer peaks per second."""
_CHUNK_BYTES = 64 * 1024
_PATIENCE_S = 30.0
_SLOWEST = 5
"""Times real time; ffmpeg is stopped when it is slower, after `_PATIENCE_S` of grace."""


class AudioError(HotlineError):
    """ffmpeg is missing, too slow or could not write: not the fault of the sound, so try again later."""

    code = "audio_failed"


class BadAudio(AudioError):
    """`path` cannot be read as a WAV."""

    code = "audio_unreadable"

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path.name}: {message}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Sound:
    """`peaks` as in `callcenter.tables.Recording` (a mono sound has "left" only); `silent`: nothing is to be heard."""

    duration_s: float
    peaks: dict[str, Any]
    silent: bool


def join(citizen: Path | None, operator: Path | None, target: Path) -> Sound:
    """Both sides of a talk as one stereo file, the citizen left; a side that ends early or is missing is silent.

    A size of 0 in a header (the exchange was killed) and odd or missing last bytes are put up with.
    Raises `BadAudio` naming the first side that cannot be read, `AudioError`; then `target` is not to be used.
    """
    sides = [(path, channel) for path, channel in ((citizen, "c0"), (operator, "c1")) if path is not None]
    if not sides:
        raise ValueError("neither side is there")
    graph = "".join(
        f"[{n}:a]aresample={RATE_HZ},aformat=channel_layouts=mono,pan=stereo|{channel}=c0[{channel}];"
        for n, (_, channel) in enumerate(sides)
    )
    labels = "".join(f"[{channel}]" for _, channel in sides)
    graph += f"{labels}amix=inputs={len(sides)}:duration=longest:dropout_transition=0:normalize=0"
    return _convert([path for path, _ in sides], graph, target, channels=2)


def single(source: Path, target: Path) -> Sound:
    """A mono file of a message. Raises as `join` does."""
    return _convert([source], f"[0:a]aresample={RATE_HZ},aformat=channel_layouts=mono", target, channels=1)


def is_empty(path: Path) -> bool:
    """Whether this is a WAV that was opened and never written to, as the exchange leaves when nobody talked."""
    with path.open("rb") as file:
        start = file.read(HEADER_BYTES + 2)
    return not start or (len(start) < HEADER_BYTES + 2 and start.startswith(b"RIFF"))


def digest(path: Path) -> str:
    """SHA-256 of the file, in hexadecimal."""
    sums = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            sums.update(chunk)
    return sums.hexdigest()


def _convert(sources: Sequence[Path], graph: str, target: Path, *, channels: int) -> Sound:
    bps = STEREO_BPS if channels == 2 else MONO_BPS
    graph += f",asplit[kept][raw];[raw]aresample={_MEASURE_HZ}[measured]"
    encoder = ["-c:a", "libmp3lame", "-b:a", str(bps), "-joint_stereo", "0", "-map_metadata", "-1"]
    options = ["-filter_complex_threads", "1", "-filter_complex", graph, "-map", "[kept]", *encoder]
    options += ["-f", "mp3", f"file:{target}", "-map", "[measured]", "-f", "s16le", "pipe:1"]
    meter = _Meter(channels)
    try:
        _ffmpeg(sources, options, meter)
    except _Refused:
        for source in sources:
            _check(source)
        raise
    sound = meter.sound()
    if target.stat().st_size < sound.duration_s * bps / 8:
        # ffmpeg ends well although its last writes failed.
        raise AudioError(f"{target.name} was cut short: is the disk full?")
    return sound


def _check(source: Path) -> None:
    """Raises `BadAudio` if ffmpeg cannot read it."""
    try:
        _ffmpeg([source], ["-f", "s16le", "pipe:1"], _Meter(1))
    except _Refused as error:
        raise BadAudio(source, str(error)) from error


class _Refused(AudioError):
    """ffmpeg ended with an error."""


def _ffmpeg(sources: Sequence[Path], options: Sequence[str], meter: _Meter) -> None:
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    for source in sources:
        # The demuxer is named and files are all it may open: a playlist in disguise reaches nothing.
        command += ["-protocol_whitelist", "file", "-f", "wav", "-i", f"file:{source}"]
    length_s = sum(source.stat().st_size for source in sources) / (2 * _MEASURE_HZ)
    limit_s = _PATIENCE_S + length_s / _SLOWEST
    with TemporaryFile() as said:
        try:
            process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=said)  # noqa: S603 - ours
        except FileNotFoundError:
            raise AudioError("ffmpeg is not installed") from None
        in_time = _drain(process, meter, limit_s)
        if not in_time:
            raise AudioError(f"ffmpeg did not end within {limit_s:.0f} s")
        if process.returncode:
            raise _Refused(f"ffmpeg: {_tail(said) or f'ended with {process.returncode}'}")


def _drain(process: subprocess.Popen[bytes], meter: _Meter, limit_s: float) -> bool:
    """Feed the meter until the process ends; False if it had to be stopped."""
    timer = Timer(limit_s, process.kill)
    timer.daemon = True
    timer.start()
    try:
        with process:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            while chunk := process.stdout.read(_CHUNK_BYTES):
                meter.feed(chunk)
        return timer.is_alive()
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
            process.wait()


def _tail(said: IO[bytes]) -> str:
    said.seek(max(0, said.seek(0, 2) - 1000))
    return " | ".join(said.read().decode("utf-8", "replace").split("\n")).strip(" |")


@dataclass(slots=True)
class _Meter:
    """Length, loudness and waveform of the 16-bit little-endian samples fed to it, in constant memory."""

    channels: int
    frames: int = 0
    loudest: int = 0
    _rest: bytes = b""
    _window: int = _MEASURE_HZ // _PEAKS_PER_SECOND
    _peaks: list[list[int]] = field(default_factory=list)

    def feed(self, chunk: bytes) -> None:
        step = self._window * self.channels * 2
        data = self._rest + chunk
        whole = len(data) - len(data) % step
        for start in range(0, whole, step):
            self._take(data[start : start + step])
        self._rest = data[whole:]
        if self._peaks and len(self._peaks[0]) >= _MOST_PEAKS:
            self._coarsen()

    def _take(self, block: bytes) -> None:
        samples = array("h")
        samples.frombytes(block[: len(block) - len(block) % (2 * self.channels)])
        if sys.byteorder == "big":
            samples.byteswap()
        if not samples:
            return
        if not self._peaks:
            self._peaks = [[] for _ in range(self.channels)]
        for channel, peaks in enumerate(self._peaks):
            one = samples[channel :: self.channels]
            peaks.append(max(max(one), -min(one)))
        self.loudest = max(self.loudest, *(peaks[-1] for peaks in self._peaks))
        self.frames += len(samples) // self.channels

    def _coarsen(self) -> None:
        """Twice as long windows. What is left of a chunk stays shorter than one."""
        for peaks in self._peaks:
            odd = peaks[-1:] if len(peaks) % 2 else []
            peaks[:] = [*map(max, peaks[::2], peaks[1::2]), *odd]
        self._window *= 2

    def sound(self) -> Sound:
        """To be called once, when everything was fed."""
        self._take(self._rest)
        shown: dict[str, Any] = {"per_second": _MEASURE_HZ / self._window}
        for name, peaks in zip(("left", "right"), self._peaks, strict=False):
            shown[name] = [round(100 * peak / 32768) for peak in peaks]
        return Sound(round(self.frames / _MEASURE_HZ, 3), shown, self.loudest < SILENCE)
