"""What docs/production.md promises to whoever keeps the hotline running, done in the middle of calls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.instance import ROOT, Instance, converse, until
from lab.phone import Phone

HOTLINE = Path(sys.executable).with_name("hotline")


def command(hotline: Instance, *words: str, **given: str) -> str:
    environment = os.environ | hotline.environment | given
    done = subprocess.run([HOTLINE, *words], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def rename(hotline: Instance) -> None:
    for file in (hotline.exchange_home / "log/queue_log", hotline.exchange_home / "log/cel-custom/cel.csv"):
        file.rename(file.with_name(file.name + ".1"))
    command(hotline, "asterisk", "-rx", "logger reload")


def copy_and_truncate(hotline: Instance) -> None:
    for file in (hotline.exchange_home / "log/queue_log", hotline.exchange_home / "log/cel-custom/cel.csv"):
        shutil.copy2(file, file.with_name(file.name + ".1"))
        os.truncate(file, 0)


@pytest.mark.parametrize("rotate", [rename, copy_and_truncate])
def test_turning_the_logs_in_mid_call_loses_and_doubles_nothing(
    own_hotline: Callable[..., Instance], rotate: Callable[[Instance], None]
) -> None:
    hotline = own_hotline(wrapup_s="0")
    with hotline.desk_phone("op1") as op1:
        for number, turned in (("0905888101", True), ("0905888102", False)):
            with hotline.citizen() as citizen:
                rung = op1.events.count("rung")
                citizen.dial("1022", f"<sip:{number}@carrier>")
                citizen.wait("answered")
                citizen.press("1")
                op1.wait("rung", 20, count=rung + 1)
                op1.wait("answered", 5)
                converse(citizen, op1, 0.5)
                if turned:
                    rotate(hotline)
                citizen.hang_up()
                op1.wait("ended")
            assert hotline.ended_call(number)["outcome"] == "answered"
    for number in ("0905888101", "0905888102"):
        rows = hotline.calls(caller=number)
        assert [(row["outcome"], row["queue"], row["operator"]) for row in rows] == [("answered", "reports", "op1")]
        events = hotline.get("sup1", f"/api/v1/calls/{rows[0]['linkedid']}")["events"]
        assert [event["kind"] for event in events].count("queue_connected") == 1


def test_the_trunks_addresses_change_without_a_restart(own_hotline: Callable[..., Instance]) -> None:
    hotline = own_hotline()
    asterisk = hotline.pid("asterisk")
    command(hotline, "prepare", HOTLINE_TRUNK_ADDRESSES="127.0.0.77")
    command(hotline, "asterisk", "-rx", "module reload res_pjsip.so")

    def answered(address: str) -> bool:
        with Phone(hotline.sip, address) as phone:
            phone.dial("1022", "<sip:0905888103@carrier>")
            until(lambda: any(e == "answered" or e.startswith("refused") for e in phone.events), 10, "an answer")
            return "answered" in phone.events

    until(lambda: answered("127.0.0.77"), 20, "the new carrier's call", 0.5)
    assert not answered("127.0.0.10")
    assert hotline.pid("asterisk") == asterisk
