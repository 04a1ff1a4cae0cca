"""Numbers, codes, dates and times as lists of prompt ids, in Vietnamese and English. Pure.

Every id is a word of `prompts/words.yaml`: `w_…` Vietnamese, `e_…` English. The Vietnamese rules: unit 1 is *mốt* after
twenty, 4 *tư* after twenty, 5 *lăm* after ten; a zero ten is *linh*; inside a number a group keeps its zero hundreds
(*không trăm*); groups of zeros are not said. Each function raises ValueError for a value outside its range.
"""

from __future__ import annotations

from datetime import date, datetime, time

from callflows.model import SpeechKind
from callflows.steps import Language

LIMIT = 10**12
"""Numbers are spoken below this."""
PAUSE = "pause_short"
"""A short silence, for instance between the groups of a code."""

Words = tuple[str, ...]

_VI = ("khong", "mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin")
_EN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth", "twentieth",
)  # fmt: skip
_VI_SCALES = ("", "w_nghin", "w_trieu", "w_ty")
_EN_SCALES = ("", "e_thousand", "e_million", "e_billion")
_VI_DAYS = ("thu_hai", "thu_ba", "thu_tu", "thu_nam", "thu_sau", "thu_bay", "chu_nhat")
_EN_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EN_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip


def number(value: int, language: Language) -> Words:
    """A whole number, 0 ≤ value < 10¹²."""
    if not 0 <= value < LIMIT:
        raise ValueError(f"only numbers from 0 to {LIMIT - 1} can be spoken, not {value}")
    group = _vi_group if language == "vi" else _en_group
    scales = _VI_SCALES if language == "vi" else _EN_SCALES
    if value == 0:
        return (digit("0", language),)
    spoken: list[str] = []
    for power in (3, 2, 1, 0):
        part = value // 1000**power % 1000
        if part:
            spoken += group(part, inside=bool(spoken) and (power == 0 or language == "vi"))
            spoken += [scales[power]] if power else []
    return tuple(spoken)


def _vi_group(value: int, *, inside: bool) -> list[str]:
    """1 ≤ value < 1000; `inside`: something was said before it, so its zero hundreds are said too."""
    hundreds, tens, unit = value // 100, value // 10 % 10, value % 10
    spoken: list[str] = []
    if hundreds or inside:
        spoken += [f"w_{_VI[hundreds]}", "w_tram"]
    if tens == 0:
        spoken += ["w_linh"] if spoken and unit else []
    elif tens == 1:
        spoken.append("w_muoi")
    else:
        spoken += [f"w_{_VI[tens]}", "w_muoi_tens"]
    if unit:
        spoken.append(_vi_unit(unit, tens))
    return spoken


def _vi_unit(unit: int, tens: int) -> str:
    if unit == 1 and tens >= 2:
        return "w_mot_tone"
    if unit == 4 and tens >= 2:
        return "w_tu"
    if unit == 5 and tens >= 1:
        return "w_lam"
    return f"w_{_VI[unit]}"


def _en_group(value: int, *, inside: bool) -> list[str]:
    hundreds, rest = divmod(value, 100)
    spoken = [f"e_{_EN[hundreds]}", "e_hundred"] if hundreds else []
    if rest and (hundreds or inside):
        spoken.append("e_and")
    return spoken + (_en_small(rest) if rest else [])


def _en_small(value: int) -> list[str]:
    """0 ≤ value < 100."""
    if value < len(_EN):
        return [f"e_{_EN[value]}"]
    tens, unit = divmod(value, 10)
    return [f"e_{_EN_TENS[tens]}"] + ([f"e_{_EN[unit]}"] if unit else [])


def digit(value: str, language: Language) -> str:
    """One digit 0…9."""
    if len(value) != 1 or value not in "0123456789":
        raise ValueError(f"{value!r} is no digit")
    return f"w_{_VI[int(value)]}" if language == "vi" else f"e_{_EN[int(value)]}"


def digits(value: str, language: Language) -> Words:
    """Digit by digit, as codes and telephone numbers are read."""
    return tuple(digit(each, language) for each in value)


def ticket_code(value: str, language: Language) -> Words:
    """Nine digits in the groups in which the code is shown: 26 · 481093 · 5."""
    if len(value) != 9:
        raise ValueError(f"a ticket code has nine digits, not {len(value)}")
    groups = (value[:2], value[2:8], value[8:])
    return tuple(word for group in groups for word in (*digits(group, language), PAUSE))[:-1]


def day(value: date, language: Language) -> Words:
    """Weekday, day and month: thứ ba, ngày hai mươi bốn tháng mười một; Tuesday, November the twenty-fourth."""
    if language == "vi":
        early = ("w_mung",) if value.day <= 10 else ()
        month = ("w_tu",) if value.month == 4 else number(value.month, "vi")
        weekday = f"w_{_VI_DAYS[value.weekday()]}"
        return (weekday, "w_ngay", *early, *number(value.day, "vi"), "w_thang", *month)
    ordinal = [_ordinal(value.day)] if value.day <= 20 or value.day == 30 else _late_ordinal(value.day)
    return (f"e_{_EN_DAYS[value.weekday()]}", f"e_{_EN_MONTHS[value.month - 1]}", "e_the", *ordinal)


def _ordinal(value: int) -> str:
    return "e_thirtieth" if value == 30 else f"e_{_ORDINALS[value]}"


def _late_ordinal(value: int) -> list[str]:
    return [f"e_{_EN_TENS[value // 10]}", _ordinal(value % 10)]


def full_date(value: date, language: Language) -> Words:
    """`day` and the year."""
    year = number(value.year, language)
    return day(value, language) + (("w_nam", *year) if language == "vi" else year)


def clock(value: time, language: Language) -> Words:
    """Hours and minutes: bảy giờ ba mươi phút (of 24 hours); seven thirty a.m. Seconds are not said."""
    if language == "vi":
        minutes = (*number(value.minute, "vi"), "w_phut") if value.minute else ()
        return (*number(value.hour, "vi"), "w_gio", *minutes)
    if value.minute == 0 and value.hour in (0, 12):
        return ("e_midnight",) if value.hour == 0 else ("e_noon",)
    spoken = list(number((value.hour - 1) % 12 + 1, "en"))
    if value.minute:
        spoken += ["e_oh"] if value.minute < 10 else []
        spoken += number(value.minute, "en")
    return (*spoken, "e_am" if value.hour < 12 else "e_pm")


def moment(value: datetime, language: Language) -> Words:
    """Time of day, then day and month, as the value's own zone has them."""
    return (*clock(value.timetz(), language), PAUSE, *day(value.date(), language))


def duration(seconds: int, language: Language) -> Words:
    """Hours, minutes and seconds, the empty ones left out: hai phút ba mươi giây; two minutes thirty seconds."""
    hours, rest = divmod(seconds, 3600)
    parts = [(hours, "w_gio", "hour"), (rest // 60, "w_phut", "minute"), (rest % 60, "w_giay", "second")]
    spoken: list[str] = []
    for amount, vi, en in parts:
        if amount or (vi == "w_giay" and not spoken):
            unit = vi if language == "vi" else f"e_{en}" if amount == 1 else f"e_{en}s"
            spoken += [*number(amount, language), unit]
    return tuple(spoken)


def speak(kind: SpeechKind, value: str | datetime, language: Language) -> Words:
    """What a flow may have spoken. Raises ValueError when the value is not of that kind."""
    if kind in ("moment", "day", "time"):
        if not isinstance(value, datetime):
            raise ValueError(f"{value!r} is no moment")
        return _of_moment(kind, value, language)
    text = str(value)
    if not text.isascii() or not text.isdecimal():
        raise ValueError(f"{text!r} is not digits")
    match kind:
        case "number":
            return number(int(text), language)
        case "duration":
            return duration(int(text), language)
        case "ticket_code":
            return ticket_code(text, language)
        case _:
            return digits(text, language)


def _of_moment(kind: SpeechKind, value: datetime, language: Language) -> Words:
    if kind == "moment":
        return moment(value, language)
    return day(value.date(), language) if kind == "day" else clock(value.timetz(), language)


def vocabulary(language: Language) -> frozenset[str]:
    """Every prompt id that the functions above can return in a language."""
    words = {PAUSE}
    for value in (*range(1000), *(10**power + 1000 for power in (6, 9))):
        words.update(number(value, language))
    for ordinal in range(1, 367):
        words.update(day(date.fromordinal(date(2023, 12, 31).toordinal() + ordinal), language))
    words.update(full_date(date(2024, 1, 1), language))
    for hour in range(24):
        words.update(clock(time(hour), language) + clock(time(hour, 5), language))
    for seconds in (0, 1, 60, 120, 3600, 7200):
        words.update(duration(seconds, language))
    return frozenset(words)
