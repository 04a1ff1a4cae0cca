"""A file that cannot be used is refused with its name, the line and the node."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callflows.document import parse
from callflows.loader import FlowError, load_flow, load_prompts
from callflows.model import Given, MenuNode, Picked, SayNode, Spoken

SMALL = """\
flow: small
start: hello
human: desk
nodes:
  hello: {type: say, say: [greeting], next: choice}
  choice:
    type: menu
    say: [menu]
    silence: [silence]
    mistake: [mistake]
    timeout_s: 4
    keys: {"1": desk}
  desk: {type: queue, queue: first}
labels:
  choice: {vi: Một, en: One}
"""


def flow_file(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "flow.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_flow_is_read(tmp_path: Path) -> None:
    flow = load_flow(flow_file(tmp_path, SMALL))
    assert (flow.name, flow.start, flow.human) == ("small", "hello", "desk")
    assert flow.nodes["hello"] == SayNode(("greeting",), "choice")
    menu = flow.nodes["choice"]
    assert isinstance(menu, MenuNode)
    assert (menu.timeout_s, menu.keys["1"]) == (4.0, "desk")
    assert flow.lines["choice"] == 7


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    first = load_flow(flow_file(tmp_path, SMALL)).version
    assert load_flow(flow_file(tmp_path, SMALL)).version == first
    assert load_flow(flow_file(tmp_path, SMALL + "# changed\n")).version != first


def test_texts_are_composed(tmp_path: Path) -> None:
    labels = load_flow(flow_file(tmp_path, unicodedata.normalize("NFD", SMALL))).labels
    assert labels == {"choice": (unicodedata.normalize("NFC", "Một"), "One")}


def test_every_kind_of_speech(tmp_path: Path) -> None:
    said = "[a, {speak: code, as: digits}, {pick: p_, by: state, among: [x, y], otherwise: z}, {given: code, say: [b]}]"
    flow = load_flow(flow_file(tmp_path, SMALL.replace("say: [greeting]", f"say: {said}")))
    node = flow.nodes["hello"]
    assert isinstance(node, SayNode)
    assert node.say == ("a", Spoken("code", "digits"), Picked("p_", "state", ("x", "y"), "z"), Given("code", ("b",)))


CHANGES = [
    ("flow: small\n", "", 1, "", "'flow' is missing"),
    ("flow: small\n", "flow: small\ncolour: red\n", 2, "", "unknown key 'colour'"),
    ("flow: small\n", "flow: a\nflow: b\n", 2, "", "'flow' is given twice"),
    ("flow: small\n", "flow: Small Flow\n", 1, "", "is no name"),
    ("flow: small\n", "flow: [a]\n", 1, "", "a text is expected"),
    ("flow: small\n", "flow:\n", 1, "", "a text is expected"),
    ("{type: say, say: [greeting], next: choice}", "{type: fly}", 5, "node 'hello'", "'fly' is none of"),
    ("{type: say, say: [greeting], next: choice}", "{say: [greeting]}", 5, "node 'hello'", "'type' is missing"),
    ("{type: say, say: [greeting], next: choice}", "[x]", 5, "node 'hello'", "a mapping is expected"),
    ("{type: say, say: [greeting], next: choice}", "", 5, "node 'hello'", "a mapping is expected"),
    (", next: choice}", "}", 5, "node 'hello'", "'next' is missing"),
    (", next: choice}", ", next: choice, nxt: x}", 5, "node 'hello'", "unknown key 'nxt'"),
    (", next: choice}", ", next: choice, again: maybe}", 5, "node 'hello'", "'maybe' is none of"),
    (", next: choice}", ", next: choice, served: 1}", 5, "node 'hello'", "'1' is none of true, false"),
    ("[greeting]", "greeting", 5, "node 'hello'", "a list is expected"),
    ("[greeting]", "[Greeting!]", 5, "node 'hello'", "is no name"),
    ("[greeting]", "['../../etc/passwd']", 5, "node 'hello'", "is no name"),
    ("[greeting]", "[{speak: code, as: song}]", 5, "node 'hello'", "'song' is none of"),
    ("[greeting]", "[{pick: p_, by: x}]", 5, "node 'hello'", "'among' is missing"),
    ("[greeting]", "[{shout: x}]", 5, "node 'hello'", "unknown key 'shout'"),
    ("[greeting]", "[&a b, *a]", 5, "", "aliases"),
    ('"1": desk', '"0": desk', 12, "node 'choice'", "key '0' cannot be chosen"),
    ('"1": desk', '"9": desk', 12, "node 'choice'", "key '9' cannot be chosen"),
    ('"1": desk', '"*": desk', 12, "node 'choice'", "key '*' cannot be chosen"),
    ('"1": desk', '"12": desk', 12, "node 'choice'", "key '12' cannot be chosen"),
    ("choice: {vi: Một, en: One}", "choice: {vi: Một}", 15, "label 'choice'", "'en' is missing"),
    ("choice: {vi: Một, en: One}", "choice: {vi: Một, fr: Un}", 15, "label 'choice'", "unknown key 'fr'"),
    ("  choice: {vi", "  chosen: {vi", 15, "", "no node 'chosen'"),
    ("timeout_s: 4", "timeout_s: 600", 11, "node 'choice'", "a number from 1 to 8"),
    ("timeout_s: 4", "timeout_s: soon", 11, "node 'choice'", "not 'soon'"),
    ("timeout_s: 4", "timeout_s: .nan", 11, "node 'choice'", "not '.nan'"),
    ("queue: first}", "queue: 'a;b'}", 13, "node 'desk'", "is no name"),
    ("queue: first}", "queue: first, priority: 1.5}", 13, "node 'desk'", "a whole number"),
    ("  desk: {", "  Desk Two: {", 13, "node 'Desk Two'", "is no name"),
    ("human: desk", "human: desk: x", 3, "", "is no YAML"),
    ("human: desk", "human: \x07", 3, "", "is no YAML"),
    ("human: desk", "human: !!python/object:os.system x\nx: y", 4, "", "unknown key 'x'"),
]


@pytest.mark.parametrize(("old", "new", "line", "where", "says"), CHANGES)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, line: int, where: str, says: str) -> None:
    assert old in SMALL
    path = flow_file(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(FlowError) as caught:
        load_flow(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert (caught.value.line, caught.value.where) == (line, where)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"- a\n", "a mapping is expected"),
        (b"flow: \xff\xfe\n", "is not UTF-8"),
        (b"a: " + b"[" * 5000, "nested too deeply"),
        (b"a: " + b"x" * 1_100_000, "too long"),
        (b"? [a, b]\n: c\n", "a text is expected"),
    ],
)
def test_what_is_no_flow_at_all(tmp_path: Path, content: bytes, says: str) -> None:
    path = flow_file(tmp_path, content)
    with pytest.raises(FlowError, match=says) as caught:
        load_flow(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"nowhere\.yaml:1: cannot be read"):
        load_flow(tmp_path / "nowhere.yaml")


@given(st.text(max_size=200), st.integers(0, len(SMALL)), st.integers(0, 60))
def test_any_damage_is_a_flow_error(text: str, at: int, cut: int) -> None:
    damaged = SMALL[:at] + text + SMALL[at + cut :]
    try:
        parse(damaged, "f").fields(("flow", "start", "human", "nodes"))
    except FlowError as error:
        assert str(error).startswith("f:")


def test_prompts_are_read_from_a_folder_and_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("one: {vi: Một, en: One}\nno: {vi: no}\n", "utf-8")
    (tmp_path / "b.yaml").write_text('"2": {en: Two}\n', "utf-8")
    prompts = load_prompts(tmp_path)
    assert prompts.ids == {"one", "no", "2"}
    assert prompts.text("no", "vi") == "no"
    assert prompts.has("2", "en") and not prompts.has("2", "vi") and not prompts.has("three", "vi")
    assert load_prompts(tmp_path / "b.yaml").ids == {"2"}
    with pytest.raises(KeyError):
        prompts.text("2", "vi")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Bad-Id: {vi: x}", "is no name"),
        ("one: {fr: Un}", "unknown key 'fr'"),
        ("one: {vi: [x]}", "a text is expected"),
        ("one: Một", "a mapping is expected"),
        ("one: {vi: x}\none: {vi: y}", "given twice"),
    ],
)
def test_bad_prompts_are_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    with pytest.raises(FlowError, match=says) as caught:
        load_prompts(tmp_path)
    assert "a.yaml:" in str(caught.value)


def test_a_prompt_in_two_files(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("one: {vi: x}", "utf-8")
    with pytest.raises(FlowError, match=r"b\.yaml:1: prompt 'one': is given twice"):
        load_prompts(tmp_path)


def test_a_folder_without_prompts(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="holds no prompts"):
        load_prompts(tmp_path)
