"""Plays a flow: a generator that yields steps, is sent replies and returns how the menu ended. Pure: a call, a
rehearsal and a test play the same flow. Whatever is pressed, it ends at a human, a message or a good-bye."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import TypeVar

from callflows.model import (
    Again,
    AskNode,
    EndNode,
    Flow,
    HangUpNode,
    HoursNode,
    InputNode,
    MenuNode,
    MessageNode,
    Phrase,
    SayNode,
)
from callflows.render import render
from callflows.steps import (
    AskHours,
    CallerGone,
    Collect,
    Ended,
    Ending,
    Found,
    HangUp,
    Hours,
    Keys,
    Language,
    LookUp,
    Outcome,
    Reply,
    Route,
    Say,
    Served,
    Step,
    TakeMessage,
    UseLanguage,
    Visit,
)

MAX_MISTAKES = 3
"""No key, wrong keys and codes that do not exist, counted together in one visit of a menu."""
MAX_REPEATS = 10
"""Repetitions and changes of language in one visit; whoever asks for more is helped better by a human."""
MAX_INPUTS = 100
"""Times that keys are asked for in one call, so that a caller who walks in circles comes to a human too."""

T = TypeVar("T")
R = TypeVar("R", Keys, Hours, Found)
Play = Generator[Step, Reply, T]


def run(flow: Flow) -> Play[Outcome]:
    """Play `flow` for one caller, in Vietnamese until he chooses otherwise.

    Throw `CallerGone` in when the caller hangs up. The flow must have passed `check`. Raises TypeError when the reply
    is not the one that the step asks for.
    """
    return _Call(flow).play()


def _expect(kind: type[R], reply: Reply) -> R:
    if not isinstance(reply, kind):
        raise TypeError(f"the step asks for {kind.__name__}, not {reply!r}")
    return reply


class _Call:
    """What is known of the caller so far. `pending` waits to be said before the next step that speaks, each phrase
    with how often it is to be said again."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.language: Language = "vi"
        self.values: dict[str, str | datetime] = {}
        self.path: list[Visit] = []
        self.pending: list[tuple[Again, tuple[Phrase, ...]]] = []
        self.served = False
        self.reason = "operator"
        self.inputs = 0

    def play(self) -> Play[Outcome]:
        try:
            ending = yield from self._walk()
        except CallerGone:
            ending = Ended(self.served)
        return Outcome(ending, self.language, tuple(self.path), self.flow.name, self.flow.version)

    def _walk(self) -> Play[Ending]:
        name = self.flow.start
        while True:
            self.path.append(Visit(name, ""))
            match self.flow.nodes[name]:
                case SayNode() as node:
                    name = yield from self._say(name, node)
                case HoursNode() as node:
                    name = yield from self._hours(name, node)
                case MenuNode() | AskNode() as node:
                    name = yield from _Input(self, name, node).play()
                case _ as node:
                    return (yield from self._end(name, node))

    def _say(self, name: str, node: SayNode) -> Play[str]:
        self.pending.append((node.again, node.say))
        if node.served and not self.served:
            self.served = True
            yield Served(name)
        return node.next

    def _hours(self, name: str, node: HoursNode) -> Play[str]:
        hours = _expect(Hours, (yield AskHours(name, node.calendar)))
        self.values.pop("opens_at", None)
        if hours.opens_at is not None:
            self.values["opens_at"] = hours.opens_at
        return node.open if hours.open else node.closed

    def _end(self, name: str, node: EndNode) -> Play[Ending]:
        said = [phrase for _, phrases in self.pending for phrase in phrases]
        prompts = render([*said, *node.say], self.values, self.language)
        if isinstance(node, HangUpNode):
            return HangUp(node.outcome, node.reason, prompts)
        if prompts:
            yield Say(name, prompts)
        if isinstance(node, MessageNode):
            return TakeMessage(node.reason)
        return Route(node.queue, node.reason or self.reason, node.priority)


class _Input:
    """One visit of a menu or of a question: asked until there is an answer, or a human must help."""

    def __init__(self, call: _Call, name: str, node: InputNode) -> None:
        self.call, self.name, self.node = call, name, node
        self.lead, call.pending = call.pending, []
        self.mistakes = self.repeats = 0
        self.apology: tuple[Phrase, ...] = ()
        self.saying: tuple[Again, ...] = ("never", "language", "always")

    def play(self) -> Play[str]:
        while True:
            if self.call.inputs >= MAX_INPUTS:
                return self._to_human("not_understood")
            self.call.inputs += 1
            pressed = (yield from self._collect()).pressed
            target = yield from self._common(pressed)
            if target is None:
                match self.node:
                    case MenuNode() as node:
                        target = self._choose(node, pressed)
                    case AskNode() as node:
                        target = yield from self._answer(node, pressed)
            if target:
                return target

    def _collect(self) -> Play[Keys]:
        lead = (phrase for again, said in self.lead if again in self.saying for phrase in said)
        phrases = [*self.apology, *lead, *self.node.say]
        prompts = render(phrases, self.call.values, self.call.language)
        self.apology = ()
        if isinstance(self.node, MenuNode):
            step = Collect(self.name, prompts, 1, self.node.timeout_s)
        else:
            times = (self.node.first_timeout_s, self.node.next_timeout_s)
            step = Collect(self.name, prompts, self.node.digits, *times)
        return _expect(Keys, (yield step))

    def _common(self, pressed: str) -> Play[str | None]:
        """The keys that mean the same everywhere. A target, "" to ask again, or None when it was another key. Digits
        with a `*` among them are begun anew."""
        if pressed == "0":
            return self._to_human("operator", key="0")
        if pressed != "9" and "*" not in pressed:
            return None
        self.repeats += 1
        if self.repeats > MAX_REPEATS:
            return self._to_human("not_understood")
        self.saying = ("always",)
        if pressed == "9":
            self.call.language = "en" if self.call.language == "vi" else "vi"
            yield UseLanguage(self.call.language)
            self.saying = ("always", "language")
        return ""

    def _choose(self, node: MenuNode, pressed: str) -> str:
        if pressed in node.keys:
            return self._leave(pressed, node.keys[pressed])
        if pressed in ("", "#"):
            return self._mistake("no_input", node.silence)
        return self._mistake("not_understood", node.mistake)

    def _answer(self, node: AskNode, pressed: str) -> Play[str]:
        if not pressed:
            return self._mistake("no_input", node.silence)
        if len(pressed) != node.digits or not (pressed.isascii() and pressed.isdecimal()):
            return self._mistake("not_understood", node.mistake)
        found = _expect(Found, (yield LookUp(self.name, node.look_up, {node.value: pressed})))
        match found.status:
            case "found":
                self.call.values |= {node.value: pressed, **found.data}
                return self._leave(pressed, node.found)
            case "not_found":
                return self._mistake("not_understood", node.not_found, pressed)
            case "invalid":
                return self._mistake("not_understood", node.invalid, pressed)
            case "limited":
                self.call.reason = "limited"
                return self._leave(pressed, node.limited)
            case "unavailable":
                self.call.reason = "unavailable"
                return self._leave(pressed, node.unavailable)

    def _mistake(self, why: str, apology: tuple[Phrase, ...], pressed: str = "") -> str:
        self.mistakes += 1
        self.saying = ()
        self.apology = apology
        if self.mistakes < MAX_MISTAKES:
            return ""
        self.call.pending.append(("never", apology))
        return self._to_human(why, pressed)

    def _to_human(self, reason: str, key: str = "") -> str:
        self.call.reason = reason
        return self._leave(key, self.call.flow.human)

    def _leave(self, key: str, target: str) -> str:
        self.call.path[-1] = Visit(self.name, key)
        return target
