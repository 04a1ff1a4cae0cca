"""The sound of a simulated phone: sends a tone or silence as A-law RTP and keeps what it hears."""

from __future__ import annotations

import contextlib
import math
import re
import secrets
import socket
import struct
import threading
import time
import wave
from collections.abc import Sequence
from pathlib import Path

FRAME = 160
_EVENTS = "0123456789*#"


def _encode(sample: int) -> int:
    """One 16-bit sample as G.711 A-law (ITU-T G.711)."""
    sign = 0x80 if sample >= 0 else 0
    level = min((sample if sample >= 0 else -sample - 1) >> 3, 0xFFF)
    if level < 32:
        return (sign | level >> 1) ^ 0x55
    exponent = level.bit_length() - 5
    return (sign | exponent << 4 | level >> exponent & 0x0F) ^ 0x55


def _decode(code: int) -> int:
    code ^= 0x55
    exponent, mantissa = code >> 4 & 7, code & 15
    level = (mantissa << 4) + 8 if exponent == 0 else (mantissa << 4) + 0x108 << exponent - 1
    return level if code & 0x80 else -level


DECODED = [_decode(code) for code in range(256)]
SILENCE = bytes([_encode(0)]) * FRAME


def tone(hertz: float) -> bytes:
    """One second of a tone, so that frames cut from it join without a click (for whole hertz)."""
    return bytes(_encode(int(12000 * math.sin(2 * math.pi * hertz * n / 8000))) for n in range(8000))


def end(listener: socket.socket) -> None:
    """Close a UDP socket and wake the thread that listens to it, which closing alone does not."""
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)  # complains that nobody is connected, and wakes
    listener.close()


class Media:
    """RTP of one call at a time; `heard` is A-law as it came."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.port = self.socket.getsockname()[1]
        self.heard = bytearray()
        self.voice = b""
        self._to: tuple[str, int] | None = None
        self._keys: list[str] = []
        self._sent = threading.Condition()
        self._closing = False
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._stamp = secrets.randbits(30)
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._hear, self._speak)]
        for thread in self._threads:
            thread.start()

    def offer(self) -> str:
        lines = [
            "v=0", f"o=- 1 1 IN IP4 {self.address}", "s=-", f"c=IN IP4 {self.address}", "t=0 0",
            f"m=audio {self.port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-16", "a=ptime:20", "a=sendrecv", "",
        ]  # fmt: skip
        return "\r\n".join(lines)

    def connect(self, sdp: str) -> None:
        address, port = re.search(r"c=IN IP4 (\S+)", sdp), re.search(r"m=audio (\d+)", sdp)
        if address and port:
            self._to = (address[1], int(port[1]))

    def say(self, hertz: float) -> None:
        """Speak with a tone from now on; 0 is silence."""
        self.voice = tone(hertz) if hertz else b""

    def read_aloud(self, path: Path) -> None:
        """Speak with the sound of a WAV file (8 kHz, mono, 16 bit) from now on, over and over."""
        with wave.open(str(path), "rb") as file:
            raw = file.readframes(file.getnframes())
        self.voice = bytes(_encode(sample) for sample in struct.unpack(f"<{len(raw) // 2}h", raw))

    def press(self, key: str) -> None:
        """One key by RFC 4733, 100 ms long; returns when it was sent."""
        with self._sent:
            self._keys.append(key)
            if not self._sent.wait_for(lambda: not self._keys, 5):
                raise TimeoutError(f"key {key} was not sent")

    def close(self) -> None:
        self._closing = True
        end(self.socket)
        for thread in self._threads:
            thread.join(1)

    def _hear(self) -> None:
        while not self._closing:
            try:
                packet = self.socket.recv(2048)
            except OSError:
                return
            if len(packet) > 12 and packet[1] & 0x7F == 8:
                self.heard += packet[12:]

    def _send(self, kind: int, payload: bytes, stamp: int, *, marker: bool = False) -> None:
        self._sequence = self._sequence + 1 & 0xFFFF
        head = struct.pack(
            "!BBHII", 0x80, kind | (0x80 if marker else 0), self._sequence, stamp & 0xFFFFFFFF, self._ssrc
        )
        if self._to:
            self.socket.sendto(head + payload, self._to)

    def _speak(self) -> None:
        position, due = 0, time.monotonic()
        while not self._closing:
            due += 0.02
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if self._to and self._keys:
                    due += self._send_key(self._keys[0])
                    with self._sent:
                        self._keys.pop(0)
                        self._sent.notify_all()
                elif self._to:
                    voice = self.voice
                    frame = voice[position : position + FRAME] if voice else SILENCE
                    position = (position + FRAME) % max(len(voice) // FRAME * FRAME, FRAME)
                    self._send(8, frame, self._stamp)
            except OSError:
                return
            self._stamp += FRAME

    def _send_key(self, key: str) -> float:
        event, start = _EVENTS.index(key), self._stamp
        for tick in range(1, 9):
            ended = tick > 5
            payload = struct.pack("!BBH", event, 0x8A if ended else 0x0A, FRAME * min(tick, 5))
            self._send(101, payload, start, marker=tick == 1)
            if not ended:
                time.sleep(0.02)
        self._stamp += FRAME * 5
        return 0.1


def strength(samples: Sequence[int], hertz: float, rate: int = 8000) -> float:
    """How much of a tone there is in the samples: its amplitude as a part of full scale (Goertzel's algorithm)."""
    if not samples:
        return 0.0
    coefficient = 2 * math.cos(2 * math.pi * hertz / rate)
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(samples) / 32768


def samples_of(alaw: bytes) -> list[int]:
    return [DECODED[code] for code in alaw]
