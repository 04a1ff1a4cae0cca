"""Sounds without words: music on hold (soft chords that loop without a seam) and the tone before a message."""

from __future__ import annotations

import math
from array import array
from io import BytesIO
from itertools import chain
from pathlib import Path

from pydub import AudioSegment
from pydub.generators import Sine

from recordings.prompts import RATE_HZ, VOICES, write_whole

BEAT_S = 1.0
LEVEL_DBFS = -27.0
"""Well below speech, so that announcements stand out."""
NAME = "quiet"
BEEP_DBFS = -12.0

# Fifteen bars of four beats: root and chord as semitones from A3 (220 Hz).
_BARS = ((-9, 0, 3, 7), (-12, -5, 0, 4), (-7, 0, 5, 9), (-14, -2, 2, 5), (-9, -2, 3, 7))
_MELODY = (12, 10, 7, 5, 7, 3, 5, 7, 10, 12, 15, 12, 10, 7, 5)
_BARS_PLAYED = 15


def build_music(out: Path) -> Path:
    """Write `<out>/quiet.wav` (8 kHz, mono, 16 bit, 60 s) unless it is there, and return its path."""
    path = out / f"{NAME}.wav"
    if path.is_file():
        return path
    samples = array("h", (round(value) for value in _render()))
    sound = AudioSegment(data=samples.tobytes(), sample_width=2, frame_rate=RATE_HZ, channels=1)
    buffer = BytesIO()
    sound.apply_gain(LEVEL_DBFS - sound.dBFS).export(buffer, format="wav")
    write_whole(path, buffer.getvalue())
    return path


def build_beep(sounds: Path) -> None:
    """Write `<sounds>/<language>/beep.wav`, the tone before a message (Asterisk has none in Vietnamese)."""
    tone = Sine(1000, sample_rate=RATE_HZ).to_audio_segment(duration=300, volume=BEEP_DBFS).fade_in(10).fade_out(10)
    buffer = BytesIO()
    tone.export(buffer, format="wav")
    for language in VOICES:
        write_whole(sounds / language / "beep.wav", buffer.getvalue())


def _render() -> list[float]:
    """Notes ring on over the end into the beginning, so that the loop cannot be heard."""
    length = int(_BARS_PLAYED * 4 * BEAT_S * RATE_HZ)
    mix = [0.0] * length
    for bar in range(_BARS_PLAYED):
        chord = _BARS[bar % len(_BARS)]
        notes = ((bar * 4 + beat, chord[beat], 6.0, 1400.0) for beat in range(4))
        melody = ((bar * 4 + 2.5, _MELODY[bar], 4.0, 900.0),)
        for beat, semitone, ring_s, loudness in chain(notes, melody):
            _add(mix, int(beat * BEAT_S * RATE_HZ), 220.0 * 2 ** (semitone / 12), ring_s, loudness)
    return mix


def _add(mix: list[float], start: int, hertz: float, ring_s: float, loudness: float) -> None:
    """One bell-like note: a soft attack, then dying away within `ring_s` seconds."""
    step = 2 * math.pi * hertz / RATE_HZ
    attack, count = 0.06 * RATE_HZ, int(ring_s * RATE_HZ)
    for n in range(count):
        swell = min(1.0, n / attack) * (1 - n / count) ** 3
        mix[(start + n) % len(mix)] += loudness * swell * (math.sin(step * n) + 0.2 * math.sin(2 * step * n))
