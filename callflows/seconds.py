"""How long a caller listens, estimated from the texts. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from callflows.loader import Prompts
from callflows.model import AskNode, Flow, Given, HoursNode, MenuNode, Node, Phrase, Picked, SayNode, Spoken
from callflows.steps import Language

LONGEST_S = 25
"""Speech in one step, mistakes' apologies included; the exchange waits 45 s for a step, its time-out included."""
_LETTERS_PER_S = {"vi": 13.0, "en": 15.0}
_SPOKEN_S = {"ticket_code": 5.0, "moment": 6.0, "day": 4.0, "time": 2.5, "number": 4.0, "digits": 5.0, "duration": 4.0}


def seconds(flow: Flow, prompts: Prompts, language: Language) -> dict[str, float]:
    """The longest speech before each node that speaks by itself (menus, questions, endings). The flow must have no
    loops without input."""
    longest = dict.fromkeys(flow.nodes, 0.0)
    _spread(flow, prompts, language, flow.start, 0.0, longest)
    for node in flow.nodes.values():
        apology = _apology(node, prompts, language)
        match node:
            case MenuNode():
                targets: tuple[str, ...] = tuple(node.keys.values())
            case AskNode():
                targets = (node.found, node.limited, node.unavailable)
            case _:
                continue
        _spread(flow, prompts, language, flow.human, apology, longest)
        for target in targets:
            _spread(flow, prompts, language, target, 0.0, longest)
    return {name: length for name, length in longest.items() if not isinstance(flow.nodes[name], SayNode | HoursNode)}


def _spread(
    flow: Flow, prompts: Prompts, language: Language, name: str, before: float, longest: dict[str, float]
) -> None:
    node = flow.nodes[name]
    own = length(getattr(node, "say", ()), prompts, language)
    longest[name] = max(longest[name], before + own, own + _apology(node, prompts, language))
    for target in (node.next,) if isinstance(node, SayNode) else ():
        _spread(flow, prompts, language, target, before + own, longest)
    for target in (node.open, node.closed) if isinstance(node, HoursNode) else ():
        _spread(flow, prompts, language, target, before, longest)


def _apology(node: Node, prompts: Prompts, language: Language) -> float:
    """The longest of what is said before a menu is repeated, or before a human must help."""
    fields = ("silence", "mistake", "not_found", "invalid")
    return max(length(getattr(node, field, ()), prompts, language) for field in fields)


def length(phrases: Iterable[Phrase], prompts: Prompts, language: Language) -> float:
    """Seconds, from letters at the speed of the built-in voices (measured: 15 a second on average,
    12 in the slowest sentence)."""
    return sum(_one(phrase, prompts, language) for phrase in phrases)


def _one(phrase: Phrase, prompts: Prompts, language: Language) -> float:
    match phrase:
        case str():
            return len(prompts.text(phrase, language)) / _LETTERS_PER_S[language] + 0.1
        case Spoken():
            return _SPOKEN_S[phrase.kind]
        case Picked():
            choices = (phrase.otherwise, *(f"{phrase.prefix}{value}" for value in phrase.among))
            return max(_one(choice, prompts, language) for choice in choices)
        case Given():
            return length(phrase.say, prompts, language)
