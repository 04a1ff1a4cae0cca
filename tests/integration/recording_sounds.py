"""WAV files as the exchange writes them, whole and in every state of disrepair."""

from __future__ import annotations

import math
import struct
import subprocess
from array import array
from pathlib import Path

RATE_HZ = 8000


def header(data_bytes: int) -> bytes:
    """44 bytes; an exchange that was killed leaves 0 for `data_bytes`."""
    riff = data_bytes + 36 if data_bytes else 0
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE_HZ, RATE_HZ * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", riff, b"WAVE") + fmt + struct.pack("<4sI", b"data", data_bytes)


def tone(path: Path, seconds: float, hz: float = 440, level: float = 0.25, *, killed: bool = False) -> Path:
    """A sine; `killed`: the header has no sizes and the last sample is cut in two."""
    samples = array("h", (int(32767 * level * math.sin(math.tau * hz * n / RATE_HZ)) for n in range(RATE_HZ)))
    whole = int(seconds)
    data = samples.tobytes() * whole + samples[: round((seconds - whole) * RATE_HZ)].tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header(0) + data[:-1] if killed else header(len(data)) + data)
    return path


def silence(path: Path, seconds: float) -> Path:
    """Samples of 0, in a sparse file, so that hours cost nothing."""
    data_bytes = int(seconds * RATE_HZ) * 2
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(header(data_bytes))
        file.truncate(44 + data_bytes)
    return path


def decoded(path: Path) -> list[array[int]]:
    """The samples of each channel at 8 kHz, as ffmpeg hears the file."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-ar", str(RATE_HZ), "-f", "s16le", "pipe:1"]
    samples = array("h", subprocess.run(command, check=True, capture_output=True).stdout)
    shown = ["ffprobe", "-v", "error", "-show_entries", "stream=channels", "-of", "csv=p=0", path]
    channels = int(subprocess.run(shown, check=True, capture_output=True).stdout)
    return [samples[channel::channels] for channel in range(channels)]


def strength(samples: array[int], hz: float) -> float:
    """How much of this tone is in the samples: about its amplitude, 0 to 1."""
    turn = math.tau * hz / RATE_HZ
    real = sum(sample * math.cos(turn * n) for n, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * n) for n, sample in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / len(samples) / 32767 if samples else 0.0
