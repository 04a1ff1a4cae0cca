"""What is said, as it is written in a flow: prompt ids and speech made from values. Pure."""

from __future__ import annotations

import re
from typing import cast, get_args

from callflows.document import Part
from callflows.model import Given, Phrase, Picked, SpeechKind, Spoken

_IDENTIFIER = re.compile(r"[a-z0-9_]{1,60}")


def identifier(text: str, part: Part) -> str:
    """`text` if it may name a node, prompt, queue or reason: it ends up in file names and in the dialplan."""
    if not _IDENTIFIER.fullmatch(text):
        raise part.error(f"{text!r} is no name: names are made of a-z, 0-9 and _, at most 60 of them")
    return text


def phrases(part: Part) -> tuple[Phrase, ...]:
    """A list of: `prompt`, `{speak: value, as: kind}`, `{pick: prefix, by: value, among: […], otherwise: prompt}` and
    `{given: value, say: […]}`."""
    return tuple(_phrase(item) for item in part.items())


def _phrase(part: Part) -> Phrase:
    if part.is_text():
        return identifier(part.text(), part)
    entries = part.entries()
    if "speak" in entries:
        fields = part.fields(("speak", "as"))
        kind = cast(SpeechKind, fields["as"].one_of(get_args(SpeechKind)))
        return Spoken(identifier(fields["speak"].text(), part), kind)
    if "pick" in entries:
        fields = part.fields(("pick", "by", "among", "otherwise"))
        among = tuple(identifier(each.text(), each) for each in fields["among"].items())
        pick, by, otherwise = (identifier(fields[name].text(), part) for name in ("pick", "by", "otherwise"))
        return Picked(pick, by, among, otherwise)
    fields = part.fields(("given", "say"))
    return Given(identifier(fields["given"].text(), part), phrases(fields["say"]))
