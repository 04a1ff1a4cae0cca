"""Ticket codes: two digits of the year, six drawn at random, one Damm check digit. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from callcenter.errors import Invalid

# A totally anti-symmetric quasigroup of order 10 (H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004).
_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
LENGTH = 9


def check_digit(digits: str) -> str:
    """Damm's check digit of a string of digits: "572" → "4"."""
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return str(interim)


def make(year: int, draw: Callable[[int], int]) -> str:
    """A new code for a ticket of `year`; `draw(n)` gives a random number from 0 to n-1 (`secrets.randbelow`)."""
    body = f"{year % 100:02d}{draw(1_000_000):06d}"
    return body + check_digit(body)


def parse(text: str) -> str:
    """The nine digits of a code as somebody typed it, with blanks, dots or hyphens. Raises `Invalid`."""
    digits = "".join(
        str(unicodedata.decimal(char, char)) for char in text if not char.isspace() and char not in ".-‐–·"
    )
    if digits and not (digits.isascii() and digits.isdecimal()):
        raise Invalid("code", "a ticket's code has digits only")
    if len(digits) != LENGTH:
        raise Invalid("code", f"a ticket's code has nine digits, this has {len(digits)}")
    if check_digit(digits) != "0":
        raise Invalid("code", "the check digit is wrong: one digit was mistaken or two were swapped")
    return digits


def show(code: str) -> str:
    """`264810935` → `26 481093 5`."""
    return f"{code[:2]} {code[2:8]} {code[8:]}"
