"""Pure engine steps a second, beside a bare generator that is sent the same replies."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from bench.report import Row, paired
from callflows.engine import run
from callflows.loader import load_flow
from callflows.steps import AskHours, Collect, Found, Hours, Keys, LookUp, Reply, Step
from hotline.wiring import CALLFLOWS

PRESSED = ("9", "9", "3", "264810935", "1", "264810935", "0")
"""English and back, two tickets, then an operator: most kinds of nodes."""

Play = Generator[Step, Reply, object]


def replies(play: Callable[[], Play]) -> tuple[list[Step], list[Reply]]:
    """What one caller's steps and replies are."""
    engine, keys, asked, told = play(), iter(PRESSED), list[Step](), list[Reply]()
    reply: Reply = None
    try:
        step = next(engine)
        while True:
            asked.append(step)
            match step:
                case Collect():
                    reply = Keys(next(keys))
                case AskHours():
                    reply = Hours(True)
                case LookUp():
                    reply = Found("found", {"code": "264810935", "state": "received"})
                case _:
                    reply = None
            told.append(reply)
            step = engine.send(reply)
    except StopIteration:
        return asked, told


def bare(steps: list[Step]) -> Play:
    for step in steps:  # noqa: UP028 - `yield from` a list cannot be sent anything
        yield step
    return None


def measure(quick: bool) -> list[Row]:
    flow = load_flow(CALLFLOWS / "flows" / "main.yaml")
    steps, told = replies(lambda: run(flow))
    seconds = 0.2 if quick else 0.6

    def rate(play: Callable[[], Play]) -> float:
        calls, started = 0, time.process_time()
        while (spent := time.process_time() - started) < seconds:
            for _ in range(50):
                engine = play()
                next(engine)
                try:
                    for reply in told:
                        engine.send(reply)
                except StopIteration:
                    calls += 1
        return calls * len(steps) / spent

    ratio, ours, floor = paired(lambda: rate(lambda: run(flow)), lambda: rate(lambda: bare(steps)), 3 if quick else 5)
    what = "engine steps/s (main.yaml), bare generator"
    return [Row(what, ratio, f"{ours:,.0f}/s = {1e6 / ours:.1f} µs a step", f"{floor:,.0f}/s", bound="≥")]
