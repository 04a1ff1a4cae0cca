"""The kinds of values that requests and responses are made of."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from callcenter.errors import Invalid
from callcenter.tickets.service import ZONE

_YEARS = range(1970, 2200)
_BLANK_FOR_PLUS = re.compile(r"(T[0-9:.]+) ([0-9]{2}:?[0-9]{2})$")


def tidy(value: object) -> object:
    """Text in NFC without surrounding blanks. Raises ValueError for control characters but line ends and tabs."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n")
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in text):
        raise ValueError("has a character that is not text")
    return unicodedata.normalize("NFC", text).strip()


def one_line(value: str) -> str:
    if "\n" in value:
        raise ValueError("must be one line")
    return value


def aware(value: datetime) -> datetime:
    """A time without a zone is Vietnam's."""
    if value.year not in _YEARS:
        raise ValueError(f"the year must be from {_YEARS.start} to {_YEARS.stop - 1}")
    return value.replace(tzinfo=ZONE) if value.tzinfo is None else value


def offset_kept(value: object) -> object:
    """In a query a plus that was not escaped has become a blank: `…T00:00:00 07:00`."""
    return _BLANK_FOR_PLUS.sub(r"\1+\2", value) if isinstance(value, str) else value


def shown(value: datetime) -> str:
    return value.astimezone(ZONE).isoformat(timespec="milliseconds")


Text = Annotated[str, BeforeValidator(tidy)]
Line = Annotated[str, BeforeValidator(tidy), AfterValidator(one_line)]
Time = Annotated[
    datetime,
    PlainSerializer(shown, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""As it leaves: ISO 8601 with the offset of Asia/Ho_Chi_Minh."""
Since = Annotated[datetime, BeforeValidator(offset_kept), AfterValidator(aware)]
LinkedId = Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9.-]+$", examples=["hotline-1764000000.12"])]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[Line, Field(max_length=300)]


def cursor_after(id: int) -> str:
    """Where a list that is ordered by `id` goes on."""
    return base64.urlsafe_b64encode(f"id:{id}".encode()).decode()


def id_of(cursor: str) -> int | None:
    """None for the first page. Raises `Invalid`."""
    if not cursor:
        return None
    try:
        name, _, number = base64.b64decode(cursor.encode(), b"-_", validate=True).decode().partition(":")
        if name != "id" or len(number) > 18 or not number.isdecimal():
            raise ValueError(number)
    except (binascii.Error, ValueError) as error:
        raise Invalid("cursor", "this cursor was not given out by this list") from error
    return int(number)
