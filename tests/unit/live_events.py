"""The events of one call and its operators, for the tests of the live state."""

from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.calls import events as ev
from callcenter.calls.live import Live
from callcenter.calls.shown import Change

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NAMES = {"op1": "Nguyễn Thị Hạnh", "op2": "Trần Quốc Bảo"}


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def caller(linkedid: str = "1.1", position: int = 1, **values: Any) -> ev.Caller:
    known = {"queue": "assistance", "number": "0905123456", "name": "", "language": "vi", "reason": "asked"}
    return ev.Caller(linkedid=linkedid, position=position, **({"joined_at": at(0)} | known | values))


def member(login: str = "op1", **values: Any) -> ev.Member:
    known = {
        "queue": "assistance",
        "penalty": 0,
        "paused": False,
        "pause_reason": "",
        "device": "idle",
        "in_call": False,
    }
    return ev.Member(login=login, interface=f"PJSIP/{login}", **(known | values))


def about(login: str = "op1", linkedid: str = "1.1") -> dict[str, str]:
    return {"linkedid": linkedid, "queue": "assistance", "interface": f"PJSIP/{login}", "login": login}


JOINED = ev.CallerJoined(at(0), caller())
RUNG = ev.OperatorRung(at(1), **about())
MISSED = ev.OperatorMissed(at(16), **about())
LEFT = ev.CallerLeft(at(5), "1.1", "assistance")
CONNECTED = ev.OperatorConnected(at(5.1), **about())
COMPLETED = ev.OperatorCompleted(at(65), **about(), wrapup_s=10)
VANISHED = ev.CallVanished(at(65.1), "1.1")
TALK: list[ev.LiveEvent] = [JOINED, RUNG, LEFT, CONNECTED]


def live(*events: ev.LiveEvent) -> Live:
    state = Live(NAMES, stale_since=at(-1))
    whole = (
        ev.Snapshot(
            at(-0.5), ("assistance", "reports"), (member(), member("op2")), (), frozenset(), frozenset({"op1"})
        ),
    )
    for event in (*whole, *events):
        state.apply(event)
    return state


def operator(state: Live, login: str = "op1") -> dict[str, Any]:
    value: dict[str, Any] = state.state()["operators"][login]
    return value


def waiting(state: Live, queue: str = "assistance") -> list[str]:
    return [entry["linkedid"] for entry in state.state()["queues"][queue]["waiting"]]


def keys(changes: list[Change]) -> set[tuple[str, str]]:
    return {(change.kind, change.key) for change in changes}
