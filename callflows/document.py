"""A YAML text as values that know their line, so that an error can name the place. Pure.

Scalars are taken as they are written (`0`, `no` and `09` are text until someone asks for a number), in Unicode's
composed form (NFC). A key given twice and an alias are refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml

_DEEPEST = 30
_LONGEST = 1_000_000
"""Characters; a flow has some thousands."""


class FlowError(Exception):
    """A flow or prompt file that cannot be used. `str()` names the file, the line and, in `where`, the node."""

    code = "flow_invalid"

    def __init__(self, file: str, line: int, where: str, message: str) -> None:
        super().__init__(f"{file}:{line}: " + (f"{where}: " if where else "") + message)
        self.file, self.line, self.where, self.message = file, line, where, message


@dataclass(frozen=True, slots=True)
class Part:
    """One value of the document. `where` names the node or prompt that it belongs to."""

    node: yaml.Node
    file: str
    where: str = ""

    @property
    def line(self) -> int:
        return self.node.start_mark.line + 1

    def error(self, message: str) -> FlowError:
        return FlowError(self.file, self.line, self.where, message)

    def named(self, where: str) -> Part:
        return Part(self.node, self.file, where)

    def is_text(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag != "tag:yaml.org,2002:null"

    def text(self) -> str:
        if not self.is_text():
            raise self.error("a text is expected here")
        return str(self.node.value)

    def number(self, lowest: float, highest: float) -> float:
        try:
            value = float(self.text())
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest:
            raise self.error(f"a number from {lowest:g} to {highest:g} is expected, not {self.node.value!r}")
        return value

    def whole(self, lowest: int, highest: int) -> int:
        value = self.number(lowest, highest)
        if value != int(value):
            raise self.error(f"a whole number is expected, not {self.node.value!r}")
        return int(value)

    def one_of(self, choices: Iterable[str]) -> str:
        known = list(choices)
        value = self.text()
        if value not in known:
            raise self.error(f"{value!r} is none of {', '.join(known)}")
        return value

    def truth(self) -> bool:
        return self.one_of(("true", "false")) == "true"

    def items(self) -> list[Part]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("a list is expected here")
        return [Part(each, self.file, self.where) for each in self.node.value]

    def entries(self) -> dict[str, Part]:
        """A mapping's values by key, in the order written."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("a mapping is expected here")
        found: dict[str, Part] = {}
        for key_node, value in self.node.value:
            key = Part(key_node, self.file, self.where)
            name = key.text()
            if name in found:
                raise key.error(f"{name!r} is given twice")
            found[name] = Part(value, self.file, self.where)
        return found

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Part]:
        """`entries` of which all of `required` are there and none is unknown."""
        needed, found = list(required), self.entries()
        known = [*needed, *optional]
        for name, part in found.items():
            if name not in known:
                raise part.error(f"unknown key {name!r}; known are {', '.join(known)}")
        for name in needed:
            if name not in found:
                raise self.error(f"{name!r} is missing")
        return found


def parse(text: str, file: str) -> Part:
    """The document in `text`. Raises `FlowError`; `file` is only named in errors."""
    if len(text) > _LONGEST:
        raise FlowError(file, 1, "", "is too long to be a flow")
    text = unicodedata.normalize("NFC", text)
    try:
        for line, depth in _events(text, file):
            if depth > _DEEPEST:
                raise FlowError(file, line, "", "is nested too deeply")
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FlowError(file, line, "", f"is no YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FlowError(file, line, "", f"is no YAML: character {error.character!r} is not allowed") from error
    if node is None:
        raise FlowError(file, 1, "", "is empty")
    return Part(node, file)


def _events(text: str, file: str) -> Iterator[tuple[int, int]]:
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise FlowError(file, line, "", "aliases (*name) are not used in these files")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        yield line, depth
