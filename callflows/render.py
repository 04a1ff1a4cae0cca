"""Phrases → prompt ids, with the values known so far, in the caller's language. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from callflows import speech
from callflows.model import Given, Phrase, Picked, Spoken
from callflows.steps import Language

Values = Mapping[str, str | datetime]


def render(phrases: Iterable[Phrase], values: Values, language: Language) -> tuple[str, ...]:
    """Speech whose value is not known, or is not of its kind, is left out: a caller is never lost to a bad value."""
    prompts: list[str] = []
    for phrase in phrases:
        prompts += _one(phrase, values, language)
    return tuple(prompts)


def _one(phrase: Phrase, values: Values, language: Language) -> tuple[str, ...]:
    if isinstance(phrase, str):
        return (phrase,)
    if phrase.value not in values:
        return ()
    value = values[phrase.value]
    match phrase:
        case Given():
            return render(phrase.say, values, language)
        case Picked():
            return (f"{phrase.prefix}{value}" if value in phrase.among else phrase.otherwise,)
        case Spoken():
            try:
                return speech.speak(phrase.kind, value, language)
            except ValueError:
                return ()
