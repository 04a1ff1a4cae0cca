"""The live state: who waits, who talks, what each operator's desk shows, and only what changed is told."""

from dataclasses import replace

import pytest
from live_events import (
    COMPLETED,
    CONNECTED,
    JOINED,
    LEFT,
    MISSED,
    NAMES,
    NOW,
    RUNG,
    TALK,
    VANISHED,
    about,
    at,
    caller,
    keys,
    live,
    member,
    operator,
    waiting,
)

from callcenter.calls import events as ev
from callcenter.calls.live import Live


def test_everybody_is_shown_offline_and_stale_before_the_exchange_was_seen() -> None:
    state = Live(NAMES, stale_since=NOW).state()
    assert {login: value["state"] for login, value in state["operators"].items()} == {
        "op1": "offline",
        "op2": "offline",
    }
    assert state["stale_since"] == NOW.isoformat()
    assert state["queues"] == {}


def test_a_waiting_caller_is_shown_masked() -> None:
    state = live()
    changes = state.apply(JOINED)
    assert keys(changes) == {("queue", "assistance")}
    assert state.state()["queues"]["assistance"] == {
        "name": "assistance",
        "waiting": [
            {
                "linkedid": "1.1",
                "number": "+84905•••456",
                "reason": "asked",
                "language": "vi",
                "position": 1,
                "joined_at": at(0).isoformat(),
            }
        ],
        "members": 2,
        "ready": 2,
    }


def test_the_pop_comes_with_the_ringing_and_stays_through_wrap_up() -> None:
    state = live(JOINED)
    changes = state.apply(RUNG)
    assert keys(changes) == {("pop", "op1"), ("operator", "op1"), ("queue", "assistance")}
    assert state.pop("op1") == {
        "linkedid": "1.1",
        "number": "+84905123456",
        "number_shown": "0905 123 456",
        "language": "vi",
        "reason": "asked",
        "queue": "assistance",
        "joined_at": at(0).isoformat(),
        "rung_at": at(1).isoformat(),
        "connected_at": None,
        "ended_at": None,
        "state": "ringing",
    }
    states = [(operator(state)["state"], operator(state)["since"])]
    for event in (LEFT, CONNECTED, COMPLETED):
        state.apply(event)
        states.append((operator(state)["state"], operator(state)["since"]))
    ringing, talking, wrapup = (at(1).isoformat(), at(5.1).isoformat(), at(65).isoformat())
    assert states == [("ringing", ringing), ("ringing", ringing), ("talking", talking), ("wrapup", wrapup)]
    pop = state.pop("op1")
    assert pop is not None
    assert (pop["state"], pop["connected_at"], pop["ended_at"]) == ("wrapup", at(5.1).isoformat(), at(65).isoformat())
    assert state.tick(at(74.9)) == []
    assert keys(state.tick(at(75))) == {("pop", "op1"), ("operator", "op1"), ("queue", "assistance")}
    assert (state.pop("op1"), operator(state)["state"], operator(state)["since"]) == (None, "ready", at(75).isoformat())


def test_a_missed_call_goes_to_the_next_operator() -> None:
    state = live(JOINED, RUNG, MISSED)
    assert (state.pop("op1"), operator(state)["state"]) == (None, "ready")
    state.apply(ev.OperatorRung(at(17), **about("op2")))
    assert operator(state, "op2")["linkedid"] == "1.1"
    assert waiting(state) == ["1.1"]


def test_of_several_who_are_rung_only_the_one_who_answers_keeps_the_pop() -> None:
    state = live(JOINED, RUNG, ev.OperatorRung(at(1), **about("op2")), LEFT, CONNECTED)
    assert state.pop("op1") is not None
    assert state.pop("op2") is None


@pytest.mark.parametrize("end", [ev.CallerLeft(at(3), "1.1", "assistance", True), ev.CallVanished(at(3), "1.1")])
def test_a_caller_who_hangs_up_while_ringing_takes_the_pop_away(end: ev.LiveEvent) -> None:
    state = live(JOINED, RUNG, end)
    assert (state.pop("op1"), waiting(state), operator(state)["state"]) == (None, [], "ready")


@pytest.mark.parametrize("order", [(COMPLETED, VANISHED), (VANISHED, replace(COMPLETED, at=at(65.2)))])
def test_completed_and_vanished_come_in_any_order(order: tuple[ev.LiveEvent, ...]) -> None:
    state = live(*TALK, *order)
    assert operator(state)["state"] == "wrapup"
    state.tick(at(74.9))
    assert operator(state)["state"] == "wrapup"
    state.tick(at(75.2))
    assert operator(state)["state"] == "ready"


def test_a_talk_whose_completion_is_lost_ends_with_its_call() -> None:
    state = live(*TALK, VANISHED)
    state.tick(at(68))
    assert (state.pop("op1"), operator(state)["state"]) == (None, "ready")


def test_without_wrap_up_the_operator_is_ready_at_once() -> None:
    state = live(*TALK, replace(COMPLETED, wrapup_s=0))
    assert (state.pop("op1"), operator(state)["state"]) == (None, "ready")


EVERYTHING: list[ev.LiveEvent] = [
    JOINED,
    ev.CallerJoined(at(0.5), caller("1.2", 2, joined_at=at(0.5))),
    RUNG,
    MISSED,
    ev.OperatorRung(at(17), **about("op2")),
    ev.CallerLeft(at(20), "1.1", "assistance"),
    ev.OperatorConnected(at(20.1), **about("op2")),
    ev.MemberChanged(at(20.2), member("op2", device="in_use", in_call=True)),
    ev.OperatorCompleted(at(60), **about("op2"), wrapup_s=10),
    ev.MemberChanged(at(60.1), member("op2")),
    ev.CallVanished(at(60.2), "1.1"),
    ev.PhoneChanged(at(61), "op2-web", True),
    ev.LinkLost(at(62)),
]


@pytest.mark.parametrize("upto", range(1, len(EVERYTHING) + 1))
def test_what_was_applied_already_changes_nothing(upto: int) -> None:
    state = live(*EVERYTHING[:upto])
    before = state.state(), state.pop("op1"), state.pop("op2")
    for event in EVERYTHING[:upto]:
        # The exchange itself repeats these with their newest content only.
        if not isinstance(event, ev.MemberChanged):
            state.apply(event)
    assert (state.state(), state.pop("op1"), state.pop("op2")) == before
    assert state.apply(EVERYTHING[upto - 1]) == []


def test_positions_follow_those_who_leave_and_those_let_in_before() -> None:
    state = live(JOINED, ev.CallerJoined(at(1), caller("1.2", 2)), ev.CallerJoined(at(2), caller("1.3", 1)))
    assert waiting(state) == ["1.3", "1.1", "1.2"]
    state.apply(ev.CallerLeft(at(3), "1.3", "assistance"))
    positions = [entry["position"] for entry in state.state()["queues"]["assistance"]["waiting"]]
    assert (waiting(state), positions) == (["1.1", "1.2"], [1, 2])


def test_a_caller_may_come_back_to_a_queue() -> None:
    state = live(JOINED, LEFT, ev.CallerJoined(at(9), caller(queue="reports", joined_at=at(9))))
    assert (waiting(state), waiting(state, "reports")) == ([], ["1.1"])


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([], ("offline", "")),
        ([member(device="unavailable")], ("offline", "")),
        ([member(device="unavailable", paused=True)], ("offline", "")),
        ([member(device="unknown")], ("ready", "")),
        ([member(paused=True, pause_reason="lunch")], ("paused", "lunch")),
        ([member(paused=True), member(queue="reports")], ("ready", "")),
        ([member(device="in_use")], ("talking", "")),
        ([member(device="on_hold")], ("talking", "")),
        ([member(device="in_use", in_call=True, paused=True)], ("talking", "")),
        ([member(device="ringing")], ("ringing", "")),
    ],
)
def test_an_operators_state_by_his_phones(members: list[ev.Member], expected: tuple[str, str]) -> None:
    state = live(ev.MemberRemoved(at(0), "assistance", "PJSIP/op1", "op1"))
    for entry in members:
        state.apply(ev.MemberChanged(at(1), entry))
    assert (operator(state)["state"], operator(state)["reason"]) == expected


def test_the_phone_that_is_in_the_queues_is_shown_else_the_registered_one() -> None:
    state = live(ev.PhoneChanged(at(0), "op1-web", True))
    assert operator(state)["phone"] == "desk"
    state.apply(ev.MemberRemoved(at(1), "assistance", "PJSIP/op1", "op1"))
    state.apply(ev.PhoneChanged(at(2), "op1", False))
    assert operator(state)["phone"] == "browser"
    assert operator(state)["queues"] == []
    state.apply(ev.PhoneChanged(at(3), "op1-web", False))
    assert operator(state)["phone"] is None


@pytest.mark.parametrize(("number", "shown"), [("", ""), ("anonymous", ""), ("1080", "1080"), ("x\r\ny", "xy")])
def test_a_number_that_cannot_be_called_back_is_shown_as_it_came(number: str, shown: str) -> None:
    state = live(ev.CallerJoined(at(0), caller(number=number)), RUNG)
    pop = state.pop("op1")
    assert pop is not None and (pop["number"], pop["number_shown"]) == ("", shown)


def test_other_people_are_shown_after_a_change_of_names() -> None:
    state = live()
    changes = state.rename({"op1": "Hạnh", "op9": "Mới"})
    assert keys(changes) == {("operator", "op1"), ("operator", "op2"), ("operator", "op9")}
    assert operator(state, "op2")["name"] == "op2"  # still in a queue, so still shown
    assert operator(state, "op9")["state"] == "offline"
