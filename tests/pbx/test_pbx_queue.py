"""What it is like to wait for an operator, and what operators' states do to those who wait."""

from __future__ import annotations

import time
import wave
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.instance import Instance, converse, until
from lab.media import samples_of
from lab.phone import Phone

WRAPUP_S = 6


@pytest.fixture
def people() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def call(hotline: Instance, people: ExitStack, number: str, keys: str = "1") -> Phone:
    """A citizen on the way into the queue of reports; every station of the menus takes keys at once."""
    phone = people.enter_context(hotline.citizen())
    phone.dial("1022", f"<sip:{number}@carrier>")
    phone.wait("answered")
    for key in keys:
        phone.press(key)
    until(lambda: waiting(hotline, "reports", number), 20, f"{number} in the queue", 0.1)
    return phone


def waiting(hotline: Instance, queue: str, number: str) -> bool:
    queues = hotline.get("sup1", "/api/v1/queues")["items"]
    callers = next(row for row in queues if row["name"] == queue)["waiting"]
    return any(caller["number"].endswith(number[-3:]) for caller in callers)


def paused(hotline: Instance, people: ExitStack, login: str, reason: str = "Nghỉ giải lao") -> Phone:
    """An operator who is there and takes no calls: whoever calls has to wait."""
    phone = people.enter_context(hotline.desk_phone(login))
    people.callback(hotline.set_state, login, "offline")
    hotline.set_state(login, "paused", reason)
    return phone


def prompt(hotline: Instance, name: str) -> list[int]:
    """The samples of half a second out of the middle of a prompt's file."""
    path: Path = hotline.exchange_home.parent / "share" / "sounds" / f"{name}.wav"
    with wave.open(str(path)) as file:
        values = array("h", file.readframes(file.getnframes()))
    middle = len(values) // 2
    return list(values[middle - 2000 : middle + 2000])


def hears(hotline: Instance, phone: Phone, name: str, start: int = 0) -> bool:
    """Is the prompt in what was heard? Found by a few samples, then compared as a whole, A-law's steps aside."""
    wanted = prompt(hotline, name)
    loudest = max(range(len(wanted) - 8), key=lambda at: abs(wanted[at]))
    heard = samples_of(bytes(phone.media.heard[start:]))

    def close(a: int, b: int) -> bool:
        return abs(a - b) <= 16 + abs(b) // 16

    for at in range(len(heard) - len(wanted) + 1):
        if all(close(heard[at + loudest + n], wanted[loudest + n]) for n in range(8)):
            same = sum(close(heard[at + n], value) for n, value in enumerate(wanted))
            if same > 0.9 * len(wanted):
                return True
    return False


def test_music_plays_while_nobody_is_free_and_a_pause_keeps_calls_away(hotline: Instance, people: ExitStack) -> None:
    op1 = paused(hotline, people, "op1")
    citizen = call(hotline, people, "0905777001")
    start = len(citizen.media.heard)
    until(lambda: len(citizen.media.heard) > start + 3 * 8000, 10, "three seconds in the queue")
    heard = samples_of(bytes(citizen.media.heard[start:]))
    seconds = [heard[at : at + 8000] for at in range(0, 3 * 8000, 8000)]
    assert all(max(map(abs, second)) > 300 for second in seconds)
    rows = hotline.get("sup1", "/api/v1/operators")["items"]
    row = next(row for row in rows if row["login"] == "op1")
    assert (row["state"], row["reason"]) == ("paused", "Nghỉ giải lao")
    assert "rung" not in op1.events
    hotline.set_state("op1", "ready")
    op1.wait("answered", 20)
    converse(citizen, op1, 0.5)


@pytest.mark.parametrize(("language", "keys"), [("vi", "1"), ("en", "91")])
def test_those_who_wait_are_told_their_position(hotline: Instance, people: ExitStack, language: str, keys: str) -> None:
    paused(hotline, people, "op1")
    first = call(hotline, people, "0905777002", keys)
    second = call(hotline, people, "0905777003", keys)
    told = [f"{language}/hotline/queue_position", f"{language}/digits/2", f"{language}/hotline/queue_waiting"]
    for name in told:
        until(lambda name=name: hears(hotline, second, name), 30, f"the second caller hears {name}", 0.5)
    until(
        lambda: hears(hotline, first, f"{language}/hotline/queue_you_are_next"), 40, "the first hears to be next", 0.5
    )
    other = {"vi": "en", "en": "vi"}[language]
    assert not hears(hotline, second, f"{other}/hotline/queue_position")


def test_nobody_is_ready_without_a_phone(hotline: Instance) -> None:
    body = {"state": "ready", "reason": ""}
    answer = hotline.api("op4").put("/api/v1/operators/me/state", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "phone_not_registered")
    rows = hotline.get("sup1", "/api/v1/operators")["items"]
    assert next(row for row in rows if row["login"] == "op4")["state"] == "offline"


def test_when_the_last_operator_goes_those_who_wait_may_leave_a_message(hotline: Instance, people: ExitStack) -> None:
    paused(hotline, people, "op1")
    citizen = call(hotline, people, "0905777004")
    hotline.set_state("op1", "offline")
    until(lambda: hears(hotline, citizen, "vi/hotline/no_operator"), 20, "the apology", 0.5)
    until(lambda: hears(hotline, citizen, "vi/hotline/message_intro"), 30, "the offer of a message", 0.5)
    start = len(citizen.media.heard)
    citizen.media.say(440)
    until(lambda: len(citizen.media.heard) > start + 10 * 8000, 20, "some seconds of a message")
    citizen.press("#")
    until(lambda: hears(hotline, citizen, "vi/hotline/message_thanks", start), 20, "the thanks", 0.5)
    citizen.wait("ended", 20)
    call_row = hotline.ended_call("0905777004")
    assert (call_row["outcome"], call_row["queue"]) == ("message_left", "reports")


def test_after_a_call_an_operator_is_left_alone(own_hotline: Callable[..., Instance], people: ExitStack) -> None:
    hotline = own_hotline(wrapup_s=str(WRAPUP_S))
    op1 = people.enter_context(hotline.desk_phone("op1"))
    first = call_at_once(hotline, people, "0905777005")
    op1.wait("answered", 20)
    converse(first, op1, 0.5)
    ended = time.monotonic()
    first.hang_up()
    op1.wait("ended")
    second = call_at_once(hotline, people, "0905777006")
    until(lambda: state(hotline, "op1") == "wrapup", 5, "op1 is seen in wrap-up", 0.1)
    op1.wait("rung", 30, count=2)
    assert time.monotonic() - ended > WRAPUP_S - 1  # the exchange counts in whole seconds
    converse(second, op1, 0.5)


def call_at_once(hotline: Instance, people: ExitStack, number: str) -> Phone:
    phone = people.enter_context(hotline.citizen())
    phone.dial("1022", f"<sip:{number}@carrier>")
    phone.wait("answered")
    phone.press("1")
    return phone


def state(hotline: Instance, login: str) -> str:
    rows = hotline.get("sup1", "/api/v1/operators")["items"]
    return str(next(row["state"] for row in rows if row["login"] == login))
