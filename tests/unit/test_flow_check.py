"""The gate refuses each kind of flow that a caller would suffer from, and says which node it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from callflows import check
from callflows.loader import Prompts, load_flow, load_prompts
from callflows.seconds import seconds

CALLFLOWS = Path(__file__).parents[2] / "callflows"
TEXT = (CALLFLOWS / "flows/main.yaml").read_text("utf-8")
PROMPTS = load_prompts(CALLFLOWS / "prompts")
NO_SCENARIOS = TEXT[: TEXT.index("scenarios:")]


def problems(tmp_path: Path, text: str, prompts: Prompts = PROMPTS) -> list[check.Problem]:
    path = tmp_path / "flow.yaml"
    path.write_text(text, "utf-8")
    return check.problems(load_flow(path), prompts)


REFUSED = [
    ("start: greeting", "start: nowhere", "start", "does not exist"),
    ("human: operator", "human: nowhere", "human", "does not exist"),
    ("next: notice}", "next: nowhere}", "greeting", "leads to 'nowhere'"),
    ("open: to_reports, closed: closed", "open: to_reports, closed: shut", "report", "leads to 'shut'"),
    ("found: told", "found: tell", "ask_code", "leads to 'tell'"),
    ("start: greeting", "start: notice", "greeting", "no caller can come here"),
    ("next: leave_message", "next: closed", "closed", "leads back to itself"),
    ("next: leave_message", "next: operator", "operator", "leads back to itself"),
    (
        "{type: queue, queue: assistance, say: [to_operator]}",
        "{type: message, reason: x}",
        "operator",
        "leads to no queue",
    ),
    ("next: leave_message", "next: main", "main", "on the way to a human"),
    (
        "leave_message: {type: message, reason: closed}",
        "leave_message: {type: hang_up, outcome: rejected, reason: closed}",
        "leave_message",
        "on the way to a human",
    ),
    ("say: [greeting]", "say: [greetings]", "greeting", "no text in vi for greetings"),
    ("silence: [heard_nothing]", "silence: [herd_nothing]", "main", "no text in en for herd_nothing"),
    ("among: [new, ", "among: [newly, ", "told", "ticket_state_newly"),
    ("otherwise: ticket_state_other", "otherwise: ticket_state_none", "told", "ticket_state_none"),
    ("say: [opens_again,", "say: [opens_once_more,", "closed", "opens_once_more"),
    ("{speak: code,", "{speak: cod,", "told", "speaks 'cod', which nothing gives"),
    ("{given: opens_at,", "{given: opened_at,", "closed", "speaks 'opened_at'"),
    ("say: [greeting]", "say: [greeting, emergencies, emergencies]", "main", "are spoken in one go"),
    (
        "mistake: [ticket_nine_digits]",
        "mistake: [emergencies, emergencies, emergencies]",
        "ask_code",
        "spoken in one go",
    ),
]


@pytest.mark.parametrize(("old", "new", "node", "says"), REFUSED)
def test_the_gate_refuses(tmp_path: Path, old: str, new: str, node: str, says: str) -> None:
    assert old in NO_SCENARIOS
    found = problems(tmp_path, NO_SCENARIOS.replace(old, new, 1))
    assert [problem for problem in found if problem.node == node and says in problem.message], found


def test_a_problem_names_its_line(tmp_path: Path) -> None:
    found = problems(tmp_path, NO_SCENARIOS.replace("say: [greeting]", "say: [greetings]"))
    assert str(found[0]) == "line 8: greeting: no text in vi for greetings"


def test_a_queue_that_the_exchange_does_not_have(tmp_path: Path) -> None:
    flow = load_flow(CALLFLOWS / "flows/main.yaml")
    assert check.check(flow, PROMPTS, ("reports", "procedures", "assistance")) == []
    (problem,) = check.problems(flow, PROMPTS, ("reports", "assistance"))
    assert (problem.node, problem.line) == ("to_procedures", flow.lines["to_procedures"])
    assert "there is no queue 'procedures'" in problem.message


def test_a_menu_without_keys(tmp_path: Path) -> None:
    start = NO_SCENARIOS.index('    keys: {"1": ask_code}')
    found = problems(tmp_path, NO_SCENARIOS[:start] + "    keys: {}\n")
    assert [(problem.node, problem.message) for problem in found] == [("after_ticket", "offers no key")]


def test_a_text_missing_in_one_language(tmp_path: Path) -> None:
    texts = {**PROMPTS.texts, "greeting": {"vi": "Xin chào."}}
    assert [str(problem) for problem in problems(tmp_path, TEXT, Prompts(texts))] == [
        "line 8: greeting: no text in en for greeting"
    ]


def test_a_word_missing_in_the_spoken_moment(tmp_path: Path) -> None:
    texts = {prompt: text for prompt, text in PROMPTS.texts.items() if prompt != "w_linh"}
    assert any("w_linh" in str(problem) for problem in problems(tmp_path, TEXT, Prompts(texts)))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "queue: reports, reason: report, language: vi",
            "queue: assistance, reason: report",
            "expected queue 'assistance'",
        ),
        ('keys: ["2"]', "keys: [timeout]", "asks for keys, and the scenario has no more"),
        ('keys: ["2"]', 'keys: ["2", "1"]', "the call ended before 1"),
        ("look_ups: [unavailable]", "look_ups: [broken]", "'broken' is none of"),
        (
            "hears: [ticket_limited, to_operator]",
            "hears: [to_operator, ticket_limited]",
            "does not hear 'ticket_limited'",
        ),
        ("ending: message, reason: closed", "ending: message, mood: good", "expected mood 'good', got None"),
    ],
)
def test_scenarios_that_do_not_come_out(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in TEXT
    found = problems(tmp_path, TEXT.replace(old, new, 1))
    assert len(found) == 1
    assert found[0].node.startswith("scenario ") and found[0].line > 0
    assert says in found[0].message


def test_the_way_to_a_human_is_named_early() -> None:
    flow = load_flow(CALLFLOWS / "flows/main.yaml")
    for language, key in (("vi", "phím không"), ("en", "press zero")):
        before = ("greeting", "recording_notice", "other_language")
        heard = " ".join(PROMPTS.text(prompt, language) for prompt in (*before, "menu_main"))
        assert len(heard[: heard.index(key)]) / 13 < 20
    assert max(seconds(flow, PROMPTS, "vi").values()) < 25
