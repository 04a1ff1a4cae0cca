"""The engine: which steps it asks for, whatever is replied, and that no caller is ever stranded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callflows.check import check
from callflows.engine import MAX_INPUTS, MAX_REPEATS, run
from callflows.loader import load_flow, load_prompts
from callflows.model import Scenario
from callflows.scenarios import OPENS_AT, differences, play
from callflows.steps import (
    AskHours,
    CallerGone,
    Collect,
    Ended,
    Found,
    Hours,
    Keys,
    LookUp,
    Outcome,
    Reply,
    Route,
    Say,
    Served,
    Step,
    TakeMessage,
    UseLanguage,
)

CALLFLOWS = Path(__file__).parents[2] / "callflows"
FLOW = load_flow(CALLFLOWS / "flows/main.yaml")
PROMPTS = load_prompts(CALLFLOWS / "prompts")


def drive(*replies: Reply) -> list[Step | Outcome]:
    """What the engine asks for, given these replies; the last is its outcome if it came to one."""
    engine = run(FLOW)
    asked: list[Step | Outcome] = [next(engine)]
    try:
        for reply in replies:
            asked.append(engine.send(reply))
    except StopIteration as stop:
        asked.append(stop.value)
    return asked


def prompts(step: object) -> tuple[str, ...]:
    assert isinstance(step, Collect | Say)
    return step.prompts


@pytest.mark.parametrize("scenario", FLOW.scenarios, ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario) -> None:
    played = play(FLOW, scenario)
    assert differences(scenario, played) == []
    for prompt in played.heard:
        assert PROMPTS.has(prompt, "vi") or PROMPTS.has(prompt, "en")


def test_the_shipped_flow_passes_the_gate() -> None:
    assert [str(problem) for problem in check(FLOW, PROMPTS)] == []


def test_greeting_notice_and_menu_are_one_step_so_that_keys_work_meanwhile() -> None:
    step, ending = drive(Keys("0"))[0], drive(Keys("0"), Hours(True), None)[-1]
    assert step == Collect("main", ("greeting", "recording_notice", "other_language", "menu_main"), 1, 6.0)
    assert isinstance(ending, Outcome)
    assert ending.ending == Route("assistance", "operator")
    assert [(visit.node, visit.key) for visit in ending.path] == [
        ("greeting", ""),
        ("notice", ""),
        ("main", "0"),
        ("operator", ""),
        ("to_general", ""),
    ]


def test_the_steps_of_a_report() -> None:
    asked = drive(Keys("1"), Hours(True), None)
    assert asked[1:3] == [AskHours("report", "service"), Say("to_reports", ("to_operator",))]
    assert isinstance(asked[3], Outcome)
    assert (asked[3].flow, asked[3].flow_version) == ("main", FLOW.version)


def test_the_other_language_is_told_to_the_carrier_before_anything_is_said_in_it() -> None:
    asked = drive(Keys("9"), None, Keys("9"), None)
    assert asked[1] == UseLanguage("en")
    assert prompts(asked[2]) == ("recording_notice", "other_language", "menu_main"), "the notice is due in English too"
    assert asked[3] == UseLanguage("vi")


def test_repetition_leaves_the_greeting_out() -> None:
    assert prompts(drive(Keys("*"))[1]) == ("other_language", "menu_main")


def test_mistakes_are_told_before_the_menu() -> None:
    asked = drive(Keys("", timed_out=True), Keys("5"))
    assert prompts(asked[1])[0] == "heard_nothing"
    assert prompts(asked[2])[0] == "wrong_key"


def test_a_ticket_is_looked_up_told_and_counted_as_served() -> None:
    code = "264810935"
    asked = drive(Keys("3"), Keys(code), Found("found", {"state": "closed"}), None)
    assert asked[1] == Collect("ask_code", ("ticket_ask_code",), 9, 8.0, 5.0)
    assert asked[2] == LookUp("ask_code", "ticket", {"code": code})
    assert asked[3] == Served("told")
    said = prompts(asked[4])
    assert said[:4] == ("ticket_code_is", "w_hai", "w_sau", "pause_short")
    assert said[-3:] == ("ticket_state_closed", "pause_short", "ticket_more")


def test_gone_after_being_served() -> None:
    engine = run(FLOW)
    next(engine)
    for reply in (Keys("3"), Keys("264810935"), Found("found", {"state": "new"}), None):
        engine.send(reply)
    with pytest.raises(StopIteration) as stop:
        engine.throw(CallerGone())
    assert stop.value.value.ending == Ended(served=True)


@pytest.mark.parametrize(
    "replies", [(), (Keys("9"),), (Keys("1"),), (Keys("1"), Hours(True)), (Keys("3"), Keys("1" * 9))]
)
def test_gone_at_any_step(replies: tuple[Reply, ...]) -> None:
    engine = run(FLOW)
    next(engine)
    for reply in replies:
        engine.send(reply)
    with pytest.raises(StopIteration) as stop:
        engine.throw(CallerGone())
    assert stop.value.value.ending == Ended(served=False)


def test_the_next_opening_is_told_only_when_it_is_known() -> None:
    known = drive(Keys("0"), Hours(False, OPENS_AT))[2]
    assert "opens_again" in prompts(known)
    unknown = drive(Keys("0"), Hours(False))[2]
    assert prompts(unknown) == ("closed", "emergencies")


def test_data_of_the_house_cannot_break_the_speech() -> None:
    asked = drive(Keys("3"), Keys("264810935"), Found("found", {"code": "x;y", "state": "../etc"}), None)
    assert prompts(asked[4]) == ("ticket_code_is", "ticket_state_other", "pause_short", "ticket_more")


def test_digits_of_other_scripts_are_no_code() -> None:
    asked = drive(Keys("3"), Keys("٢٦٤٨١٠٩٣٥"))
    assert prompts(asked[2])[0] == "ticket_nine_digits"


@pytest.mark.parametrize(("replies", "wanted"), [((None,), "Keys"), ((Keys("1"), Keys("1")), "Hours")])
def test_a_carrier_that_answers_something_else_is_told(replies: tuple[Reply, ...], wanted: str) -> None:
    with pytest.raises(TypeError, match=wanted):
        drive(*replies)


def test_two_calls_know_nothing_of_each_other() -> None:
    first, second = run(FLOW), run(FLOW)
    next(first), next(second)
    assert first.send(Keys("9")) == UseLanguage("en")
    step = second.send(Keys("*"))
    assert isinstance(step, Collect)
    assert isinstance(second.send(Keys("1")), AskHours)


KEYS = st.one_of(st.just("timeout"), st.sampled_from([*"0123456789*#ABCD", "264810935", "12*", "99", "0#", "x"]))
ANSWERS = st.sampled_from(["found", "found:closed", "found:odd", "not_found", "invalid", "limited", "unavailable"])


@given(keys=st.lists(KEYS, max_size=150), answers=st.lists(ANSWERS, max_size=150), closed=st.booleans())
def test_whatever_is_pressed_a_call_ends_at_a_human_or_a_message(
    keys: list[str], answers: list[str], closed: bool
) -> None:
    engine = run(FLOW)
    pressed, told = iter(keys), iter(answers)
    inputs, reply = 0, None
    try:
        while True:
            step = engine.send(reply)
            reply = None
            if isinstance(step, Collect):
                inputs += 1
                key = next(pressed, "timeout")
                reply = Keys("", timed_out=True) if key == "timeout" else Keys(key)
            elif isinstance(step, AskHours):
                reply = Hours(not closed, OPENS_AT if closed else None)
            elif isinstance(step, LookUp):
                status, _, state = next(told, "found").partition(":")
                reply = Found(status, {"state": state or "new"})
            elif isinstance(step, Say):
                assert step.prompts
    except StopIteration as stop:
        outcome: Outcome = stop.value
    assert inputs <= MAX_INPUTS
    assert isinstance(outcome.ending, TakeMessage if closed else Route)


def test_a_caller_who_walks_in_circles_comes_to_a_human() -> None:
    keys = ("3", *("264810935", "1") * MAX_INPUTS)[:MAX_INPUTS]
    played = play(FLOW, Scenario("circles", keys, {}, look_ups=("found",) * (MAX_INPUTS // 2)))
    assert played.outcome.ending == Route("assistance", "not_understood")


def test_ten_repetitions_are_granted() -> None:
    asked = drive(*[Keys("*")] * MAX_REPEATS)
    assert all(isinstance(step, Collect) for step in asked)
    assert isinstance(drive(*[Keys("*")] * (MAX_REPEATS + 1))[-1], AskHours)


def test_every_station_has_words_for_operators() -> None:
    assert FLOW.labels.keys() == FLOW.nodes.keys()
