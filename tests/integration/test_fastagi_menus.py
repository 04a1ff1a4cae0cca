"""Menus over FastAGI: the shipped flow, a fake exchange on a socket, a real database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from fake_asterisk import AgiCall, Channel, environment
from sqlalchemy.orm import Session, sessionmaker

from callcenter import store
from callcenter.calendar import Calendar
from callcenter.tables import Call
from callcenter.tickets import service
from callflows.loader import load_flow
from callflows.steps import Ended, Found, Hours, Outcome
from ivr.dialogue import CEILING_S, Menus
from ivr.house import CallFacts, House
from ivr.notebook import Notebook
from ivr.server import FastAgiServer

FLOW = load_flow(Path(__file__).parents[2] / "callflows" / "flows" / "main.yaml")
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@dataclass
class Answers:
    """A house without a database. `look_up` is asked with what the flow asked."""

    open: bool = True
    found: Callable[[str, dict[str, str]], Found] = lambda kind, arguments: Found("unavailable")
    noted: list[tuple[CallFacts, Outcome, str]] = field(default_factory=list)

    def hours(self) -> Hours:
        return Hours(self.open)

    def look_up(self, kind: str, arguments: dict[str, str], call: CallFacts) -> Found:
        return self.found(kind, arguments)

    def note(self, call: CallFacts, outcome: Outcome, reason: str) -> None:
        self.noted.append((call, outcome, reason))


@contextmanager
def menus(answers: Any, **options: Any) -> Iterator[tuple[str, int]]:
    handler = Menus(FLOW, answers, clock, **options)
    with FastAgiServer(("127.0.0.1", 0), {"menu": handler}, max_sessions=50) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield "127.0.0.1", server.server_address[1]
        assert server.drain(10)


@contextmanager
def house(sessions: sessionmaker[Session]) -> Iterator[House]:
    with Notebook(sessions) as notebook:
        yield House(sessions, Calendar.parse("always", ZoneInfo("Asia/Ho_Chi_Minh")), clock, notebook)


def play(address: tuple[str, int], keys: list[str], *, stays: bool = False, **variables: str) -> Channel:
    return Channel(keys, stays).go_through(AgiCall(address, environment(**variables)))


def left_to(channel: Channel) -> dict[str, str]:
    names = ("DONE", "NEXT", "QUEUE", "REASON", "LANGUAGE", "OUTCOME")
    return {name: channel.variables[f"HOTLINE_{name}"] for name in names if f"HOTLINE_{name}" in channel.variables}


def test_a_caller_comes_to_a_queue() -> None:
    answers = Answers()
    with menus(answers) as address:
        channel = play(address, ["1"])
    assert left_to(channel) == {"DONE": "1", "NEXT": "queue", "QUEUE": "reports", "REASON": "report", "LANGUAGE": "vi"}
    assert channel.set_names[-1] == "HOTLINE_DONE"
    assert {"hotline/greeting", "hotline/recording_notice", "hotline/menu_main"} < set(channel.played)
    ((call, outcome, reason),) = answers.noted
    assert call == CallFacts("fake-1.1", "0905123456", "1022", NOW)
    assert [(visit.node, visit.key) for visit in outcome.path if visit.key] == [("main", "1")]
    assert reason == "report"


@pytest.mark.parametrize(
    ("keys", "queue", "language"),
    [
        (["9", "2"], "procedures", "en"),
        (["#", "*", "0"], "assistance", "vi"),
        (["7", "8", "5"], "assistance", "vi"),
        (["", "1"], "reports", "vi"),
        (["", "", ""], "assistance", "vi"),
    ],
)
def test_keys_lead_to_a_human(keys: list[str], queue: str, language: str) -> None:
    with menus(Answers()) as address:
        channel = play(address, keys)
    assert (channel.variables["HOTLINE_QUEUE"], channel.variables["HOTLINE_LANGUAGE"]) == (queue, language)
    assert channel.variables.get("CHANNEL(language)", "vi") == language


def test_a_hang_up_is_noted_and_nothing_is_left_to_do() -> None:
    answers = Answers()
    with menus(answers) as address:
        channel = play(address, [])
    assert left_to(channel) == {}
    assert [(outcome.ending, reason) for _, outcome, reason in answers.noted] == [(Ended(served=False), "")]


def test_after_hours_there_is_a_message() -> None:
    with menus(Answers(open=False)) as address:
        channel = play(address, ["1"])
    assert (channel.variables["HOTLINE_NEXT"], channel.variables["HOTLINE_REASON"]) == ("message", "closed")
    assert "hotline/closed" in channel.played


def test_a_ticket_is_told_and_counts_as_served() -> None:
    asked: list[object] = []

    def found(kind: str, arguments: dict[str, str]) -> Found:
        asked.append((kind, arguments))
        return Found("found", {"code": "264810935", "state": "new"})

    with menus(Answers(found=found)) as address:
        channel = play(address, ["3", "264810935"], stays=True)
    assert asked == [("ticket", {"code": "264810935"})]
    assert channel.commands.count('SET VARIABLE TIMEOUT(absolute) "12"') == 1  # for the look-up
    assert left_to(channel) == {
        "DONE": "1", "NEXT": "queue", "QUEUE": "assistance", "REASON": "no_input", "LANGUAGE": "vi",
    }  # fmt: skip
    assert channel.set_names.index("HOTLINE_SERVED") < channel.set_names.index("HOTLINE_DONE")
    assert {"hotline/ticket_state_new", "hotline/ticket_more"} < set(channel.played)


def test_the_watchdog_is_renewed_before_each_step_and_allows_for_slow_keys() -> None:
    with menus(Answers()) as address:
        channel = play(address, ["3", "2648", "", "#"])
    commands = channel.commands
    for number, command in enumerate(commands):
        if command.startswith(("EXEC Read", "EXEC Playback")):
            assert commands[number - 1].startswith("SET VARIABLE TIMEOUT(absolute)"), command
    allowed = [int(split[-2]) for c in commands if len(split := c.split('"')) > 1 and "absolute" in c]
    assert min(allowed) == 45 and max(allowed) >= 45 + 9 * 4


def test_a_broken_house_leaves_the_call_to_the_dialplan(caplog: pytest.LogCaptureFixture) -> None:
    def broken(kind: str, arguments: dict[str, str]) -> Found:
        raise RuntimeError("a bug")

    with menus(Answers(found=broken)) as address:
        channel = play(address, ["3", "264810935"])
    assert left_to(channel) == {}
    assert "call fake-1.1" in caplog.text and "a bug" in caplog.text


def test_a_caller_who_stays_in_the_menu_for_ever_is_taken_to_an_operator() -> None:
    times = iter([0.0, 1.0, 2.0])
    answers = Answers()
    with menus(answers, monotonic=lambda: next(times, CEILING_S + 1.0)) as address:
        channel = play(address, ["9", "*", "*", "*"])
    assert left_to(channel) == {
        "DONE": "1", "NEXT": "queue", "QUEUE": "assistance", "REASON": "overtime", "LANGUAGE": "en",
    }  # fmt: skip


HOSTILE = ['"; HANGUP', "a\\", "${SHELL(id)}", "1,2|3", "Robert'); DROP TABLE calls;--", "\u202e٠٩٠٥", "x" * 3000]


@pytest.mark.parametrize("number", HOSTILE)
def test_a_hostile_caller_id_changes_nothing(sessions: sessionmaker[Session], number: str) -> None:
    with house(sessions) as at_home, menus(at_home) as address:
        channel = play(address, ["1"], callerid=number, calleridname=number)
    assert left_to(channel)["QUEUE"] == "reports"
    assert not any(number in command for command in channel.commands)
    with sessions() as session:
        assert session.get_one(Call, "fake-1.1").caller == ""


def test_what_the_caller_did_is_in_the_database(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        ticket = service.create(
            session, new=service.NewTicket(content="Đèn hỏng"), source="call", author="op1", now=NOW
        )
        code = ticket.code
    with house(sessions) as at_home, menus(at_home) as address:
        channel = play(address, ["9", "3", code], callerid="+84905123456")
    assert "hotline/ticket_state_new" in channel.played
    with sessions() as session:
        call = session.get_one(Call, "fake-1.1")
    assert (call.caller, call.language, call.menu_flow) == ("+84905123456", "en", f"{FLOW.name}@{FLOW.version}")
    assert {"node": "main", "key": "3"} in call.menu_path


def test_guessing_codes_is_limited_for_each_caller(sessions: sessionmaker[Session]) -> None:
    with house(sessions) as at_home, menus(at_home) as address:
        limited = 0
        for _ in range(30):
            channel = play(address, ["3", "264810935", "264810935", "264810935"], callerid="0905123456")
            limited += "hotline/ticket_limited" in channel.played
        other = play(address, ["3", "264810935"], callerid="0905999999")
    assert limited > 0
    assert "hotline/ticket_limited" not in other.played


def test_without_a_database_every_caller_is_still_taken_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = store.create_engine(f"sqlite:///{tmp_path}/nowhere/hotline.db")
    with house(store.session_factory(engine)) as at_home, menus(at_home) as address:
        first, second = play(address, ["1"]), play(address, ["3", "264810935"])
    assert left_to(first)["QUEUE"] == "reports"
    assert left_to(second)["QUEUE"] == "assistance" and "hotline/ticket_unavailable" in second.played
    assert any(record.levelno == logging.ERROR and "fake-1.1" in record.getMessage() for record in caplog.records)


def test_a_database_that_dies_in_mid_call(sessions: sessionmaker[Session]) -> None:
    def look(connection: Any, *_: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    sa.event.listen(sessions.kw["bind"], "before_cursor_execute", look)
    with house(sessions) as at_home, menus(at_home) as address:
        channel = play(address, ["3", "264810935"])
    sa.event.remove(sessions.kw["bind"], "before_cursor_execute", look)
    assert left_to(channel)["QUEUE"] == "assistance"


def test_when_the_hours_cannot_be_told_it_is_open() -> None:
    def broken() -> datetime:
        raise OverflowError("no such time")

    sessions = store.session_factory(sa.create_engine("sqlite://"))
    asked = House(sessions, Calendar.parse("always", ZoneInfo("UTC")), broken, Notebook(sessions))
    assert asked.hours() == Hours(True)
