"""A message becomes a row and a ticket, once, with the time and the number of its call."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from multiprocessing import get_context

import pytest
import sqlalchemy as sa
from recording_house import DEADLINE_S, ID, START, House
from recording_sounds import header, silence
from sqlalchemy.orm import Session, sessionmaker

from callcenter import archive as rows
from callcenter import store
from callcenter.archive import CallFacts
from callcenter.tables import Message
from callcenter.tickets import codes
from recordings import audio, messages
from recordings.pipeline import Summary

KEPT = "2025/11/24/hotline-1764000000.12-message.mp3"
NUMBER = "+84905123456"


def test_a_message_becomes_a_ticket_as_old_as_its_call(house: House) -> None:
    house.call(outcome="message_left", caller=NUMBER, language="vi")
    house.message(seconds=3)
    assert house.sweep_messages() == Summary(archived=1, tickets=1)
    (ticket,) = house.tickets()
    assert (ticket.source, ticket.state, ticket.created_at, ticket.created_by) == ("message", "new", START, "system")
    assert (ticket.citizen_phone, ticket.linkedid, ticket.message_linkedid) == (NUMBER, ID, ID)
    assert codes.parse(ticket.code) == ticket.code
    assert ticket.code.startswith("25")
    assert [note.kind for note in ticket.notes] == ["created"]
    assert "3 giây" in ticket.content
    assert "23:00:00 ngày 24/11/2025" in ticket.content
    row = house.message_row()
    assert row is not None
    assert (row.path, row.ticket_id, row.duration_s, row.recorded_at) == (KEPT, ticket.id, 3.0, START)
    assert (house.archived(), list(house.messages.iterdir())) == ([KEPT], [])
    assert house.sweep_messages() == Summary()


def test_the_title_tells_no_number_to_those_who_may_not_see_it() -> None:
    call = CallFacts(True, START, None, NUMBER, "vi")
    ticket = messages.ticket_for(ID, START, 3, False, call)
    assert ticket.title == "Tin nhắn thoại từ 0905•••456 lúc 23:00 ngày 24/11/2025"
    assert "123" not in ticket.title + ticket.content


@pytest.mark.parametrize("caller", ["", "anonymous", "1022", "not a number"])
def test_a_caller_without_a_usable_number_has_a_ticket_too(house: House, caller: str) -> None:
    house.call(outcome="message_left", caller=caller, caller_raw="x'; DROP", language="en")
    house.message()
    assert house.sweep_messages() == Summary(archived=1, tickets=1)
    (ticket,) = house.tickets()
    assert ticket.citizen_phone == ""
    assert "số không rõ" in ticket.title
    assert "không nhận được số máy" in ticket.content
    assert "tiếng Anh" in ticket.content


def test_the_call_is_waited_for_but_not_for_ever(house: House) -> None:
    house.message()
    assert house.sweep_messages() == Summary(waiting=1)
    house.now += timedelta(seconds=599)
    assert house.sweep_messages() == Summary(waiting=1)
    house.now += timedelta(seconds=3)
    assert house.sweep_messages() == Summary(archived=1, tickets=1)
    (ticket,) = house.tickets()
    assert (ticket.created_at, ticket.citizen_phone) == (START.replace(microsecond=0), "")


def test_after_an_outage_the_ledger_gets_time_to_catch_up(house: House) -> None:
    house.message()
    house.now += timedelta(hours=9)
    assert house.sweep_messages(up_since=house.now) == Summary(waiting=1)
    house.call(outcome="message_left", caller=NUMBER)
    assert house.sweep_messages(up_since=house.now) == Summary(archived=1, tickets=1)
    assert house.tickets()[0].citizen_phone == NUMBER


def test_a_call_that_is_open_for_too_long_lends_its_number(house: House) -> None:
    house.call(outcome=None, caller=NUMBER)
    house.message()
    assert house.sweep_messages() == Summary(waiting=1)
    house.now += timedelta(seconds=601)
    assert house.sweep_messages() == Summary(archived=1, tickets=1)
    assert house.tickets()[0].citizen_phone == NUMBER


@pytest.mark.parametrize(
    ("seconds", "silent", "wanted"),
    [
        (0.5, False, False),
        (0.99, False, False),
        (1, False, True),
        (180, False, True),
        (0.5, True, False),
        (2, True, False),
        (2.01, True, True),
    ],
)
def test_which_messages_deserve_a_ticket(seconds: float, silent: bool, wanted: bool) -> None:
    assert messages.deserves_ticket(seconds, silent) is wanted


@pytest.mark.parametrize(("seconds", "tickets"), [(1.5, 0), (4, 1)])
def test_silence_is_archived_and_listened_to_if_it_lasts(house: House, seconds: float, tickets: int) -> None:
    house.call(outcome="message_left", caller=NUMBER)
    silence(house.messages / f"{ID}.wav", seconds)
    assert house.sweep_messages() == Summary(archived=1, tickets=tickets)
    row = house.message_row()
    assert row is not None
    assert (row.ticket_id is not None) is bool(tickets)
    assert ["gần như không có tiếng" in ticket.content for ticket in house.tickets()] == [True] * tickets


def test_a_message_that_was_never_spoken_leaves_nothing(house: House) -> None:
    house.call(outcome="message_left")
    (house.messages / f"{ID}.wav").write_bytes(header(0))
    assert house.sweep_messages() == Summary(empty=1)
    assert (house.message_row(), house.tickets(), house.archived()) == (None, [], [])


def test_a_message_that_is_no_sound_is_put_aside(house: House) -> None:
    house.call(outcome="message_left")
    (house.messages / f"{ID}.wav").write_bytes(b"no sound" * 100)
    assert house.sweep_messages() == Summary(quarantined=1)
    assert (house.message_row(), house.tickets()) == (None, [])
    assert (house.messages / "quarantine" / f"{ID}.wav").exists()


def test_a_call_may_have_a_talk_and_a_message(house: House) -> None:
    house.call(caller=NUMBER)
    house.talk()
    house.message()
    assert house.sweep() == Summary(archived=1)
    assert house.sweep_messages() == Summary(archived=1, tickets=1)
    assert len(house.archived()) == 2


def test_the_row_and_the_ticket_come_together_or_not_at_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.call(outcome="message_left", caller=NUMBER)
    house.message()

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no code could be drawn")

    with monkeypatch.context() as patch:
        patch.setattr(rows, "create", fail)
        with pytest.raises(RuntimeError, match="no code"):
            house.sweep_messages()
    assert (house.message_row(), house.tickets()) == (None, [])
    assert house.sweep_messages() == Summary(archived=1, tickets=1)
    assert len(house.tickets()) == 1


def test_one_ticket_though_the_audio_is_made_again(sessions: sessionmaker[Session]) -> None:
    kept = rows.ArchivedAudio(ID, KEPT, "audio/mpeg", 1, "0" * 64, 3.0, {"per_second": 20, "left": [1]}, START, START)
    ticket = messages.ticket_for(ID, START, 3, False, None)
    made = []
    for _ in range(2):
        with sessions.begin() as session:
            made.append(rows.put_message(session, audio=kept, ticket=ticket))
    assert made == [True, False]
    with sessions() as session:
        row = session.scalars(sa.select(Message)).one()
        assert row.ticket_id is not None


STEPS = {"convert": (audio, "single"), "enter": (rows, "put_message"), "ticket": (rows, "create")}


def die_at(house: House, step: str, after: bool) -> None:
    """In a process of its own: the sweep with a kill before or after this step."""
    owner, name = STEPS[step]
    real = getattr(owner, name)

    def deadly(*args: object, **kwargs: object) -> object:
        if after:
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    setattr(owner, name, deadly)
    house.engine = store.create_engine(house.url)
    house.sessions = store.session_factory(house.engine)
    house.sweep_messages()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_sweep_killed_anywhere_ends_in_one_ticket(house: House, step: str, after: bool) -> None:
    house.call(outcome="message_left", caller=NUMBER)
    house.message()
    house.engine.dispose()
    process = get_context("fork").Process(target=die_at, args=(house, step, after))
    process.start()
    process.join(DEADLINE_S)
    assert process.exitcode == -signal.SIGKILL
    assert house.sweep_messages() == Summary(archived=1, tickets=1)
    assert (len(house.tickets()), house.archived(), list(house.messages.iterdir())) == (1, [KEPT], [])


def test_a_spool_that_was_not_cleared_makes_no_second_ticket(house: House) -> None:
    house.call(outcome="message_left", caller=NUMBER)
    house.message()
    source = house.messages / f"{ID}.wav"
    content, changed = source.read_bytes(), source.stat().st_mtime
    house.sweep_messages()
    source.write_bytes(content)
    os.utime(source, (changed, changed))
    assert house.sweep_messages() == Summary(cleared=1)
    assert (len(house.tickets()), house.archived(), list(house.messages.iterdir())) == (1, [KEPT], [])
