"""The gate: what must be true of a flow before a caller may meet it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from callflows import scenarios
from callflows.loader import Prompts
from callflows.model import (
    DigitsNode,
    Flow,
    HangUpNode,
    HoursNode,
    LookUpNode,
    MenuNode,
    MessageNode,
    Node,
    Phrase,
    Picked,
    QueueNode,
    SayNode,
    ServedNode,
)

KEYS = frozenset("0123456789*#")
STATUSES = frozenset({"found", "not_found", "invalid", "limited", "unavailable"})


def check(flow: Flow, prompts: Prompts) -> list[str]:
    """What is wrong with `flow`, each naming its node; empty when it may be used."""
    problems = list(chain(_targets(flow), _mistakes(flow)))
    if problems:
        return problems
    problems += chain(
        _unreachable(flow), _no_way_to_human(flow), _silent_loops(flow), _keys(flow), _speech(flow, prompts)
    )
    return problems or scenarios.failures(flow)


def successors(node: Node) -> tuple[str, ...]:
    """The nodes to which `node` itself can lead (key 0 leads to the flow's operator besides)."""
    match node:
        case SayNode() | DigitsNode() | ServedNode():
            return (node.next,)
        case MenuNode():
            return (*node.keys.values(), *((node.on_silence,) if node.on_silence else ()))
        case HoursNode():
            return (node.open, node.closed)
        case LookUpNode():
            return tuple(node.then.values())
        case QueueNode() | MessageNode() | HangUpNode():
            return ()


def _targets(flow: Flow) -> Iterator[str]:
    for where, name in (("start", flow.start), ("operator", flow.operator)):
        if name not in flow.nodes:
            yield f"{where}: there is no node {name!r}"
    for name, node in flow.nodes.items():
        for target in successors(node):
            if target not in flow.nodes:
                yield f"node {name!r}: leads to {target!r}, which does not exist"
        if isinstance(node, LookUpNode) and node.then.keys() != STATUSES:
            yield f"node {name!r}: 'then' must say where each of {', '.join(sorted(STATUSES))} leads"


def _mistakes(flow: Flow) -> Iterator[str]:
    for kind in ("silence", "wrong_key", "short"):
        if kind not in flow.mistakes:
            yield f"mistakes: {kind!r} has no prompt"


def _reach(flow: Flow, start: str) -> set[str]:
    reached, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += successors(flow.nodes[name])
    return reached


def _unreachable(flow: Flow) -> Iterator[str]:
    reached = _reach(flow, flow.start) | _reach(flow, flow.operator)
    for name in flow.nodes:
        if name not in reached:
            yield f"node {name!r}: no caller can come here"


def _no_way_to_human(flow: Flow) -> Iterator[str]:
    reached = _reach(flow, flow.operator)
    if not any(isinstance(flow.nodes[name], QueueNode) for name in reached):
        yield f"operator: node {flow.operator!r} leads to no queue"
    for name, node in flow.nodes.items():
        if isinstance(node, MenuNode) and node.keys.get("0", flow.operator) != flow.operator:
            yield f"node {name!r}: key 0 must lead to the operator"


def _silent_loops(flow: Flow) -> Iterator[str]:
    """A circle without input would go on for ever."""
    passing = {name: node for name, node in flow.nodes.items() if not isinstance(node, MenuNode | DigitsNode)}
    for name in passing:
        seen, waiting = set[str](), list(successors(passing[name]))
        while waiting:
            step = waiting.pop()
            if step == name:
                yield f"node {name!r}: a loop without any input leads back to it"
                break
            if step in passing and step not in seen:
                seen.add(step)
                waiting += successors(passing[step])


def _keys(flow: Flow) -> Iterator[str]:
    for name, node in flow.nodes.items():
        if isinstance(node, MenuNode):
            for key in sorted(node.keys.keys() - KEYS):
                yield f"node {name!r}: {key!r} is not a key of a telephone"
            for key in sorted(node.keys.keys() & frozenset("9*#")):
                yield f"node {name!r}: key {key!r} means the same in every menu and cannot be used"


def _speech(flow: Flow, prompts: Prompts) -> Iterator[str]:
    for kind, prompt in flow.mistakes.items():
        if prompt not in prompts.ids:
            yield f"mistakes: {kind}: there is no prompt {prompt!r}"
    for name, node in flow.nodes.items():
        for phrase in _phrases(node):
            if isinstance(phrase, str) and phrase not in prompts.ids:
                yield f"node {name!r}: there is no prompt {phrase!r}"
            if isinstance(phrase, Picked) and not any(known.startswith(phrase.prefix) for known in prompts.ids):
                yield f"node {name!r}: there is no prompt that begins with {phrase.prefix!r}"


def _phrases(node: Node) -> Iterable[Phrase]:
    said = getattr(node, "say", ())
    return chain.from_iterable(said.values()) if isinstance(said, Mapping) else said
