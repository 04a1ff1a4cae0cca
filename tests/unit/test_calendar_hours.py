"""Opening hours: patterns, holidays, swapped days and the next opening."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.calendar import WORKED_INSTEAD, Calendar, CalendarError, Opening, days_off

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = "mon-fri 07:30-11:30,13:30-17:00; sat 07:30-11:30"

TET_AND_KINGS = [
    (date(2021, 2, 12), date(2021, 4, 21)),
    (date(2022, 2, 1), date(2022, 4, 10)),
    (date(2023, 1, 22), date(2023, 4, 29)),
    (date(2024, 2, 10), date(2024, 4, 18)),
    (date(2025, 1, 29), date(2025, 4, 7)),
    (date(2026, 2, 17), date(2026, 4, 26)),
    (date(2027, 2, 6), date(2027, 4, 16)),
    (date(2028, 1, 26), date(2028, 4, 4)),
    (date(2029, 2, 13), date(2029, 4, 23)),
    (date(2030, 2, 2), date(2030, 4, 12)),
]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(("tet", "kings"), TET_AND_KINGS)
def test_tet_and_the_hung_kings_are_days_off(tet: date, kings: date) -> None:
    off = days_off(tet.year)
    assert {tet + timedelta(days=ahead) for ahead in range(-1, 4)} <= off, "Tết eve and the first days of the year"
    assert kings in off
    assert {date(tet.year, 1, 1), date(tet.year, 4, 30), date(tet.year, 5, 1), date(tet.year, 9, 2)} <= off
    assert date(tet.year, 9, 1) in off or date(tet.year, 9, 3) in off


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T07:29", Opening(False, local("2026-11-23T07:30"))),
        ("2026-11-23T07:30", Opening(True)),
        ("2026-11-23T11:29", Opening(True)),
        ("2026-11-23T11:30", Opening(False, local("2026-11-23T13:30"))),
        ("2026-11-23T17:00", Opening(False, local("2026-11-25T07:30"))),  # 24/11 is a holiday since 2026
        ("2026-11-28T11:00", Opening(True)),  # Saturday morning
        ("2026-11-28T12:00", Opening(False, local("2026-11-30T07:30"))),  # over Sunday
        ("2026-02-17T09:00", Opening(False, local("2026-02-21T07:30"))),  # Tết: till the Saturday after
        ("2030-02-02T09:00", Opening(False, local("2030-02-07T07:30"))),
        ("2024-04-29T09:00", Opening(False, local("2024-05-02T07:30"))),  # swapped day off
        ("2024-05-04T15:00", Opening(True)),  # a Saturday worked with a Monday's hours
        ("2026-12-31T18:00", Opening(False, local("2027-01-02T07:30"))),
    ],
)
def test_office_hours(now: str, expected: Opening) -> None:
    assert Calendar.parse(OFFICE, ZONE).at(local(now)) == expected


def test_the_moment_may_come_in_any_zone() -> None:
    calendar = Calendar.parse(OFFICE, ZONE)
    assert calendar.at(datetime(2026, 11, 23, 0, 30, tzinfo=UTC)).open
    assert not calendar.at(datetime(2026, 11, 23, 11, 0, tzinfo=UTC)).open
    with pytest.raises(ValueError, match="zone"):
        calendar.at(datetime(2026, 11, 23, 8, 0))


def test_always_and_never() -> None:
    tet = local("2026-02-17T03:00")
    assert Calendar.parse(" Always ", ZONE).at(tet) == Opening(True)
    assert Calendar.parse("never", ZONE).at(tet) == Opening(False, None)


def test_round_the_clock_and_days_that_wrap() -> None:
    calendar = Calendar.parse("sat-mon 00:00-24:00; wed,thu 9:00-10:00", ZONE)
    assert [calendar.at(local(f"2026-08-{day:02}T23:59")).open for day in range(3, 10)] == [
        True,
        False,
        False,
        False,
        False,
        True,
        True,
    ]
    assert calendar.at(local("2026-08-05T09:30")).open


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("", ""),
        ("mon-fri", "mon-fri"),
        ("mon-fir 07:30-11:30", "mon-fir"),
        ("mon 07:30-25:00", "07:30-25:00"),
        ("mon 07:60-08:00", "07:60-08:00"),
        ("mon 11:30-07:30", "11:30-07:30"),
        ("mon 07:30-07:30", "07:30-07:30"),
        ("mon 07:30-11:30,11:00-12:00", "11:00-12:00"),
        ("mon 7h30-11h30", "7h30-11h30"),
        ("mon ٠٧:٣٠-١١:٣٠", "٠٧:٣٠-١١:٣٠"),
        ("mon 07:30-11:30; mon-tue 13:00-14:00", "mon-tue 13:00-14:00"),
        ("mon 07:30-11:30;", ""),
    ],
)
def test_a_wrong_pattern_is_named(pattern: str, part: str) -> None:
    with pytest.raises(CalendarError) as caught:
        Calendar.parse(pattern, ZONE)
    assert caught.value.part == part
    assert repr(part) in str(caught.value)


def test_every_day_worked_instead_stands_for_a_day_off() -> None:
    for worked, off in WORKED_INSTEAD.items():
        assert off in days_off(off.year)
        assert worked.weekday() >= 5


@given(st.datetimes(min_value=datetime(2021, 1, 1), max_value=datetime(2031, 1, 1)))
def test_it_opens_when_it_said_and_not_before(moment: datetime) -> None:
    calendar = Calendar.parse(OFFICE, ZONE)
    now = moment.replace(tzinfo=ZONE)
    opening = calendar.at(now)
    if opening.open:
        return
    assert opening.opens_at is not None
    assert opening.opens_at > now
    assert calendar.at(opening.opens_at).open
    just_before = opening.opens_at - timedelta(minutes=1)
    assert just_before <= now or not calendar.at(just_before).open
