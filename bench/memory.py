"""Memory of our processes over many calls: flat means that the second half of them adds nothing."""

from __future__ import annotations

from bench.hall import hall, offer, settle
from bench.process import resident_mb
from bench.report import Row
from lab import sipp
from lab.instance import Instance

OPERATORS = 24
RATE = 18
TALKS_OF_TEN = 2
"""So many of ten callers talk to an operator; the others hang up in the menu. Each talk becomes a recording, which
costs an ffmpeg, so that all of ten would keep the machine busy for a quarter of an hour."""
GROWTH = 1.05
OURS = ("ivr", "web", "worker")
TALK = (sipp.Key("1", info=True), sipp.Speak(), sipp.AwaitHangUp(30))
LEAVE = (sipp.Key("9", info=True), sipp.Wait(1), sipp.HangUp())


def measure(quick: bool) -> list[Row]:
    calls = 300 if quick else 5000
    with hall(OPERATORS) as hotline:
        pids = {name: hotline.pid(name) for name in OURS}
        served = _half(hotline, calls // 2)
        middle = {name: resident_mb(pid) for name, pid in pids.items()}
        served += _half(hotline, calls // 2)
        end = {name: resident_mb(pid) for name, pid in pids.items()}
        if {name: hotline.pid(name) for name in OURS} != pids:
            raise RuntimeError("a process was started anew meanwhile")
    return [
        Row(
            f"memory of {name} after {calls} calls, after {calls // 2}",
            end[name] / middle[name],
            f"{end[name]:.1f} MB, {served} calls served",
            f"{middle[name]:.1f} MB",
            GROWTH,
        )
        for name in OURS
    ]


def _half(hotline: Instance, calls: int) -> int:
    """Offer the calls in batches, and wait until all is put away. Returns how many were served."""
    batch, served = min(calls, 250), 0
    for _ in range(calls // batch):
        talks = batch * TALKS_OF_TEN // 10
        served += offer(hotline, LEAVE, calls=batch - talks, rate=RATE, at_once=200).good
        served += offer(hotline, TALK, calls=talks, rate=RATE // 2, at_once=100).good
    settle(hotline)
    return served
