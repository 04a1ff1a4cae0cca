"""AMI messages become live events. The transcripts in tests/fixtures/exchange are those of real calls."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callcenter.calls import events as ev
from callcenter.calls.live import Live
from ivr.ami import snapshot
from ivr.events import translate

EXCHANGE = Path(__file__).parent.parent / "fixtures" / "exchange"
NOW = datetime(2026, 11, 24, 12, 33, tzinfo=UTC)


def messages(name: str) -> list[dict[str, Any]]:
    """The messages of a transcript, as `ivr.protocol` hands them on."""
    found = []
    for block in (EXCHANGE / name).read_text("utf-8").split("\n\n"):
        message: dict[str, Any] = {}
        for line in block.splitlines():
            key, _, value = line.partition(": ")
            given = message.get(key.lower())
            message[key.lower()] = value if given is None else [*(given if isinstance(given, list) else [given]), value]
        if message:
            found.append(message)
    return found


def at(message: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(float(message["timestamp"]), UTC) if "timestamp" in message else NOW


def events(name: str) -> list[ev.LiveEvent]:
    return [event for message in messages(name) for event in translate(message, at(message))]


def brief(event: ev.LiveEvent) -> str:
    match event:
        case ev.CallerJoined(_, caller):
            return f"joined {caller.queue} {caller.number} {caller.language} {caller.reason} {caller.position}"
        case ev.CallerLeft():
            return f"left {event.queue}{' abandoned' * event.abandoned}"
        case ev.OperatorRung() | ev.OperatorMissed() | ev.OperatorConnected() | ev.OperatorCompleted():
            return f"{type(event).__name__} {event.login} {event.interface} {event.queue}"
        case ev.PhoneChanged():
            return f"{event.endpoint} {'registered' if event.registered else 'gone'}"
        case ev.MemberChanged(_, member):
            return (
                f"{member.login} {member.queue} {'paused' if member.paused else 'works'} {member.pause_reason}".strip()
            )
        case ev.MemberRemoved():
            return f"{event.login} left {event.queue}"
    return type(event).__name__


CALLS = {
    "answered": [
        "joined reports 0905123456 vi report 1",
        "OperatorRung op1 PJSIP/op1 reports",
        "left reports",
        "OperatorConnected op1 PJSIP/op1 reports",
        "OperatorCompleted op1 PJSIP/op1 reports",
        "CallVanished",
    ],
    "abandoned": [
        "joined assistance +84905123456 en operator 1",
        "OperatorRung op1 PJSIP/op1 assistance",
        "left assistance abandoned",
        "left assistance",
        "CallVanished",
    ],
    "next_operator": [
        "joined procedures 0905123456 vi procedures 1",
        "OperatorRung op1 PJSIP/op1 procedures",
        "OperatorMissed op1 PJSIP/op1 procedures",
        "OperatorRung op2 PJSIP/op2 procedures",
        "left procedures",
        "OperatorConnected op2 PJSIP/op2 procedures",
        "OperatorCompleted op2 PJSIP/op2 procedures",
        "CallVanished",
    ],
    "anonymous": [
        "joined assistance anonymous vi operator 1",
        "OperatorRung op2 PJSIP/op2 assistance",
        "left assistance",
        "OperatorConnected op2 PJSIP/op2 assistance",
        "OperatorCompleted op2 PJSIP/op2 assistance",
        "CallVanished",
    ],
    "hostile": [
        "joined assistance xEvent AgentConnectyEXTEN vi operator 1",
        "OperatorRung op1 PJSIP/op1 assistance",
        "left assistance",
        "OperatorConnected op1 PJSIP/op1 assistance",
        "OperatorCompleted op1 PJSIP/op1 assistance",
        "CallVanished",
    ],
    "menu_hangup": ["CallVanished"],
    "message": ["CallVanished"],
}


@pytest.mark.parametrize("name", CALLS)
def test_a_real_call_is_told(name: str) -> None:
    told = [event for event in events(f"{name}.ami") if not isinstance(event, ev.MemberChanged | ev.PhoneChanged)]
    assert sorted(map(brief, told)) == sorted(CALLS[name])
    assert len({event.linkedid for event in told if not isinstance(event, ev.CallerJoined)}) == 1
    order = [CALLS[name].index(brief(event)) for event in told if "left" not in brief(event)]
    assert order == sorted(order)


@pytest.mark.parametrize("name", CALLS)
def test_after_a_real_call_nobody_waits_rings_or_talks(name: str) -> None:
    live = Live({"op1": "Một", "op2": "Hai"})
    for event in events(f"{name}.ami"):
        live.apply(event)
    assert [queue["waiting"] for queue in live.state()["queues"].values() if queue["waiting"]] == []
    assert {(live.pop(login) or {"state": "wrapup"})["state"] for login in ("op1", "op2")} == {"wrapup"}


def test_phones_come_and_go() -> None:
    assert [brief(event) for event in events("phones.ami")] == [
        "op1 registered",
        "op1 gone",  # the contact before, which the new one replaces
        "op1 registered",
        "op1 gone",
        "op1 registered",
        "op1 registered",
        "op2 gone",
        "op1 gone",
    ]


def test_members_pause_and_leave() -> None:
    told = [brief(event) for event in events("pause_and_go.ami")]
    assert "op1 assistance works" in told
    assert [line for line in told if "left" in line] == [
        f"{login} left {queue}" for login in ("op1", "op2") for queue in ("assistance", "reports", "procedures")
    ]


def test_a_snapshot_tells_who_waits_and_why() -> None:
    taken = snapshot(NOW, messages("waiting.snapshot"))
    (waiting,) = taken.callers
    assert (waiting.number, waiting.language, waiting.reason) == ("+84905123456", "en", "operator")
    assert (waiting.queue, waiting.position) == ("assistance", 1)
    assert (NOW - waiting.joined_at).total_seconds() == 1
    assert taken.linkedids == {waiting.linkedid}
    assert set(taken.queues) == {"assistance", "reports", "procedures"}
    assert taken.registered == {"op1", "op2"}
    assert {(member.queue, member.login) for member in taken.members} >= {("reports", "op1")}


def test_a_snapshot_tells_who_talks() -> None:
    taken = snapshot(NOW, messages("talking.snapshot"))
    assert taken.callers == ()
    assert [(member.queue, member.login) for member in taken.members if member.in_call] == [("reports", "op1")]
    assert len(taken.linkedids) == 1


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"event": ""},
        {"event": "NoSuchEvent", "queue": "reports"},
        {"response": "Success"},
        {"event": "ContactStatus", "contactstatus": "Nonsense", "endpointname": "op1"},
        {"event": "Hangup", "uniqueid": "1.2", "linkedid": "1.1"},
    ],
)
def test_what_is_of_no_use_is_no_event(message: dict[str, Any]) -> None:
    assert translate(message, NOW) == []


@pytest.mark.parametrize(
    ("status", "device"),
    [("1", "idle"), ("3", "in_use"), ("6", "ringing"), ("8", "on_hold"), ("5", "unavailable"), ("x", "unknown")],
)
def test_devices(status: str, device: str) -> None:
    (event,) = translate({"event": "QueueMemberStatus", "queue": "q", "interface": "PJSIP/op1", "status": status}, NOW)
    assert isinstance(event, ev.MemberChanged) and event.member.device == device


def test_broken_numbers_and_repeated_headers_are_borne() -> None:
    (event,) = translate(
        {
            "event": "QueueCallerJoin",
            "linkedid": ["forged", "1.1"],
            "position": "1²",
            "chanvariable": "HOTLINE_REASON=a=b",
        },
        NOW,
    )
    assert isinstance(event, ev.CallerJoined)
    assert (event.caller.linkedid, event.caller.position, event.caller.reason) == ("1.1", 0, "a=b")
