"""The engine plays the shipped flow as its scenarios say, and no caller is ever stranded."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callflows.check import check
from callflows.loader import FlowError, load_flow, load_prompts
from callflows.model import Scenario
from callflows.scenarios import describe, play
from callflows.steps import Collect, Ended, HangUp, Keys, Route, TakeMessage

ROOT = Path(__file__).parents[2]
FLOW = load_flow(ROOT / "callflows/flows/main.yaml")
PROMPTS = load_prompts(ROOT / "callflows/prompts")


@pytest.mark.parametrize("scenario", FLOW.scenarios, ids=lambda s: s.name)
def test_scenario(scenario: Scenario) -> None:
    told = describe(play(FLOW, scenario).outcome)
    assert {key: told.get(key) for key in scenario.expect} == dict(scenario.expect)


def test_the_shipped_flow_passes_the_gate() -> None:
    assert check(FLOW, PROMPTS) == []


def test_everything_the_flow_says_has_a_text() -> None:
    for scenario in FLOW.scenarios:
        assert set(play(FLOW, scenario).heard) <= PROMPTS.ids, scenario.name


KEYS = st.one_of(st.none(), st.sampled_from([*"0123456789*#", "264810935", "12*", "99", ""]))


@given(st.lists(KEYS, min_size=60, max_size=60), st.booleans())
def test_whatever_is_pressed_the_call_ends_well(keys: list[str | None], closed: bool) -> None:
    answers = ("found", "not_found", "invalid") * 40
    outcome = play(FLOW, Scenario("any", (*keys, *[None] * 200), {}, closed=closed, look_ups=answers)).outcome
    assert isinstance(outcome.ending, Route | TakeMessage | HangUp)
    if closed:
        assert not isinstance(outcome.ending, Route)


def test_greeting_notice_and_menu_are_one_input() -> None:
    """Else a key pressed during the greeting would be lost."""
    from callflows.engine import run

    engine = run(FLOW)
    step = next(engine)
    assert isinstance(step, Collect)
    assert step.prompts[:3] == ("greeting", "recording_notice", "menu_main")
    step = engine.send(Keys("9"))
    step = engine.send(None)
    assert isinstance(step, Collect) and step.prompts[0] == "greeting"


def test_gone_in_mid_menu_is_an_ending_too() -> None:
    outcome = play(FLOW, Scenario("gone", ("5", "hangup"), {})).outcome
    assert outcome.ending == Ended(False)


BAD = [
    ("flow: x\nstart: a\noperator: b\nmistakes: {}\nnodes: {a: {type: say, say: [x]}}", "'next' is missing"),
    ("flow: x\nstart: a\noperator: b\nmistakes: {}\nnodes: {a: {type: fly}}", "needs a type"),
    ("flow: x\nstart: a\noperator: b\nmistakes: {}\nnodes: {a: {type: say, say: [X!], next: a}}", "neither"),
    ("flow: x\nflow: y", "given twice"),
    ("flow: [", ":1"),
    ("- a", "a mapping is expected"),
    ("flow: x\ncolour: red", "unknown key"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FlowError, match=r"flow\.yaml") as caught:
        load_flow(path)
    assert says in str(caught.value)


GATE = [
    ("next: main", "next: nowhere", "does not exist"),
    ('"1": report, ', '"9": report, ', "cannot be used"),
    ("say: [greeting, recording_notice]", "say: [greeting, no_such_prompt]", "no prompt 'no_such_prompt'"),
    ("{type: say,", "{type: say,", None),
    ("operator: operator\n", "operator: goodbye\n", "leads to no queue"),
    ("next: leave_message", "next: closed", "loop"),
]


@pytest.mark.parametrize(("old", "new", "says"), GATE)
def test_the_gate_refuses(tmp_path: Path, old: str, new: str, says: str | None) -> None:
    text = (ROOT / "callflows/flows/main.yaml").read_text("utf-8")
    path = tmp_path / "flow.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    problems = check(load_flow(path), PROMPTS)
    assert (problems == []) if says is None else any(says in problem for problem in problems)
