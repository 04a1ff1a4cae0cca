"""The exchange's lines become calls: once, whatever is read again, whatever one call holds."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from callcenter.calls import journal
from callcenter.calls.events import JournalEvent, JournalKind
from callcenter.calls.menu import MenuNote, note_menus
from callcenter.tables import Call, CallEvent

START = datetime(2026, 3, 2, 8, 0, 0, 250_000, UTC)


def line(
    position: int, kind: JournalKind, after: float = 0, linkedid: str = "hotline-1.1", **data: str
) -> JournalEvent:
    return JournalEvent(linkedid, START + timedelta(seconds=after), kind, data, "cel:7", position)


BEGIN = line(0, "started", channel="PJSIP/trunk-1", number="0905 123 456", dialled="1022")
ROUTE = line(10, "mark", 5, name="HOTLINE_ROUTE", next="queue", queue="assistance", reason="asked", language="vi")
TALK = [
    line(20, "queue_entered", 6, queue="assistance", number="0905123456"),
    line(30, "queue_connected", 9, queue="assistance", login="op1", wait_s="3", ring_s="2"),
    line(40, "queue_completed", 69, queue="assistance", login="op1", wait_s="3", talk_s="60", by="caller"),
]
END = line(50, "ended", 70)


def stored(sessions: sessionmaker[Session], events: list[JournalEvent], at: int = 60) -> journal.Stored:
    with sessions.begin() as session:
        return journal.store_journal(session, events, {"cel:7": at})


def the_call(sessions: sessionmaker[Session], linkedid: str = "hotline-1.1") -> Call:
    with sessions() as session:
        return session.get_one(Call, linkedid)


def test_a_call_appears_with_its_first_line_and_closes_with_its_last(sessions: sessionmaker[Session]) -> None:
    stored(sessions, [BEGIN])
    call = the_call(sessions)
    assert (call.outcome, call.started_at, call.caller, call.caller_raw) == (
        None, START, "+84905123456", "0905 123 456",
    )  # fmt: skip
    stored(sessions, [ROUTE, *TALK, END])
    call = the_call(sessions)
    assert (call.outcome, call.operator, call.queue, call.wait_s, call.talk_s) == (
        "answered",
        "op1",
        "assistance",
        3,
        60,
    )
    assert (call.language, call.reason) == ("vi", "asked")


def test_reading_again_adds_nothing(sessions: sessionmaker[Session]) -> None:
    stored(sessions, [BEGIN, ROUTE, *TALK, END])
    stored(sessions, [BEGIN, ROUTE, *TALK, END, END])
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CallEvent)) == 6
        assert journal.positions(session) == {"cel:7": 60}


def test_lines_and_positions_stand_or_fall_together(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        journal.store_journal(session, [BEGIN], {"cel:7": 60})
        session.rollback()
    with sessions() as session:
        assert (journal.positions(session), session.get(Call, "hotline-1.1")) == ({}, None)


@pytest.mark.parametrize("menu_first", [True, False])
def test_menu_and_ledger_leave_each_others_columns_alone(sessions: sessionmaker[Session], menu_first: bool) -> None:
    def menu() -> None:
        with sessions.begin() as session:
            path = [{"node": "main", "key": "1"}]
            note = MenuNote("hotline-1.1", START, "0905123456", "1022", "en", path, "main@1", "report")
            note_menus(session, [note])

    if menu_first:
        menu()
    stored(sessions, [BEGIN, ROUTE, *TALK, END])
    if not menu_first:
        menu()
    stored(sessions, [END])
    call = the_call(sessions)
    assert (call.language, call.reason, call.menu_flow) == ("en", "report", "main@1")
    assert call.menu_path == [{"node": "main", "key": "1"}]
    assert (call.outcome, call.operator) == ("answered", "op1")


def test_one_bad_call_does_not_stop_the_next(
    sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fold = journal.fold

    def poisoned(events: list[JournalEvent]) -> journal.CallRecord:
        record = fold(events)
        if record.linkedid == "a-bad":
            raise ValueError("no sense in it")
        return record

    monkeypatch.setattr(journal, "fold", poisoned)
    with caplog.at_level(logging.ERROR):
        result = stored(sessions, [line(1, "started", linkedid="a-bad"), BEGIN, END])
    assert (result.failed, result.calls) == (("a-bad",), ("hotline-1.1",))
    assert "a-bad" in caplog.text
    monkeypatch.undo()
    with sessions.begin() as session:
        assert journal.refold(session, ["a-bad"]).calls == ("a-bad",)
    assert the_call(sessions, "a-bad").outcome is None


def test_hostile_text_is_kept_harmless(sessions: sessionmaker[Session]) -> None:
    number = "\x00\"'; DROP TABLE calls;\r\nAction: x ${SHELL(id)} \ud800" + "9" * 5000
    stored(sessions, [line(0, "started", linkedid="x" * 500, number=number, dialled=number, channel="c"), END])
    call = the_call(sessions, "x" * 100)
    assert call.caller == ""
    assert "\x00" not in call.caller_raw and "\n" not in call.caller_raw and len(call.caller_raw) <= 200
    assert len(call.dialled) <= 40


def test_operators_calls_among_themselves_are_no_citizens_calls(sessions: sessionmaker[Session]) -> None:
    stored(sessions, [line(0, "started", context="from-operators", number="op1", uniqueid="hotline-1.1"), END])
    with sessions() as session:
        assert session.get(Call, "hotline-1.1") is None


def test_the_operators_leg_does_not_make_it_an_inner_call(sessions: sessionmaker[Session]) -> None:
    leg = line(5, "started", 6, context="from-operators", uniqueid="hotline-1.2", channel="PJSIP/op1-2")
    stored(sessions, [leg, *TALK, END])
    assert the_call(sessions).outcome == "answered"


def test_the_start_of_the_exchange_is_kept_though_it_belongs_to_no_call(sessions: sessionmaker[Session]) -> None:
    start = JournalEvent("", START, "exchange_started", {}, "queue_log:1", 0)
    assert stored(sessions, [start, BEGIN]).calls == ("hotline-1.1",)
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CallEvent)) == 2


def test_many_calls_in_one_reading(sessions: sessionmaker[Session]) -> None:
    events = [line(n, "started", linkedid=f"hotline-1.{n}", number="0905123456") for n in range(1200)]
    assert len(stored(sessions, events, 1200).calls) == 1200


def test_a_call_whose_end_was_never_written_is_closed_and_stays_so(sessions: sessionmaker[Session]) -> None:
    stored(sessions, [BEGIN, ROUTE])
    with sessions.begin() as session:
        assert list(journal.open_calls(session, started_before=START)) == []
        assert list(journal.open_calls(session, started_before=START + timedelta(seconds=1))) == ["hotline-1.1"]
        at = START + timedelta(minutes=1)
        for _ in range(2):
            journal.close_lost(session, linkedids=["hotline-1.1"], at=at, reason="exchange_restarted")
    stored(sessions, [line(15, "bridged", 6)])
    call = the_call(sessions)
    assert (call.outcome, call.failure, call.ended_at) == ("failed", "exchange_restarted", at)
    stored(sessions, [END])
    assert the_call(sessions).outcome == "rejected"


def test_a_call_known_from_the_menu_alone_can_be_closed(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        note_menus(session, [MenuNote("1.9", START, "0905123456", "1022", "vi", [], "main@1", "report")])
        journal.close_lost(session, linkedids=["1.9"], at=START + timedelta(hours=1), reason="no_files")
    call = the_call(sessions, "1.9")
    assert (call.outcome, call.started_at, call.caller, call.reason) == ("failed", START, "+84905123456", "report")
