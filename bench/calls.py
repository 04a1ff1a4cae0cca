"""Calls a second through menu and queue, beside the same call in pure dialplan on the same exchange."""

from __future__ import annotations

from collections.abc import Sequence

from bench.hall import PROCESSES, Load, hall, offer, settle
from bench.process import cpu_seconds
from bench.report import Row, paired
from callflows.engine import run
from callflows.loader import load_flow
from callflows.steps import AskHours, Collect, Hours, Keys, Reply, Say
from hotline.wiring import CALLFLOWS
from lab import sipp
from lab.instance import Instance

OPERATORS = 90
AT_ONCE = 350
STEADY_RATE = 20
FIRST_RATE, LAST_RATE, FASTER, EVERY_S = 20, 120, 10, 4
"""Calls a second offered: from the first to the last, so much more each time, each for so long. No two cores serve
the last: once `AT_ONCE` citizens are on the line the next one waits for a place, so that both sides are measured at
their limit and neither is buried under calls that it cannot take."""
BEST_S = 8
CALL = (sipp.Key("1", info=True), sipp.AwaitHangUp(60))
PURE = "9999"
"""What a citizen of the floor dials."""


def spoken() -> tuple[Sequence[str], Sequence[str]]:
    """The prompts of the question and those before the queue, for a caller who presses 1."""
    engine = run(load_flow(CALLFLOWS / "flows" / "main.yaml"))
    asked: list[Sequence[str]] = []
    reply: Reply = None
    try:
        step = next(engine)
        while True:
            match step:
                case Collect():
                    reply = Keys("1")
                    asked.append(step.prompts)
                case AskHours():
                    reply = Hours(True)
                case Say():
                    reply = None
                    asked.append(step.prompts)
            step = engine.send(reply)
    except StopIteration:
        question, farewell = asked
        return question, farewell


def pure_dialplan() -> str:
    """The call as the exchange could do it alone: same prompts, same marks, then our own queue."""
    question, farewell = ("&".join(f"hotline/{prompt}" for prompt in prompts) for prompts in spoken())
    mark = "next=queue\\;queue=reports\\;reason=report\\;language=vi"
    return f"""
[from-trunk](+)
exten => {PURE},1,Goto(bench,s,1)

[bench]
exten => s,1,Set(CHANNEL(language)=vi)
 same => n,Set(HOTLINE_ID=${{FILTER(a-zA-Z0-9.\\x2d,${{CHANNEL(linkedid)}})}})
 same => n,Set(__HOTLINE_LANGUAGE=vi)
 same => n,Answer()
 same => n,Read(HOTLINE_KEYS,{question},1,,1,5)
 same => n,GotoIf($["${{HOTLINE_KEYS}}" != "1"]?end,s,1)
 same => n,Playback({farewell})
 same => n,Set(HOTLINE_QUEUE=reports)
 same => n,Set(HOTLINE_REASON=report)
 same => n,CELGenUserEvent(HOTLINE_ROUTE,{mark})
 same => n,Goto(queue,s,1)
"""


class Side:
    """One way through the exchange: how many calls it takes and what each costs."""

    def __init__(self, hotline: Instance, number: str) -> None:
        self.hotline, self.number = hotline, number
        self.pids = {name: hotline.pid(name) for name in PROCESSES}
        self.good = self.offered = 0

    def served(self, last_rate: int) -> float:
        """Calls a second that came to their end in the best `BEST_S` seconds while ever more were offered."""
        steps = range(FIRST_RATE, last_rate + 1, FASTER)
        faster = ("-rate_increase", FASTER, "-rate_interval", EVERY_S, "-rate_max", last_rate, "-no_rate_quit")
        return self._offer(sum(steps) * EVERY_S, FIRST_RATE, [str(word) for word in faster]).best_rate(BEST_S)

    def cost_ms(self, calls: int) -> float:
        """CPU of the exchange and the menus for one call at `STEADY_RATE`."""
        before = self._used()
        self._offer(calls, STEADY_RATE)
        return (self._used() - before) / calls * 1000

    def _offer(self, calls: int, rate: int, more: Sequence[str] = ()) -> Load:
        settle(self.hotline)
        load = offer(self.hotline, CALL, calls=calls, rate=rate, at_once=AT_ONCE, number=self.number, more=more)
        self.good += load.good
        self.offered += load.good + load.bad
        return load

    def _used(self) -> float:
        return sum(cpu_seconds(self.pids[name]) for name in ("asterisk", "ivr"))


def measure(quick: bool) -> list[Row]:
    last, calls, rounds = (FIRST_RATE, 60, 1) if quick else (LAST_RATE, 160, 3)
    with hall(OPERATORS) as hotline:
        with (hotline.exchange_home / "etc" / "extensions.conf").open("a", encoding="utf-8") as file:
            file.write(pure_dialplan())
        hotline.asterisk("dialplan reload")
        ours, pure = Side(hotline, "1022"), Side(hotline, PURE)
        cost = paired(lambda: ours.cost_ms(calls), lambda: pure.cost_ms(calls), rounds)
        most = paired(lambda: ours.served(last), lambda: pure.served(last), rounds)
    whole = [f"{side.good} of {side.offered} calls served" for side in (ours, pure)]
    ours_s, pure_s = f"{most[1]:.1f}/s, {whole[0]}", f"{most[2]:.1f}/s, {whole[1]}"
    steady = f"  CPU per call of Asterisk and menus at {STEADY_RATE} calls/s"
    return [
        Row(f"calls/s served, {last}/s offered, pure dialplan", most[0], ours_s, pure_s, 0.9, "≥"),
        Row(steady, cost[0], f"{cost[1]:.1f} ms", f"{cost[2]:.1f} ms"),
    ]
