"""YAML → flows and prompts: the one file of this package that reads disk. Errors name file, line and node."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from callflows.document import FlowError, Part, parse
from callflows.model import (
    Again,
    AskNode,
    Flow,
    HangUpNode,
    HoursNode,
    MenuNode,
    MessageNode,
    Node,
    QueueNode,
    SayNode,
    Scenario,
)
from callflows.phrases import identifier, phrases
from callflows.steps import Language

__all__ = ["FlowError", "Prompts", "load_flow", "load_prompts"]

LANGUAGES: tuple[Language, ...] = ("vi", "en")
KEYS = tuple("12345678")
"""Keys that a menu may give a meaning; 0, 9, * and # have theirs everywhere."""


def load_flow(path: Path) -> Flow:
    """The flow in `path`; its version is the digest of its bytes. Raises `FlowError`."""
    text, content = _read(path)
    fields = parse(text, str(path)).fields(("flow", "start", "human", "nodes"), ("labels", "scenarios"))
    nodes = {name: part.named(f"node {name!r}") for name, part in fields["nodes"].entries().items()}
    for name, part in nodes.items():
        identifier(name, part)
    return Flow(
        name=identifier(fields["flow"].text(), fields["flow"]),
        version=hashlib.sha256(content).hexdigest()[:12],
        start=fields["start"].text(),
        human=fields["human"].text(),
        nodes={name: _node(part) for name, part in nodes.items()},
        lines={name: part.line for name, part in nodes.items()},
        scenarios=tuple(_scenario(part) for part in fields["scenarios"].items()) if "scenarios" in fields else (),
        labels=_labels(fields["labels"], nodes) if "labels" in fields else {},
    )


def _read(path: Path) -> tuple[str, bytes]:
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig"), content
    except OSError as error:
        raise FlowError(str(path), 1, "", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FlowError(str(path), line, "", "is not UTF-8") from error


def _node(part: Part) -> Node:
    entries = part.entries()
    if "type" not in entries:
        raise part.error("'type' is missing: " + ", ".join(_NODES))
    return _NODES[entries["type"].one_of(_NODES)](part)


def _say(part: Part) -> SayNode:
    fields = part.fields(("type", "say", "next"), ("again", "served"))
    again = fields["again"].one_of(("never", "language", "always")) if "again" in fields else "never"
    served = "served" in fields and fields["served"].truth()
    return SayNode(phrases(fields["say"]), fields["next"].text(), cast(Again, again), served)


def _menu(part: Part) -> MenuNode:
    fields = part.fields(("type", "say", "keys", "silence", "mistake"), ("timeout_s",))
    keys = fields["keys"].entries()
    for key, target in keys.items():
        if key not in KEYS:
            raise target.error(f"key {key!r} cannot be chosen: 1 to 8 can; 0, 9, * and # mean the same in every menu")
    return MenuNode(
        say=phrases(fields["say"]),
        keys={key: target.text() for key, target in keys.items()},
        silence=phrases(fields["silence"]),
        mistake=phrases(fields["mistake"]),
        timeout_s=_seconds(fields, "timeout_s", 6.0),
    )


_ASK = ("type", "say", "digits", "look_up", "value", "found", "limited", "unavailable")
_ASK_PHRASES = ("silence", "mistake", "not_found", "invalid")


def _ask(part: Part) -> AskNode:
    fields = part.fields((*_ASK, *_ASK_PHRASES), ("first_timeout_s", "next_timeout_s"))
    return AskNode(
        say=phrases(fields["say"]),
        digits=fields["digits"].whole(2, 20),
        look_up=fields["look_up"].one_of(("ticket",)),
        value=identifier(fields["value"].text(), fields["value"]),
        found=fields["found"].text(),
        limited=fields["limited"].text(),
        unavailable=fields["unavailable"].text(),
        silence=phrases(fields["silence"]),
        mistake=phrases(fields["mistake"]),
        not_found=phrases(fields["not_found"]),
        invalid=phrases(fields["invalid"]),
        first_timeout_s=_seconds(fields, "first_timeout_s", 8.0),
        next_timeout_s=_seconds(fields, "next_timeout_s", 5.0),
    )


def _hours(part: Part) -> HoursNode:
    fields = part.fields(("type", "calendar", "open", "closed"))
    return HoursNode(identifier(fields["calendar"].text(), fields["calendar"]), *_texts(fields, "open", "closed"))


def _queue(part: Part) -> QueueNode:
    fields = part.fields(("type", "queue"), ("reason", "priority", "say"))
    return QueueNode(
        queue=identifier(fields["queue"].text(), fields["queue"]),
        reason=identifier(fields["reason"].text(), fields["reason"]) if "reason" in fields else "",
        priority=fields["priority"].whole(0, 100) if "priority" in fields else 0,
        say=phrases(fields["say"]) if "say" in fields else (),
    )


def _message(part: Part) -> MessageNode:
    fields = part.fields(("type", "reason"), ("say",))
    reason = identifier(fields["reason"].text(), fields["reason"])
    return MessageNode(reason, phrases(fields["say"]) if "say" in fields else ())


def _hang_up(part: Part) -> HangUpNode:
    fields = part.fields(("type", "outcome", "reason"), ("say",))
    outcome = cast(Literal["self_served", "rejected"], fields["outcome"].one_of(("self_served", "rejected")))
    reason = identifier(fields["reason"].text(), fields["reason"])
    return HangUpNode(outcome, reason, phrases(fields["say"]) if "say" in fields else ())


_NODES: Mapping[str, Callable[[Part], Node]] = {
    "say": _say,
    "menu": _menu,
    "ask": _ask,
    "hours": _hours,
    "queue": _queue,
    "message": _message,
    "hang_up": _hang_up,
}


def _texts(fields: Mapping[str, Part], *names: str) -> tuple[str, ...]:
    return tuple(fields[name].text() for name in names)


def _labels(part: Part, nodes: Iterable[str]) -> dict[str, tuple[str, str]]:
    labels: dict[str, tuple[str, str]] = {}
    for name, words in part.entries().items():
        if name not in nodes:
            raise words.error(f"there is no node {name!r} to be labelled")
        fields = words.named(f"label {name!r}").fields(LANGUAGES)
        labels[name] = (fields["vi"].text(), fields["en"].text())
    return labels


def _seconds(fields: Mapping[str, Part], name: str, default: float) -> float:
    return fields[name].number(1, 8) if name in fields else default


def _scenario(part: Part) -> Scenario:
    fields = part.fields(("name", "keys", "expect"), ("hears", "closed", "look_ups"))
    return Scenario(
        name=fields["name"].text(),
        keys=tuple(key.text() for key in fields["keys"].items()),
        expect={name: value.text() for name, value in fields["expect"].entries().items()},
        hears=tuple(prompt.text() for prompt in fields["hears"].items()) if "hears" in fields else (),
        closed="closed" in fields and fields["closed"].truth(),
        look_ups=tuple(answer.text() for answer in fields["look_ups"].items()) if "look_ups" in fields else (),
        line=part.line,
    )


@dataclass(frozen=True, slots=True)
class Prompts:
    """What is said: text by prompt id and language. Words may exist in one language only."""

    texts: Mapping[str, Mapping[str, str]]

    def text(self, prompt: str, language: str) -> str:
        """Raises KeyError when there is no such prompt or it lacks the language."""
        return self.texts[prompt][language]

    def has(self, prompt: str, language: str) -> bool:
        return language in self.texts.get(prompt, {})

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.texts)


def load_prompts(where: Path) -> Prompts:
    """The prompts of a file, or of every `*.yaml` of a folder. Raises `FlowError` for a bad id, an unknown language
    or an id given twice."""
    texts: dict[str, Mapping[str, str]] = {}
    for path in sorted(where.glob("*.yaml")) if where.is_dir() else [where]:
        for prompt, part in parse(_read(path)[0], str(path)).entries().items():
            part = part.named(f"prompt {prompt!r}")
            if identifier(prompt, part) in texts:
                raise part.error("is given twice")
            texts[prompt] = {language: text.text() for language, text in part.fields((), LANGUAGES).items()}
    if not texts:
        raise FlowError(str(where), 1, "", "holds no prompts")
    return Prompts(texts)
