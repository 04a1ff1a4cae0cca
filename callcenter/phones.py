"""Telephone numbers: E.164 inside, national form for people, masked for those who need not know. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import phonenumbers

Kind = Literal["mobile", "landline", "foreign", "short", "anonymous", "invalid"]

# The mobile prefixes that changed in September–November 2018, the last seven digits being kept (Bộ TT&TT's plan).
_OLD_PREFIXES = {
    **{"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"},
    **{"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"},
    **{"162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39"},
    **{"186": "56", "188": "58", "199": "59"},
}
_SHORT = frozenset({"111", "112", "113", "114", "115", "1022"})
_ANONYMOUS = frozenset({"", "anonymous", "unknown", "private", "restricted", "unavailable", "asterisk"})
_PLAUSIBLE = re.compile(r"\+?[0-9]{3,20}")


@dataclass(frozen=True, slots=True)
class Number:
    """`e164` is "" unless the number can be called back; `raw` is what came, without control characters."""

    e164: str
    kind: Kind
    raw: str


def clean(raw: str, limit: int = 200) -> str:
    """NFC, no control or format characters, at most `limit` characters: fit to be stored and shown."""
    if raw.isascii() and raw.isprintable():
        return raw[:limit].strip()
    kept = "".join(char for char in raw if unicodedata.category(char)[0] != "C")
    return unicodedata.normalize("NFC", kept)[:limit].strip()


def normalise(raw: str) -> Number:
    """What a carrier or a person gave, as a `Number`. Never raises."""
    shown = clean(raw)
    text = "".join(str(unicodedata.decimal(char, char)) for char in shown)
    text = re.sub(r"[\s().\-\u2010-\u2015]", "", text.replace("＋", "+"))
    if text.lower() in _ANONYMOUS:
        return Number("", "anonymous", shown)
    if text in _SHORT:
        return Number("", "short", shown)
    if not _PLAUSIBLE.fullmatch(text):
        return Number("", "invalid", shown)
    return _parse(_international(text), shown)


def _international(text: str) -> str:
    if text.startswith("00"):
        text = "+" + text[2:]
    elif text.startswith("84") and len(text) >= 11:
        text = "+" + text
    elif text.startswith("0"):
        text = "+84" + text[1:]
    if text.startswith("+840"):
        text = "+84" + text[4:]
    if text.startswith("+841") and len(text) == 13 and text[3:6] in _OLD_PREFIXES:
        text = "+84" + _OLD_PREFIXES[text[3:6]] + text[6:]
    return text


def _parse(text: str, shown: str) -> Number:
    try:
        parsed = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException:
        return Number("", "invalid", shown)
    if not phonenumbers.is_valid_number(parsed):
        return Number("", "invalid", shown)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if parsed.country_code != 84:
        return Number(e164, "foreign", shown)
    mobile = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
    return Number(e164, "mobile" if mobile else "landline", shown)


def mask(e164: str) -> str:
    """`+84905123456` → `+84905•••456`; "" stays ""."""
    return f"{e164[:-6]}•••{e164[-3:]}" if len(e164) > 8 else "•" * len(e164)


def show(e164: str) -> str:
    """As Vietnamese people write it: `0905 123 456`; foreign numbers in international form; "" stays ""."""
    if not e164:
        return ""
    if e164.startswith("+84") and len(e164) == 12:
        national = "0" + e164[3:]
        return f"{national[:4]} {national[4:7]} {national[7:]}"
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    kind = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, kind.NATIONAL if parsed.country_code == 84 else kind.INTERNATIONAL)
