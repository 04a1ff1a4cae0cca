"""YAML → flows and prompts: the one file of this package that reads disk. Errors name file, line and node."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

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
    Scenario,
    ServedNode,
    Spoken,
)

PROMPT_ID = re.compile(r"[a-z0-9_]{1,60}")
NODES: Mapping[str, type[Any]] = {
    "say": SayNode,
    "menu": MenuNode,
    "digits": DigitsNode,
    "hours": HoursNode,
    "look_up": LookUpNode,
    "served": ServedNode,
    "queue": QueueNode,
    "message": MessageNode,
    "hang_up": HangUpNode,
}


class FlowError(Exception):
    """A flow or prompt file that cannot be used; `str()` names file, line and node."""

    code = "flow_invalid"


class _Lines(yaml.SafeLoader):
    """Keeps each mapping's line under the key `__line__`, and refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node)
            if key in seen:
                raise FlowError(f"line {key_node.start_mark.line + 1}: {key!r} is given twice")
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=True)
        mapping["__line__"] = node.start_mark.line + 1
        return mapping


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        text = unicodedata.normalize("NFC", path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FlowError(f"{path}: cannot be read ({error})") from error
    try:
        document = yaml.load(text, _Lines)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FlowError(f"{path}:{line}: not YAML ({error.problem})") from error
    except (FlowError, yaml.YAMLError) as error:
        raise FlowError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise FlowError(f"{path}:1: a mapping is expected")
    return document, text


def load_flow(path: Path) -> Flow:
    """The flow in `path`; its version is the hash of its text. Raises `FlowError`."""
    document, text = _read(path)
    allowed = {"flow", "start", "operator", "mistakes", "nodes", "scenarios", "labels", "__line__"}
    for key in document:
        if key not in allowed:
            raise FlowError(f"{path}: unknown key {key!r}; known are {', '.join(sorted(allowed - {'__line__'}))}")
    for key in ("flow", "start", "operator", "mistakes", "nodes"):
        if key not in document:
            raise FlowError(f"{path}:1: {key!r} is missing")
    nodes = {name: _node(path, name, body) for name, body in document["nodes"].items() if name != "__line__"}
    return Flow(
        name=str(document["flow"]),
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        start=document["start"],
        operator=document["operator"],
        nodes=nodes,
        mistakes=_plain(document["mistakes"]),
        scenarios=tuple(_scenario(path, body) for body in document.get("scenarios", ())),
        labels=_labels(path, document.get("labels", {}), nodes),
    )


def _labels(path: Path, given: Mapping[str, Any], nodes: Mapping[str, Node]) -> dict[str, tuple[str, str]]:
    labels = {}
    for name, words in _plain(given).items():
        if name not in nodes or not isinstance(words, dict) or _plain(words).keys() != {"vi", "en"}:
            raise FlowError(f"{path}: label {name!r}: it must name a node and give its words in vi and in en")
        labels[name] = (str(words["vi"]), str(words["en"]))
    return labels


def _node(path: Path, name: str, body: object) -> Node:
    if not isinstance(body, dict) or body.get("type") not in NODES:
        line = body.get("__line__", 0) if isinstance(body, dict) else 0
        raise FlowError(f"{path}:{line}: node {name!r} needs a type out of {', '.join(NODES)}")
    where = f"{path}:{body['__line__']}: node {name!r}"
    kind = NODES[body["type"]]
    given = {key: value for key, value in body.items() if key not in ("type", "__line__")}
    known = {field.name: field for field in fields(kind)}
    for key in given:
        if key not in known:
            raise FlowError(f"{where}: unknown key {key!r}; a {body['type']} node has {', '.join(known)}")
    for field in known.values():
        if field.name not in given and field.default is MISSING and field.default_factory is MISSING:
            raise FlowError(f"{where}: {field.name!r} is missing")
    converted = {key: _convert(where, key, value) for key, value in given.items()}
    node: Node = kind(**converted)
    return node


def _convert(where: str, key: str, value: object) -> object:
    if key == "say":
        if isinstance(value, dict):
            return {status: _phrases(where, phrases) for status, phrases in _plain(value).items()}
        return _phrases(where, value)
    if key in ("keys", "then", "arguments"):
        if not isinstance(value, dict):
            raise FlowError(f"{where}: {key!r} must be a mapping")
        return {str(k): str(v) for k, v in _plain(value).items()}
    if key in ("length", "priority"):
        return _checked(where, key, value, lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= 32)
    if key.endswith("timeout_s"):
        return _checked(where, key, value, lambda v: isinstance(v, int | float) and 1 <= v <= 30)
    return _checked(where, key, value, lambda v: isinstance(v, str) and v != "")


def _checked(where: str, key: str, value: object, good: Callable[[object], bool]) -> object:
    if not good(value):
        raise FlowError(f"{where}: {key!r} cannot be {value!r}")
    return value


def _phrases(where: str, value: object) -> tuple[Phrase, ...]:
    if not isinstance(value, list):
        raise FlowError(f"{where}: 'say' must be a list of prompts")
    phrases: list[Phrase] = []
    for item in value:
        if isinstance(item, str) and PROMPT_ID.fullmatch(item):
            phrases.append(item)
        elif isinstance(item, dict) and {"speak", "as"} == _plain(item).keys():
            phrases.append(Spoken(item["speak"], item["as"]))
        elif isinstance(item, dict) and {"pick", "by"} == _plain(item).keys():
            phrases.append(Picked(item["pick"], item["by"]))
        else:
            raise FlowError(f"{where}: {item!r} is neither a prompt's id nor {{speak, as}} nor {{pick, by}}")
    return tuple(phrases)


def _scenario(path: Path, body: dict[str, Any]) -> Scenario:
    where = f"{path}:{body.get('__line__', 0)}: scenario {body.get('name')!r}"
    known = {"name", "keys", "expect", "closed", "look_ups", "__line__"}
    if not body.keys() <= known or not {"name", "keys", "expect"} <= body.keys():
        raise FlowError(f"{where}: it has name, keys and expect, and may have closed and look_ups")
    return Scenario(
        name=body["name"],
        keys=tuple(None if key == "timeout" else str(key) for key in body["keys"]),
        expect={key: str(value) for key, value in _plain(body["expect"]).items()},
        closed=bool(body.get("closed", False)),
        look_ups=tuple(body.get("look_ups", ())),
        line=body["__line__"],
    )


def _plain(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != "__line__"}


@dataclass(frozen=True, slots=True)
class Prompts:
    """What is said: text by prompt id and language."""

    texts: Mapping[str, Mapping[str, str]]

    def text(self, prompt: str, language: str) -> str:
        """Raises KeyError when there is no such prompt or it lacks the language."""
        return self.texts[prompt][language]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.texts)


def load_prompts(folder: Path) -> Prompts:
    """Every `*.yaml` of `folder`. Raises `FlowError` for a bad id, a missing language or an id given twice."""
    texts: dict[str, Mapping[str, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for prompt, by_language in _plain(_read(path)[0]).items():
            where = f"{path}: prompt {prompt!r}"
            if not isinstance(prompt, str) or not PROMPT_ID.fullmatch(prompt):
                raise FlowError(f"{where}: ids are made of a-z, 0-9 and _, at most 60")
            if prompt in texts:
                raise FlowError(f"{where}: is given twice")
            if not isinstance(by_language, dict) or not _plain(by_language).keys() == {"vi", "en"}:
                raise FlowError(f"{where}: needs a text in vi and in en, and in nothing else")
            texts[prompt] = {language: str(text) for language, text in _plain(by_language).items()}
    if not texts:
        raise FlowError(f"{folder}: holds no prompts")
    return Prompts(texts)
