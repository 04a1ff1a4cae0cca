"""Opening hours: weekly patterns, public holidays, swapped working days. Pure: the moment is an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT_MINUTES = 24 * 60
_HORIZON_DAYS = 60
"""How far ahead the next opening is sought: longer than any run of holidays."""

WORKED_INSTEAD: Mapping[date, date] = MappingProxyType(
    {
        date(2024, 5, 4): date(2024, 4, 29),
        date(2025, 4, 26): date(2025, 5, 2),
        date(2026, 8, 22): date(2026, 8, 31),
    }
)
"""Days off that were made up for: day worked → day off. Decreed anew each year, so this is data; the day worked
keeps the hours of the weekday that it stands in for."""


class CalendarError(ValueError):
    """A pattern of hours that cannot be understood; `part` is the piece at fault."""

    code = "bad_hours"

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"hours: {part!r}: {why}")
        self.part = part


@dataclass(frozen=True, slots=True)
class Opening:
    """`opens_at` is the next opening (in the calendar's zone) while closed; None while open or if there is none."""

    open: bool
    opens_at: datetime | None = None


Span = tuple[int, int]
"""Minutes of the day, the end not included."""


@lru_cache(maxsize=64)
def days_off(year: int) -> frozenset[date]:
    """The public holidays of Vietnam in a year (Labour Code art. 112), compensatory and swapped days included."""
    return frozenset(day for day in holidays.country_holidays("VN", years=year) if day.year == year)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When operators answer. `week` has the spans of Monday…Sunday; a calendar that is always open has no week."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    always: bool = False

    @classmethod
    def parse(cls, pattern: str, zone: ZoneInfo) -> Calendar:
        """`always`, `never`, or a week such as `mon-fri 07:30-11:30,13:30-17:00; sat 07:30-11:30`.

        A week is closed on public holidays. Raises `CalendarError` naming the part that is wrong.
        """
        text = pattern.strip().lower()
        if text == "always":
            return cls(zone, (), always=True)
        if text == "never":
            return cls(zone, ((),) * 7)
        return cls(zone, _parse_week(text))

    def at(self, now: datetime) -> Opening:
        """Open at this moment? `now` must carry its zone (ValueError otherwise)."""
        if now.tzinfo is None:
            raise ValueError("a time without a zone")
        if self.always:
            return Opening(True)
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        if any(start <= minute < end for start, end in self._spans(today)):
            return Opening(True)
        return Opening(False, self._next_opening(today, minute))

    def _spans(self, day: date) -> tuple[Span, ...]:
        replaced = WORKED_INSTEAD.get(day)
        if replaced is not None:
            return self.week[replaced.weekday()]
        return () if day in days_off(day.year) else self.week[day.weekday()]

    def _next_opening(self, today: date, minute: int) -> datetime | None:
        if not any(self.week):
            return None
        for ahead in range(_HORIZON_DAYS):
            day = today + timedelta(days=ahead)
            for start, _ in self._spans(day):
                if ahead or start > minute:
                    return datetime.combine(day, time(start // 60, start % 60), self.zone)
        return None


def _parse_week(text: str) -> tuple[tuple[Span, ...], ...]:
    week: list[tuple[Span, ...]] = [()] * 7
    for part in (piece.strip() for piece in text.split(";")):
        words = part.split(None, 1)
        if len(words) != 2:
            raise CalendarError(part, "write days, a blank and hours, such as `mon-fri 07:30-11:30,13:30-17:00`")
        spans = _parse_spans(words[1])
        for day in _parse_days(words[0]):
            if week[day]:
                raise CalendarError(part, f"{DAYS[day]} has hours already")
            week[day] = spans
    return tuple(week)


def _parse_days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        for name in (first, last) if dash else (first,):
            if name not in DAYS:
                raise CalendarError(part, f"{name!r} is no day; the days are {' '.join(DAYS)}")
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 if dash else 0
        days.extend((start + ahead) % 7 for ahead in range(length + 1))
    return days


def _parse_spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for part in (piece.strip() for piece in text.split(",")):
        match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})", part)
        if match is None:
            raise CalendarError(part, "write hours as 07:30-11:30")
        start, end = (_minutes(part, match[hour], match[hour + 1]) for hour in (1, 3))
        if end <= start:
            raise CalendarError(part, "ends before it starts; split a night at midnight: 22:00-24:00 and 00:00-06:00")
        if any(start < other_end and other_start < end for other_start, other_end in spans):
            raise CalendarError(part, "overlaps other hours of the same day")
        spans.append((start, end))
    return tuple(sorted(spans))


def _minutes(part: str, hour: str, minute: str) -> int:
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > _MIDNIGHT_MINUTES:
        raise CalendarError(part, f"{hour}:{minute} is no time of day")
    return value
