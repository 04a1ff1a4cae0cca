"""What the dialplan does by itself: the menu service is not running in any of these calls."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import sipp
from lab.instance import Instance, until
from lab.phone import Phone

POSITIONS = (1, 4, 10, 15, 21, 24, 35, 101, 105, 110, 121)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    given = {"queue_ring_s": "4", "wrapup_s": "1"}
    with Instance(tmp_path_factory.mktemp("dialplan") / "var", given) as instance:
        instance.pause("ivr")
        yield instance


@pytest.fixture
def caller(exchange: Instance) -> Iterator[Phone]:
    with exchange.citizen() as phone:
        yield phone


def complaints(exchange: Instance) -> list[str]:
    lines = (exchange.exchange_home / "log" / "messages").read_text().splitlines()
    return [line for line in lines if " WARNING[" in line or " ERROR[" in line]


def marks(exchange: Instance) -> str:
    file = exchange.exchange_home / "log" / "cel-custom" / "cel.csv"
    return file.read_text("utf-8", "replace") if file.exists() else ""  # it is made with the first event


def hear(phone: Phone, more: int) -> None:
    """Until `more` bytes (8,000 a second) were heard from now on."""
    heard = len(phone.media.heard)
    until(lambda: len(phone.media.heard) > heard + more, 10, "something to hear")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_word_of_a_position_can_be_said(exchange: Instance, caller: Phone, language: str) -> None:
    """Asterisk puts positions together from files of its own naming; one that is missing cuts the caller off."""
    number = {"vi": "1998", "en": "1999"}[language]
    steps = ["Answer()", f"Set(CHANNEL(language)={language})", *(f"SayNumber({n})" for n in POSITIONS), "Hangup(16)"]
    for priority, step in enumerate(steps, 1):
        exchange.asterisk(f"dialplan add extension {number},{priority},{step} into from-trunk")
    before = len(complaints(exchange))
    caller.dial(number, "<sip:0905666001@carrier>")
    caller.wait("ended", 60)
    assert complaints(exchange)[before:] == []
    assert len(caller.media.heard) > 8000 * len(POSITIONS) * 0.4


def test_who_gives_up_during_the_greeting(exchange: Instance, caller: Phone) -> None:
    caller.dial("1022", "<sip:0905666002@carrier>")
    caller.wait("answered")
    hear(caller, 8000)
    caller.hang_up()
    call = exchange.ended_call("0905666002")
    assert (call["outcome"], call["failure"]) == ("failed", "menus_unavailable:agi")


def test_who_gives_up_before_leaving_a_message(exchange: Instance, caller: Phone) -> None:
    """Nobody was there: the call is not counted as a message."""
    caller.dial("1022", "<sip:0905666003@carrier>")
    caller.wait("answered")
    until(lambda: "assistance,,,,900" in marks(exchange), 30, "the queue was tried")
    hear(caller, 4000)
    caller.hang_up()
    call = exchange.ended_call("0905666003")
    assert call["outcome"] not in ("message_left", "answered") and call["outcome"]


def test_who_presses_hash_at_once_still_has_an_outcome(exchange: Instance, caller: Phone) -> None:
    caller.dial("1022", "<sip:0905666004@carrier>")
    caller.wait("answered")
    until(lambda: '"0905666004","","s","message","Record"' in marks(exchange), 60, "the recording began")
    caller.press("#")
    caller.wait("ended", 20)
    assert exchange.ended_call("0905666004")["outcome"]


@pytest.mark.parametrize("tcp", [False, True])
def test_the_carrier_is_told_of_the_end_over_either_transport(exchange: Instance, tmp_path: Path, tcp: bool) -> None:
    """A message ended by #: the exchange thanks and hangs up, and that reaches the caller."""
    number = f"090566601{int(tcp)}"
    scenario = sipp.citizen([sipp.Wait(30), sipp.Key("#"), sipp.AwaitHangUp(30)], caller=f"<sip:{number}@carrier>")
    citizen = sipp.call(scenario, exchange.sip, tmp_path, tcp=tcp)
    assert citizen.wait(90) == 0
    assert exchange.ended_call(number)["outcome"] == "message_left"


@pytest.fixture
def full_disk(own_hotline: Callable[..., Instance]) -> Iterator[Instance]:
    """A hotline whose folder for messages has room for two seconds."""
    hotline = own_hotline()
    folder = hotline.exchange_home / "spool" / "messages"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be had here: {mounted.stderr.strip()}")
    hotline.pause("ivr")
    try:
        yield hotline
    finally:
        unmount(folder)


def unmount(folder: Path) -> None:
    until(
        lambda: subprocess.run(["umount", folder], capture_output=True).returncode == 0, 20, "the disk is let go", 0.2
    )


def test_a_full_disk_is_admitted(full_disk: Instance) -> None:
    """The caller is told that the message was not recorded, and the ledger says why the call failed."""
    with full_disk.citizen() as caller:
        caller.dial("1022", "<sip:0905666005@carrier>")
        caller.wait("answered")
        caller.media.say(440)
        until(lambda: "outcome=failed" in marks(full_disk), 60, "the exchange noticed")
        hear(caller, 8000)
        caller.wait("ended", 20)
    call = full_disk.ended_call("0905666005")
    assert (call["outcome"], call["failure"]) == ("failed", "record")
