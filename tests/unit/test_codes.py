"""Ticket codes: every slip of a digit and every swap of neighbours is caught, and what is wrong is said."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.errors import Invalid
from callcenter.tickets import codes

bodies = st.integers(0, 99_999_999).map(lambda number: f"{number:08d}")


def test_the_example_of_the_contract() -> None:
    assert codes.check_digit("572") == "4"
    assert codes.make(2026, lambda _: 481093) == "264810935"
    assert codes.show("264810935") == "26 481093 5"


@given(bodies)
def test_a_slip_of_any_digit_is_caught(body: str) -> None:
    code = body + codes.check_digit(body)
    assert codes.parse(code) == code
    for place in range(codes.LENGTH):
        for digit in "0123456789":
            if digit != code[place]:
                with pytest.raises(Invalid):
                    codes.parse(code[:place] + digit + code[place + 1 :])


@given(bodies)
def test_a_swap_of_neighbours_is_caught(body: str) -> None:
    code = body + codes.check_digit(body)
    for place in range(codes.LENGTH - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(Invalid):
                codes.parse(swapped)


@pytest.mark.parametrize(
    "text",
    ["264810935", "26 481093 5", " 26.481093.5 ", "26-481093-5", "26–481093–5", "２６ ４８１０９３ ５", "٢٦ ٤٨١٠٩٣ ٥"],
)
def test_a_code_is_read_as_people_write_it(text: str) -> None:
    assert codes.parse(text) == "264810935"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "has 0"),
        ("26481093", "has 8"),
        ("2648109355", "has 10"),
        ("26481O935", "digits only"),
        ("26/481093/5", "digits only"),
        ("²⁶⁴⁸¹⁰⁹³⁵", "digits only"),
        ("264810936", "check digit"),
        ("264819035", "check digit"),
        ("9" * 100_000, "nine digits"),
    ],
)
def test_what_is_wrong_is_said(text: str, wrong: str) -> None:
    with pytest.raises(Invalid, match=wrong) as caught:
        codes.parse(text)
    assert caught.value.field == "code"


@given(st.text())
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    try:
        code = codes.parse(text)
    except Invalid:
        return
    assert len(code) == codes.LENGTH and code.isascii()


def test_drawn_codes_belong_to_their_year() -> None:
    code = codes.make(2031, secrets.randbelow)
    assert code.startswith("31") and codes.parse(code) == code
