"""What a citizen and an operator live through, on a real exchange."""

from __future__ import annotations

import subprocess
from array import array

import pytest

from lab.instance import CITIZEN_HZ, OPERATOR_HZ, Instance, converse, until
from lab.media import strength
from lab.phone import Phone


def to_reports(phone: Phone, caller: str, *, info: bool = False) -> None:
    phone.dial("1022", f"<sip:{caller}@carrier>")
    phone.wait("answered")
    phone.press("1", info=info)


def channels_of(sound: bytes) -> tuple[list[int], list[int]]:
    command = ["ffmpeg", "-v", "error", "-i", "-", "-f", "s16le", "-ar", "8000", "-ac", "2", "-"]
    raw = subprocess.run(command, input=sound, capture_output=True, check=True).stdout
    values = array("h", raw)
    return list(values[0::2]), list(values[1::2])


def test_answered_call(hotline: Instance, citizen: Phone, op1: Phone) -> None:
    """Menu, queue, talk: both hear each other, both are recorded on their own side, the ledger has it once."""
    to_reports(citizen, "0905111001")
    op1.wait("answered", 20)
    converse(citizen, op1)
    operators = hotline.get("op1", "/api/v1/operators")["items"]
    assert next(row for row in operators if row["login"] == "op1")["state"] == "talking"
    citizen.hang_up()
    op1.wait("ended")
    call = hotline.ended_call("0905111001")
    assert (call["outcome"], call["queue"], call["operator"]) == ("answered", "reports", "op1")
    assert call["caller"] == "+84905111001" and call["reason"] == "report" and call["talk_s"] > 1

    path = f"/api/v1/calls/{call['linkedid']}/recording"
    sound = until(
        lambda: (r := hotline.api("sup1").get(path)).status_code == 200 and r.content, 30, "the recording", 0.3
    )
    left, right = channels_of(sound)
    assert strength(left[8000:], CITIZEN_HZ) > 0.1 > 0.02 > strength(left[8000:], OPERATOR_HZ)
    assert strength(right[8000:], OPERATOR_HZ) > 0.1 > 0.02 > strength(right[8000:], CITIZEN_HZ)
    part = hotline.api("sup1").get(path, headers={"Range": "bytes=0-99"})
    assert part.status_code == 206 and part.content == sound[:100]
    assert hotline.api("op2").get(path).status_code == 403


def test_abandon_in_queue(hotline: Instance, citizen: Phone) -> None:
    """Waits for an operator who never answers, and gives up."""
    with hotline.desk_phone("op2", on_ring="ring") as op2:
        to_reports(citizen, "0905111002")
        op2.wait("rung", 20)
        citizen.hang_up()
        op2.wait("cancelled")
        call = hotline.ended_call("0905111002")
        hotline.set_state("op2", "offline")
    assert (call["outcome"], call["queue"], call["operator"]) == ("abandoned", "reports", "")
    assert call["wait_s"] is not None


def test_hang_up_in_menu(hotline: Instance, citizen: Phone) -> None:
    citizen.dial("1022", "<sip:0905111003@carrier>")
    citizen.wait("answered")
    until(lambda: len(citizen.media.heard) > 8000, 5, "a second of greeting")
    citizen.hang_up()
    call = hotline.ended_call("0905111003")
    assert call["outcome"] == "ivr_hangup" and call["queue"] == ""


def test_ring_no_answer_goes_to_the_next(hotline: Instance, citizen: Phone) -> None:
    """The first operator lets it ring; the second one gets the caller."""
    with hotline.desk_phone("op2", on_ring="ring") as first:
        to_reports(citizen, "0905111004")
        first.wait("rung", 20)
        with hotline.desk_phone("op3") as second:
            second.wait("answered", 30)
            converse(citizen, second, 0.5)
            citizen.hang_up()
            call = hotline.ended_call("0905111004")
            hotline.set_state("op3", "offline")
        hotline.set_state("op2", "offline")
    assert (call["outcome"], call["operator"]) == ("answered", "op3")
    detail = hotline.get("sup1", f"/api/v1/calls/{call['linkedid']}")
    assert any(event["kind"] == "queue_rung_out" and event["data"]["login"] == "op2" for event in detail["events"])


def test_keys_by_sip_info(hotline: Instance, citizen: Phone, op1: Phone) -> None:
    to_reports(citizen, "0905111005", info=True)
    op1.wait("answered", 20)
    citizen.hang_up()
    assert hotline.ended_call("0905111005")["reason"] == "report"


def test_ticket_status_by_phone(hotline: Instance, citizen: Phone) -> None:
    """Files a ticket, dials again, keys its nine digits and is served."""
    body = {"content": "Đèn đường hỏng trước số 12", "citizen_phone": "0905111006", "category": "lighting"}
    ticket = hotline.api("op1").post("/api/v1/tickets", json=body).json()
    citizen.dial("1022", "<sip:0905111006@carrier>")
    citizen.wait("answered")
    citizen.press("3")
    heard = len(citizen.media.heard)
    until(lambda: len(citizen.media.heard) > heard + 8000, 10, "a second of the question")
    heard = len(citizen.media.heard)
    citizen.press(ticket["code"], gap_s=0.05)
    until(lambda: len(citizen.media.heard) > heard + 8 * 8000, 30, "the code and the ticket's state")
    citizen.hang_up()
    call = hotline.ended_call("0905111006")
    assert call["outcome"] == "self_served"


def test_no_key_leads_to_a_human(hotline: Instance, citizen: Phone, op1: Phone) -> None:
    citizen.dial("1022", "<sip:0905111007@carrier>")
    citizen.wait("answered")
    op1.wait("rung", 90)
    citizen.hang_up()
    assert hotline.ended_call("0905111007")["reason"] == "no_input"


CALLERS = [
    ("<sip:0905222001@carrier>", "+84905222001"),
    ("<sip:+84905222002@carrier>", "+84905222002"),
    ("<sip:0084905222003@carrier>", "+84905222003"),
    ('"Nguyễn Thị Ánh" <sip:0905222004@carrier>', "+84905222004"),
    ('"\\"; ${SHELL(id)} \'x\' $(id) |" <sip:0905222005@carrier>', "+84905222005"),
    ("<sip:anonymous@anonymous.invalid>", ""),
    ("<sip:%22%27%24%7BEXTEN%7D%26@carrier>", ""),
]


@pytest.mark.parametrize(("header", "e164"), CALLERS)
def test_whoever_calls_is_served(hotline: Instance, citizen: Phone, op1: Phone, header: str, e164: str) -> None:
    """Numbers in every form, no number, a name in Vietnamese, and callers who would like to be a command."""
    before = {call["linkedid"] for call in hotline.calls(limit=200)}
    citizen.dial("1022", header)
    citizen.wait("answered")
    citizen.press("2")
    op1.wait("answered", 20)
    converse(citizen, op1, 0.5)
    citizen.hang_up()

    def ended() -> dict[str, object] | None:
        new = [call for call in hotline.calls(limit=5) if call["linkedid"] not in before and call["outcome"]]
        return new[0] if new else None

    call = until(ended, 15, "the call in the ledger", 0.2)
    assert (call["outcome"], call["queue"], call["caller"]) == ("answered", "procedures", e164)
    assert not list(hotline.exchange_home.rglob("*id=*"))


@pytest.mark.parametrize("number", ["1022", "02351022", "+842351022"])
def test_numbers_that_the_carrier_may_call(hotline: Instance, citizen: Phone, number: str) -> None:
    citizen.dial(number, "<sip:0905333001@carrier>")
    citizen.wait("answered")


@pytest.mark.parametrize("number", ["113", "0905123456", "op1", "s", "600", "1022&PJSIP/op1", "menu"])
def test_nothing_else_may_be_called(hotline: Instance, citizen: Phone, number: str) -> None:
    citizen.dial(number, "<sip:0905333002@carrier>")
    citizen.wait("refused:404")


def test_nobody_else_may_call(hotline: Instance) -> None:
    with Phone(hotline.sip, "127.0.0.99") as stranger:
        stranger.dial("1022", "<sip:0905333003@carrier>")
        stranger.wait("refused:401")


def test_the_log_of_the_exchange_is_clean(hotline: Instance) -> None:
    found = [line for line in hotline.start_log.splitlines() if " ERROR[" in line or " WARNING[" in line]
    assert "modules will be loaded" in hotline.start_log and found == []
