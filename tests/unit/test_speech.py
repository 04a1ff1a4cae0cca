"""Spoken numbers, codes, dates and times, checked word by word against how people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callflows import speech
from callflows.loader import load_prompts
from callflows.steps import Language

PROMPTS = load_prompts(Path(__file__).parents[2] / "callflows" / "prompts")


def said(ids: tuple[str, ...], language: Language) -> str:
    return " ".join("·" if word == speech.PAUSE else PROMPTS.text(word, language) for word in ids)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "không"),
        (1, "một"),
        (4, "bốn"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (25, "hai mươi lăm"),
        (55, "năm mươi lăm"),
        (91, "chín mươi mốt"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (104, "một trăm linh bốn"),
        (105, "một trăm linh năm"),
        (110, "một trăm mười"),
        (115, "một trăm mười lăm"),
        (121, "một trăm hai mươi mốt"),
        (1000, "một nghìn"),
        (1005, "một nghìn không trăm linh năm"),
        (1015, "một nghìn không trăm mười lăm"),
        (1024, "một nghìn không trăm hai mươi tư"),
        (10_000, "mười nghìn"),
        (21_000, "hai mươi mốt nghìn"),
        (1_000_000, "một triệu"),
        (1_000_005, "một triệu không trăm linh năm"),
        (1_005_000, "một triệu không trăm linh năm nghìn"),
        (500_209_037, "năm trăm triệu hai trăm linh chín nghìn không trăm ba mươi bảy"),
        (10**9, "một tỷ"),
        (2_000_000_021, "hai tỷ không trăm hai mươi mốt"),
        (
            999_999_999_999,
            "chín trăm chín mươi chín tỷ chín trăm chín mươi chín triệu"
            " chín trăm chín mươi chín nghìn chín trăm chín mươi chín",
        ),
    ],
)
def test_vietnamese_numbers(value: int, words: str) -> None:
    assert said(speech.number(value, "vi"), "vi") == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (21, "twenty one"),
        (40, "forty"),
        (100, "one hundred"),
        (105, "one hundred and five"),
        (1005, "one thousand and five"),
        (1_000_000, "one million"),
        (500_209_037, "five hundred million two hundred and nine thousand and thirty seven"),
        (10**9, "one billion"),
    ],
)
def test_english_numbers(value: int, words: str) -> None:
    assert said(speech.number(value, "en"), "en") == words


@pytest.mark.parametrize("value", [-1, 10**12])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_numbers_out_of_range(value: int, language: Language) -> None:
    with pytest.raises(ValueError, match="can be spoken"):
        speech.number(value, language)


NUMBERS = st.one_of(
    st.integers(0, 2000),
    st.integers(0, speech.LIMIT - 1),
    st.builds(
        lambda groups: sum(group * 1000**power for power, group in enumerate(groups)),
        st.lists(st.sampled_from([0, 1, 4, 5, 10, 11, 14, 20, 21, 24, 100, 101, 104, 110, 121]), max_size=4),
    ),
)


@pytest.mark.parametrize("language", ["vi", "en"])
@given(first=NUMBERS, second=NUMBERS)
def test_two_numbers_never_sound_alike(language: Language, first: int, second: int) -> None:
    same = said(speech.number(first, language), language) == said(speech.number(second, language), language)
    assert same == (first == second)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_two_small_numbers_sound_alike(language: Language) -> None:
    assert len({said(speech.number(value, language), language) for value in range(100_000)}) == 100_000


def test_codes_are_read_digit_by_digit() -> None:
    code = "264810935"
    assert said(speech.ticket_code(code, "vi"), "vi") == "hai sáu · bốn tám một không chín ba · năm"
    assert said(speech.ticket_code(code, "en"), "en") == "two six · four eight one zero nine three · five"
    assert said(speech.digits("0235", "vi"), "vi") == "không hai ba năm"


@pytest.mark.parametrize("value", ["26481093", "2648109355", "26481093a", "26481093٥"])
def test_what_is_no_code(value: str) -> None:
    with pytest.raises(ValueError, match="digit"):
        speech.ticket_code(value, "vi")


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (
            date(2026, 11, 24),
            "thứ ba ngày hai mươi bốn tháng mười một".replace("mươi bốn", "mươi tư"),
            "Tuesday November the twenty fourth",
        ),
        (date(2026, 4, 5), "chủ nhật ngày mùng năm tháng tư", "Sunday April the fifth"),
        (date(2026, 5, 11), "thứ hai ngày mười một tháng năm", "Monday May the eleventh"),
        (date(2026, 9, 30), "thứ tư ngày ba mươi tháng chín", "Wednesday September the thirtieth"),
        (date(2026, 1, 31), "thứ bảy ngày ba mươi mốt tháng một", "Saturday January the thirty first"),
        (date(2026, 12, 10), "thứ năm ngày mùng mười tháng mười hai", "Thursday December the tenth"),
    ],
)
def test_dates(value: date, vi: str, en: str) -> None:
    assert said(speech.day(value, "vi"), "vi") == vi
    assert said(speech.day(value, "en"), "en") == en


def test_a_date_with_its_year() -> None:
    value = date(2026, 9, 2)
    assert said(speech.full_date(value, "vi"), "vi").endswith("năm hai nghìn không trăm hai mươi sáu")
    assert said(speech.full_date(value, "en"), "en").endswith("the second two thousand and twenty six")


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (time(7, 30), "bảy giờ ba mươi phút", "seven thirty a.m."),
        (time(0, 0), "không giờ", "midnight"),
        (time(0, 5), "không giờ năm phút", "twelve oh five a.m."),
        (time(12, 0), "mười hai giờ", "noon"),
        (time(13, 0), "mười ba giờ", "one p.m."),
        (time(21, 21), "hai mươi mốt giờ hai mươi mốt phút", "nine twenty one p.m."),
    ],
)
def test_times(value: time, vi: str, en: str) -> None:
    assert said(speech.clock(value, "vi"), "vi") == vi
    assert said(speech.clock(value, "en"), "en") == en


@pytest.mark.parametrize(
    ("seconds", "vi", "en"),
    [
        (0, "không giây", "zero seconds"),
        (61, "một phút một giây", "one minute one second"),
        (150, "hai phút ba mươi giây", "two minutes thirty seconds"),
        (7200, "hai giờ", "two hours"),
    ],
)
def test_durations(seconds: int, vi: str, en: str) -> None:
    assert said(speech.duration(seconds, "vi"), "vi") == vi
    assert said(speech.duration(seconds, "en"), "en") == en


def test_a_moment_keeps_its_own_zone() -> None:
    value = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    assert said(speech.moment(value, "vi"), "vi") == ("bảy giờ ba mươi phút · thứ tư ngày hai mươi lăm tháng mười một")


@pytest.mark.parametrize("language", ["vi", "en"])
@given(value=st.integers(0, speech.LIMIT - 1), at=st.datetimes(timezones=st.just(UTC)), seconds=st.integers(0, 10**6))
def test_every_spoken_word_is_in_the_vocabulary(language: Language, value: int, at: datetime, seconds: int) -> None:
    words = speech.number(value, language) + speech.moment(at, language) + speech.full_date(at, language)
    assert set(words + speech.duration(seconds, language)) <= speech.vocabulary(language)
    assert all(PROMPTS.has(word, language) for word in speech.vocabulary(language))
