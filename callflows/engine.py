"""Plays a flow: a generator that yields steps, is sent replies and returns how the menu ended. It knows nothing of
telephones, so a call, a rehearsal and a chat are played alike."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TypeVar

from callflows import speech
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
MAX_REPEATS = 10
"""Repetitions and changes of language at one node; whoever asks for more is helped better by a human."""
MAX_NODES = 100
"""Nodes in one call. The gate refuses loops without input; this bounds a caller who walks in circles."""

T = TypeVar("T")
Play = Generator[Step, Reply, T]


def run(flow: Flow) -> Play[Outcome]:
    """Play `flow` for one caller. Throw `CallerGone` in when the caller hangs up."""
    return _Run(flow).play()


class _Run:
    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.language: Language = "vi"
        self.values: dict[str, str] = {}
        self.path: list[Visit] = []
        self.pending: list[Phrase] = []
        self.mistakes: dict[str, int] = {}
        self.served = False
        self.not_understood = False

    def play(self) -> Play[Outcome]:
        try:
            ending = yield from self._walk()
        except CallerGone:
            ending = Ended(self.served)
        return Outcome(ending, self.language, tuple(self.path), self.flow.name, self.flow.version)

    def _walk(self) -> Play[Ending]:
        name = self.flow.start
        for _ in range(MAX_NODES):
            node = self.flow.nodes[name]
            if isinstance(node, QueueNode | MessageNode | HangUpNode):
                return (yield from self._end(name, node))
            name = yield from self._pass(name, node)
        self.not_understood = True
        return (yield from self._to_operator_directly())

    def _pass(self, name: str, node: Node) -> Play[str]:
        match node:
            case SayNode():
                self.pending += node.say
                self._visit(name)
                return node.next
            case MenuNode():
                return (yield from self._menu(name, node))
            case DigitsNode():
                return (yield from self._digits(name, node))
            case HoursNode():
                return (yield from self._hours(name, node))
            case LookUpNode():
                return (yield from self._look_up(name, node))
            case ServedNode():
                self.served = True
                yield Served(name)
                return node.next
        raise AssertionError(f"{name}: not a node to pass")

    # --- input ------------------------------------------------------------------------------------------------------

    def _menu(self, name: str, node: MenuNode) -> Play[str]:
        lead, repeats = self._take_pending(), 0
        mistake: list[Phrase] = []
        while repeats <= MAX_REPEATS:
            prompts = self._resolve([*mistake, *lead, *node.say])
            keys = yield from self._ask(Collect(name, prompts, 1, node.timeout_s))
            mistake = []
            if keys.pressed in node.keys:
                return self._go(name, keys.pressed, node.keys[keys.pressed])
            if keys.pressed == "0":
                return self._go(name, "0", self.flow.operator)
            if keys.pressed in ("9", "*"):
                repeats += 1
                if keys.pressed == "9":
                    yield from self._switch_language()
                else:
                    lead = []
                continue
            lead = []
            mistake = self._note_mistake(name, "silence" if keys.pressed in ("", "#") else "wrong_key")
            if self._too_many(name):
                return self._go(name, "", node.on_silence or self._give_up())
        return self._go(name, "", self._give_up())

    def _digits(self, name: str, node: DigitsNode) -> Play[str]:
        lead, repeats = self._take_pending(), 0
        while repeats <= MAX_REPEATS:
            if self._too_many(name):
                return self._go(name, "", self._give_up())
            prompts = self._resolve([*lead, *node.say])
            keys = yield from self._ask(Collect(name, prompts, node.length, node.first_timeout_s, node.next_timeout_s))
            lead = []
            if len(keys.pressed) == node.length and keys.pressed.isdecimal():
                self.values[node.store] = keys.pressed
                return self._go(name, "digits", node.next)
            if keys.pressed == "0":
                return self._go(name, "0", self.flow.operator)
            if keys.pressed == "9" or "*" in keys.pressed:
                repeats += 1
                if keys.pressed == "9":
                    yield from self._switch_language()
            else:
                lead = self._note_mistake(name, "short" if keys.pressed else "silence")
        return self._go(name, "", self._give_up())

    def _ask(self, step: Collect) -> Play[Keys]:
        reply = yield step
        assert isinstance(reply, Keys), reply  # noqa: S101 - a carrier's programming error
        return reply

    def _switch_language(self) -> Play[None]:
        self.language = "en" if self.language == "vi" else "vi"
        yield UseLanguage(self.language)

    def _note_mistake(self, name: str, kind: str) -> list[Phrase]:
        self.mistakes[name] = self.mistakes.get(name, 0) + 1
        return [self.flow.mistakes[kind]]

    def _too_many(self, name: str) -> bool:
        return self.mistakes.get(name, 0) >= MAX_MISTAKES

    def _give_up(self) -> str:
        self.not_understood = True
        return self.flow.operator

    # --- questions --------------------------------------------------------------------------------------------------

    def _hours(self, name: str, node: HoursNode) -> Play[str]:
        reply = yield AskHours(name, node.calendar)
        assert isinstance(reply, Hours), reply  # noqa: S101 - a carrier's programming error
        if reply.opens_at is not None:
            self.values["opens_known"] = "yes"
            self.values["opens_day"] = reply.opens_at.date().isoformat()
            self.values["opens_time"] = reply.opens_at.strftime("%H:%M")
        return self._go(name, "", node.open if reply.open else node.closed)

    def _look_up(self, name: str, node: LookUpNode) -> Play[str]:
        arguments = {argument: self.values.get(value, "") for argument, value in node.arguments.items()}
        reply = yield LookUp(name, node.kind, arguments)
        assert isinstance(reply, Found), reply  # noqa: S101 - a carrier's programming error
        self.values.update(reply.data)
        self.pending += node.say.get(reply.status, ())
        target = node.then[reply.status]
        if isinstance(self.flow.nodes[target], DigitsNode):
            self.mistakes[target] = self.mistakes.get(target, 0) + 1
        return self._go(name, "", target)

    # --- endings ----------------------------------------------------------------------------------------------------

    def _end(self, name: str, node: QueueNode | MessageNode | HangUpNode) -> Play[Ending]:
        self._visit(name)
        self.pending += node.say
        prompts = self._resolve(self._take_pending())
        if isinstance(node, HangUpNode):
            return HangUp(node.outcome, node.reason, prompts)
        if prompts:
            yield Say(name, prompts)
        if isinstance(node, MessageNode):
            return TakeMessage(node.reason)
        reason = "not_understood" if self.not_understood else node.reason
        return Route(node.queue, reason, node.priority)

    def _to_operator_directly(self) -> Play[Ending]:
        node = next(node for node in self.flow.nodes.values() if isinstance(node, QueueNode))
        return (yield from self._end(self.flow.operator, node))

    # --- speech and path --------------------------------------------------------------------------------------------

    def _take_pending(self) -> list[Phrase]:
        taken, self.pending = self.pending, []
        return taken

    def _resolve(self, phrases: Iterable[Phrase]) -> tuple[str, ...]:
        prompts: list[str] = []
        for phrase in phrases:
            if isinstance(phrase, str):
                prompts.append(phrase)
            elif phrase.value in self.values:
                value = self.values[phrase.value]
                if isinstance(phrase, Picked):
                    prompts.append(f"{phrase.prefix}{value}")
                else:
                    prompts += speech.speak(phrase.kind, value, self.language)
        return tuple(prompts)

    def _visit(self, name: str, key: str = "") -> None:
        self.path.append(Visit(name, key))

    def _go(self, name: str, key: str, target: str) -> str:
        self._visit(name, key)
        return target
