"""Telephone numbers: whatever a carrier or a person writes becomes E.164, or is said to be something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter import phones
from callcenter.phones import mask, normalise, show


@pytest.mark.parametrize(
    ("raw", "e164", "kind"),
    [
        ("0905123456", "+84905123456", "mobile"),
        ("+84905123456", "+84905123456", "mobile"),
        ("0084905123456", "+84905123456", "mobile"),
        ("84905123456", "+84905123456", "mobile"),
        ("+840905123456", "+84905123456", "mobile"),
        ("0905 123 456", "+84905123456", "mobile"),
        ("(0905) 123-456", "+84905123456", "mobile"),
        ("0905.123.456", "+84905123456", "mobile"),
        ("0905–123–456", "+84905123456", "mobile"),
        ("０９０５１２３４５６", "+84905123456", "mobile"),
        ("＋８４９０５１２３４５６", "+84905123456", "mobile"),
        ("٠٩٠٥١٢٣٤٥٦", "+84905123456", "mobile"),
        ("\u202a0905123456\u202c", "+84905123456", "mobile"),
        ("02353852736", "+842353852736", "landline"),
        ("842353852736", "+842353852736", "landline"),
        ("+14155552671", "+14155552671", "foreign"),
        ("0014155552671", "+14155552671", "foreign"),
        ("113", "", "short"),
        ("1022", "", "short"),
        ("", "", "anonymous"),
        ("  ", "", "anonymous"),
        ("Anonymous", "", "anonymous"),
        ("unknown", "", "anonymous"),
        ("12345", "", "invalid"),
        ("090512345678901234567890", "", "invalid"),
        ("+999123456789", "", "invalid"),
        ("0905123456x", "", "invalid"),
        ("sip:0905123456@evil", "", "invalid"),
        ("0905123456; DROP TABLE calls", "", "invalid"),
        ("${SHELL(id)}", "", "invalid"),
        ("²³⁴", "", "invalid"),
    ],
)
def test_what_a_number_is(raw: str, e164: str, kind: str) -> None:
    number = normalise(raw)
    assert (number.e164, number.kind) == (e164, kind)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *[("120", "70"), ("121", "79"), ("122", "77"), ("126", "76"), ("128", "78")],
        *[("123", "83"), ("124", "84"), ("125", "85"), ("127", "81"), ("129", "82")],
        *[("162", "32"), ("163", "33"), ("164", "34"), ("165", "35"), ("166", "36"), ("167", "37"), ("168", "38")],
        *[("169", "39"), ("186", "56"), ("188", "58"), ("199", "59")],
    ],
)
def test_the_prefixes_that_changed_in_2018(old: str, new: str) -> None:
    for written in (f"0{old}3456789", f"+84{old}3456789", f"0084{old}3456789", f"84{old}3456789"):
        assert normalise(written) == phones.Number(f"+84{new}3456789", "mobile", written)


@given(st.text(max_size=300))
def test_no_text_raises_and_nothing_odd_is_kept(raw: str) -> None:
    number = normalise(raw)
    assert number.e164 == "" or (
        number.e164.startswith("+") and number.e164[1:].isascii() and number.e164[1:].isdecimal()
    )
    assert len(number.e164) <= 16 and len(number.raw) <= 200
    assert number.raw == phones.clean(number.raw)
    mask(number.e164)
    show(number.e164)


def test_control_characters_are_taken_out_of_what_came() -> None:
    assert normalise('"\r\nAction: Originate\x00 0905').raw == '"Action: Originate 0905'


@pytest.mark.parametrize(
    ("e164", "masked", "shown"),
    [
        ("+84905123456", "+84905•••456", "0905 123 456"),
        ("+842353852736", "+842353•••736", "0235 3852 736"),
        ("", "", ""),
    ],
)
def test_a_number_is_masked_and_shown(e164: str, masked: str, shown: str) -> None:
    assert (mask(e164), show(e164)) == (masked, shown)


def test_foreign_numbers_are_shown_with_their_country() -> None:
    assert show("+14155552671").startswith("+1 ")


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_mask_always_hides_something(e164: str) -> None:
    masked = mask(e164)
    assert "•" in masked and e164 not in masked
