"""Ranges of bytes, and text as it is taken in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.fields import aware, cursor_after, id_of, offset_kept, shown, tidy
from api.problems import RangeNotSatisfiable
from api.ranges import parse_range
from callcenter.errors import Invalid


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("", None),
        ("bytes=0-", (0, 99)),
        ("bytes=0-0", (0, 0)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-1000", (90, 99)),
        ("bytes=-5", (95, 99)),
        ("bytes=-1000", (0, 99)),
        ("bytes=99-", (99, 99)),
        # ignored: not understood, several, or backwards
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("items=0-5", None),
        ("bytes=a-b", None),
        ("bytes=١-٢", None),
        ("bytes=0-" + "9" * 40, None),
    ],
)
def test_parse_range(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert parse_range(header, 100) == wanted


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=200-300", 100), ("bytes=-0", 100), ("bytes=0-", 0)]
)
def test_ranges_that_are_not_there(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, size)


def test_text_is_composed_and_trimmed() -> None:
    assert tidy("  Tie\u0302\u0301ng Vie\u0323\u0302t\r\n hai ") == "Tiếng Việt\n hai"


@pytest.mark.parametrize("char", ["\0", "\x1b", "\x7f", "\r", "\ud800", "\x85"])
def test_what_is_not_text_is_refused(char: str) -> None:
    with pytest.raises(ValueError, match="not text"):
        tidy(f"a{char}b")


def test_times_without_a_zone_are_vietnams() -> None:
    assert aware(datetime(2026, 11, 24)).astimezone(UTC) == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert shown(datetime(2026, 11, 24, 3, tzinfo=UTC)) == "2026-11-24T10:00:00.000+07:00"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-11-24T00:00:00 07:00", "2026-11-24T00:00:00+07:00"),
        ("2026-11-24T00:00:00.5 0700", "2026-11-24T00:00:00.5+0700"),
        ("2026-11-24 07:00", "2026-11-24 07:00"),
        ("2026-11-24T07:00Z", "2026-11-24T07:00Z"),
    ],
)
def test_a_plus_that_a_query_lost(given: str, kept: str) -> None:
    assert offset_kept(given) == kept


def test_cursors() -> None:
    assert id_of(cursor_after(12345)) == 12345
    assert id_of("") is None
    for wrong in ("x", "aWQ6", "aWQ6LTE=", "é", "aWQ6MQ==\n", cursor_after(10**30)):
        with pytest.raises(Invalid):
            id_of(wrong)
