"""Numbers, codes, days and times as lists of word prompts, in Vietnamese and English.

Asterisk's own Vietnamese numbers err (1.000.005, hour 21) and no library was found that is right, so this is ours.
Rules for Vietnamese: *mốt*, *tư*, *lăm* after tens; *linh* for empty tens; *không trăm* inside a number; groups of
three named nghìn, triệu, tỷ. Prompt ids are `w_` and the word without accents, a digit telling homographs apart.
"""

from __future__ import annotations

from datetime import date, time

from callflows.model import SpeechKind
from callflows.steps import Language

LIMIT = 10**12
"""Numbers from 0 up to, but not including, this can be said."""

Prompts = tuple[str, ...]

_VI_DIGITS = ("khong", "mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin")
_VI_SCALES = ("", "nghin", "trieu", "ty")
_EN_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_EN_SCALES = ("", "thousand", "million", "billion")
_EN_ORDINALS = [
    "_",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
_PAUSE = "pause"


def speak(kind: SpeechKind, value: str, language: Language) -> Prompts:
    """Prompt ids for a value kept as text. Raises ValueError when the value is not of that kind."""
    match kind:
        case "number":
            return number(int(value), language)
        case "digits":
            return digits(value, language)
        case "ticket_code":
            return ticket_code(value, language)
        case "day":
            return day(date.fromisoformat(value), language)
        case "time":
            return clock(time.fromisoformat(value), language)


def number(value: int, language: Language) -> Prompts:
    """0 ≤ value < 10¹², as a cardinal number."""
    if not 0 <= value < LIMIT:
        raise ValueError(f"{value} cannot be said: it is not from 0 to {LIMIT - 1}")
    words = _vietnamese(value) if language == "vi" else _english(value)
    return tuple(f"w_{word}" for word in words)


def digits(value: str, language: Language) -> Prompts:
    """Digit by digit, as codes and telephone numbers are read."""
    if not value.isascii() or not value.isdecimal():
        raise ValueError(f"{value!r} is not digits")
    names = _VI_DIGITS if language == "vi" else _EN_SMALL
    return tuple(f"w_{names[int(digit)]}" for digit in value)


def ticket_code(value: str, language: Language) -> Prompts:
    """Nine digits in the groups in which a code is shown: two, six (as three and three), one."""
    if len(value) != 9:
        raise ValueError(f"{value!r} is not a ticket code of nine digits")
    parts = [digits(part, language) for part in (value[:2], value[2:5], value[5:8], value[8])]
    return (*parts[0], _PAUSE, *parts[1], _PAUSE, *parts[2], _PAUSE, *parts[3])


def day(value: date, language: Language) -> Prompts:
    """Weekday, day and month: "thứ hai, ngày mười sáu tháng hai", "Monday, February the sixteenth"."""
    weekday = f"w_weekday_{value.isoweekday()}"
    if language == "vi":
        return (weekday, "w_ngay", *number(value.day, "vi"), "w_thang", *_vi_month(value.month))
    return (weekday, f"w_month_{value.month}", "w_the", *(f"w_{word}" for word in _english_ordinal(value.day)))


def clock(value: time, language: Language) -> Prompts:
    """Twenty-four hours: "bảy giờ ba mươi", "seven thirty"."""
    if language == "vi":
        minutes = number(value.minute, "vi") if value.minute else ()
        return (*number(value.hour, "vi"), "w_gio", *minutes)
    if not value.minute:
        return (*number(value.hour, "en"), "w_hundred_hours")
    leading = ("w_oh",) if value.minute < 10 else ()
    return (*number(value.hour, "en"), *leading, *number(value.minute, "en"))


def _vi_month(month: int) -> Prompts:
    return ("w_tu",) if month == 4 else number(month, "vi")


def _vietnamese(value: int) -> list[str]:
    if value == 0:
        return ["khong"]
    groups = _groups(value)
    words: list[str] = []
    for scale in range(len(groups) - 1, -1, -1):
        if groups[scale]:
            words += _vi_group(groups[scale], leading=not words)
            if scale:
                words.append(_VI_SCALES[scale])
    return words


def _vi_group(group: int, *, leading: bool) -> list[str]:
    hundreds, tens, unit = group // 100, group // 10 % 10, group % 10
    words: list[str] = [] if leading and not hundreds else [_VI_DIGITS[hundreds], "tram"]
    if tens == 0:
        if unit:
            words += (["linh"] if words else []) + [_VI_DIGITS[unit]]
        return words
    words += ["muoi"] if tens == 1 else [_VI_DIGITS[tens], "muoi2"]
    return words + _vi_unit(unit, tens)


def _vi_unit(unit: int, tens: int) -> list[str]:
    if unit == 0:
        return []
    if unit == 5:
        return ["lam"]
    if tens >= 2 and unit in (1, 4):
        return ["mot2" if unit == 1 else "tu"]
    return [_VI_DIGITS[unit]]


def _english(value: int) -> list[str]:
    if value == 0:
        return ["zero"]
    groups = _groups(value)
    words: list[str] = []
    for scale in range(len(groups) - 1, -1, -1):
        group = groups[scale]
        if not group:
            continue
        if group >= 100:
            words += [_EN_SMALL[group // 100], "hundred"]
        if group % 100:
            words += (["and"] if words and (group >= 100 or scale == 0) else []) + _en_below_hundred(group % 100)
        if scale:
            words.append(_EN_SCALES[scale])
    return words


def _en_below_hundred(value: int) -> list[str]:
    if value < 20:
        return [_EN_SMALL[value]]
    return [_EN_TENS[value // 10]] + ([_EN_SMALL[value % 10]] if value % 10 else [])


def _english_ordinal(value: int) -> list[str]:
    if value <= 20:
        return [_EN_ORDINALS[value]]
    if value == 30:
        return ["thirtieth"]
    return [_EN_TENS[value // 10], _EN_ORDINALS[value % 10]]


def _groups(value: int) -> list[int]:
    """Groups of three digits, the lowest first."""
    groups = []
    while value:
        value, group = divmod(value, 1000)
        groups.append(group)
    return groups
