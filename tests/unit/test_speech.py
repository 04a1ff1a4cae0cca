"""Numbers and codes are said as Vietnamese and English say them."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callflows import speech

VI = [
    (0, "khong"),
    (11, "muoi mot"),
    (21, "hai muoi2 mot2"),
    (101, "mot tram linh mot"),
    (14, "muoi bon"),
    (24, "hai muoi2 tu"),
    (104, "mot tram linh bon"),
    (5, "nam"),
    (15, "muoi lam"),
    (25, "hai muoi2 lam"),
    (105, "mot tram linh nam"),
    (1_005, "mot nghin khong tram linh nam"),
    (1_000_005, "mot trieu khong tram linh nam"),
    (500_209_037, "nam tram trieu hai tram linh chin nghin khong tram ba muoi2 bay"),
    (10**9, "mot ty"),
    (20, "hai muoi2"),
]
EN = [(0, "zero"), (21, "twenty one"), (105, "one hundred and five"), (1_000_005, "one million and five")]


@pytest.mark.parametrize(("value", "words"), VI)
def test_vietnamese(value: int, words: str) -> None:
    assert speech.number(value, "vi") == tuple(f"w_{word}" for word in words.split())


@pytest.mark.parametrize(("value", "words"), EN)
def test_english(value: int, words: str) -> None:
    assert speech.number(value, "en") == tuple(f"w_{word}" for word in words.split())


NUMBERS = st.integers(0, speech.LIMIT - 1)


@given(NUMBERS, NUMBERS)
def test_no_two_numbers_sound_alike(one: int, other: int) -> None:
    for language in ("vi", "en"):
        alike = speech.number(one, language) == speech.number(other, language)
        assert alike == (one == other)


@given(st.integers(0, 5000))
def test_small_numbers_neither(value: int) -> None:
    for language in ("vi", "en"):
        assert speech.number(value, language) != speech.number(value + 1, language)


@pytest.mark.parametrize("value", [-1, speech.LIMIT])
def test_what_cannot_be_said(value: int) -> None:
    with pytest.raises(ValueError, match="cannot be said"):
        speech.number(value, "vi")


def test_code_in_groups() -> None:
    said = speech.ticket_code("264810935", "vi")
    assert said == (
        *("w_hai", "w_sau", "pause", "w_bon", "w_tam", "w_mot", "pause"),
        *("w_khong", "w_chin", "w_ba", "pause", "w_nam"),
    )


@pytest.mark.parametrize("code", ["", "12345678", "12345678a", "１２３４５６７８９"])
def test_bad_code(code: str) -> None:
    with pytest.raises(ValueError, match="not"):
        speech.ticket_code(code, "vi")


def test_opening_day_and_time() -> None:
    assert speech.day(date(2026, 11, 16), "vi") == (
        "w_weekday_1",
        "w_ngay",
        "w_muoi",
        "w_sau",
        "w_thang",
        "w_muoi",
        "w_mot",
    )
    assert speech.day(date(2026, 4, 5), "vi")[-1] == "w_tu"
    assert speech.day(date(2026, 2, 16), "en") == ("w_weekday_1", "w_month_2", "w_the", "w_sixteenth")
    assert speech.clock(time(7, 30), "vi") == ("w_bay", "w_gio", "w_ba", "w_muoi2")
    assert speech.clock(time(21, 0), "vi") == ("w_hai", "w_muoi2", "w_mot2", "w_gio")
    assert speech.clock(time(8, 5), "en") == ("w_eight", "w_oh", "w_five")
