"""The gate: what must be true of a flow before a caller may meet it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import chain

from callflows import scenarios, speech
from callflows.loader import LANGUAGES, Prompts
from callflows.model import (
    AskNode,
    EndNode,
    Flow,
    Given,
    HangUpNode,
    HoursNode,
    InputNode,
    MenuNode,
    Node,
    Phrase,
    Picked,
    QueueNode,
    SayNode,
    Spoken,
)
from callflows.seconds import LONGEST_S, seconds
from callflows.steps import Language


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a caller would suffer from. `line` is in the flow's file, 0 when it is about the whole."""

    node: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.node}: {self.message}"


def check(flow: Flow, prompts: Prompts, queues: Collection[str] | None = None) -> list[str]:
    """What is wrong with `flow`, in words; empty when it may be used."""
    return [str(problem) for problem in problems(flow, prompts, queues)]


def problems(flow: Flow, prompts: Prompts, queues: Collection[str] | None = None) -> list[Problem]:
    """What is wrong with `flow`; `queues` are those that the exchange has (None: not known). The flow's own scenarios
    are played once all else is well."""
    found = [*_targets(flow), *_queues(flow, queues)]
    found = found or [*_ways(flow), *_texts(flow, prompts)] or _long(flow, prompts)
    told = [Problem(name, message, flow.lines.get(name, 0)) for name, message in found]
    return told or [Problem(name, message, line) for name, message, line in scenarios.failures(flow)]


def successors(node: Node) -> tuple[str, ...]:
    """The nodes to which `node` itself leads; from a menu or a question, `Flow.human` is to be reached besides."""
    match node:
        case SayNode():
            return (node.next,)
        case MenuNode():
            return tuple(node.keys.values())
        case AskNode():
            return (node.found, node.limited, node.unavailable)
        case HoursNode():
            return (node.open, node.closed)
        case _:
            return ()


Found = Iterator[tuple[str, str]]
"""Pairs of node and what is wrong with it."""


def _targets(flow: Flow) -> list[tuple[str, str]]:
    named = [("start", flow.start), ("human", flow.human)]
    named += [(name, target) for name, node in flow.nodes.items() for target in successors(node)]
    return [(name, f"leads to {target!r}, which does not exist") for name, target in named if target not in flow.nodes]


def _queues(flow: Flow, queues: Collection[str] | None) -> Found:
    for name, node in flow.nodes.items():
        if isinstance(node, QueueNode) and queues is not None and node.queue not in queues:
            yield name, f"there is no queue {node.queue!r}; there are {', '.join(sorted(queues))}"


def _ways(flow: Flow) -> Found:
    yield from _unreachable(flow)
    yield from _loops(flow)
    yield from _dead_ends(flow)
    yield from _no_human(flow)
    yield from _unknown_values(flow)
    for name, node in flow.nodes.items():
        if isinstance(node, MenuNode) and not node.keys:
            yield name, "offers no key"


def _reach(flow: Flow, *starts: str) -> set[str]:
    reached, waiting = set[str](), list(starts)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += successors(flow.nodes[name])
            waiting += [flow.human] if isinstance(flow.nodes[name], InputNode) else []
    return reached


def _unreachable(flow: Flow) -> Found:
    for name in flow.nodes.keys() - _reach(flow, flow.start):
        yield name, "no caller can come here"


def _loops(flow: Flow) -> Found:
    """A circle without input would go on for ever."""
    for name, node in flow.nodes.items():
        if not isinstance(node, InputNode) and name in _without_input(flow, successors(node)):
            yield name, "leads back to itself without asking for a key"


def _without_input(flow: Flow, starts: Iterable[str]) -> set[str]:
    """What is passed from `starts` before any key is asked for, the nodes that ask included."""
    passed, waiting = set[str](), list(starts)
    while waiting:
        name = waiting.pop()
        if name not in passed:
            passed.add(name)
            node = flow.nodes[name]
            waiting += [] if isinstance(node, InputNode) else successors(node)
    return passed


def _dead_ends(flow: Flow) -> Found:
    for name in flow.nodes:
        if not any(isinstance(flow.nodes[each], EndNode) for each in _reach(flow, name)):
            yield name, "a call that comes here cannot end"


def _no_human(flow: Flow) -> Found:
    """Key 0 must lead straight to a queue, or to a message; never to another menu or a good-bye."""
    passed = _without_input(flow, [flow.human])
    kinds = [flow.nodes[name] for name in passed]
    if not any(isinstance(node, QueueNode) for node in kinds):
        yield flow.human, "the way to a human leads to no queue"
    for name in passed:
        if isinstance(flow.nodes[name], InputNode | HangUpNode):
            yield name, "lies on the way to a human, where there may be neither menus nor good-byes"


def _texts(flow: Flow, prompts: Prompts) -> Found:
    for name, node in flow.nodes.items():
        for language in LANGUAGES:
            wanted = chain.from_iterable(_prompts(phrase, language) for phrase in said(node))
            missing = sorted({prompt for prompt in wanted if not prompts.has(prompt, language)})
            if missing:
                yield name, f"no text in {language} for {', '.join(missing)}"


def _unknown_values(flow: Flow) -> Found:
    """Speech of a value that nothing gives would be left out on the telephone without a word."""
    given = {"opens_at", "state", *(node.value for node in flow.nodes.values() if isinstance(node, AskNode))}
    for name, node in flow.nodes.items():
        for phrase in said(node):
            wanted = set() if isinstance(phrase, str) else {phrase.value}
            inner = phrase.say if isinstance(phrase, Given) else ()
            wanted |= {each.value for each in inner if not isinstance(each, str)}
            for value in sorted(wanted - given):
                yield name, f"speaks {value!r}, which nothing gives"


def said(node: Node) -> Iterator[Phrase]:
    """Everything that a node may say."""
    for field in ("say", "silence", "mistake", "not_found", "invalid"):
        yield from getattr(node, field, ())


def _prompts(phrase: Phrase, language: Language) -> Set[str]:
    match phrase:
        case str():
            return {phrase}
        case Spoken():
            return speech.vocabulary(language)
        case Picked():
            return {phrase.otherwise, *(f"{phrase.prefix}{value}" for value in phrase.among)}
        case Given():
            return set(chain.from_iterable(_prompts(each, language) for each in phrase.say))


def _long(flow: Flow, prompts: Prompts) -> list[tuple[str, str]]:
    """The watchdog of the exchange takes a call back from a step that speaks for too long."""
    found = []
    for language in LANGUAGES:
        for name, length in seconds(flow, prompts, language).items():
            if length > LONGEST_S:
                found.append((name, f"in {language} {length:.0f} s are spoken in one go; {LONGEST_S} at most"))
    return found
