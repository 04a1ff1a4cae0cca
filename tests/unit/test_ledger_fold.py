"""Whatever the exchange wrote, a call that ended has exactly one outcome, and it is the right one."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.calls.events import JournalEvent, JournalKind
from callcenter.calls.ledger import OUTCOMES, close_lost, fold, service_level

START = datetime(2026, 3, 2, 8, 0, 0, 250_000, UTC)
QUEUE = {"queue": "assistance"}
OP1 = {"queue": "assistance", "login": "op1"}

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def call(*lines: tuple[float, str, dict[str, str]]) -> list[JournalEvent]:
    """Lines as (seconds after the start, kind, data), each file with positions of its own and queue_log rounded."""
    events = []
    for position, (after, kind, data) in enumerate(lines):
        at = START + timedelta(seconds=after)
        source = "queue_log:1" if kind.startswith("queue_") else "cel:1"
        if source == "queue_log:1":
            at = at.replace(microsecond=0)
        events.append(JournalEvent("hotline-1.1", at, kind, data, source, position))  # type: ignore[arg-type]
    return events


STARTED = (0.0, "started", {"channel": "PJSIP/trunk-1", "number": "0905123456", "dialled": "1022"})
ANSWERED = (0.5, "answered", {"channel": "PJSIP/trunk-1"})
TO_QUEUE = (10.0, "mark", {"name": "HOTLINE_ROUTE", "next": "queue", **QUEUE, "reason": "asked", "language": "vi"})
TO_MESSAGE = (10.0, "mark", {"name": "HOTLINE_ROUTE", "next": "message", "reason": "closed", "language": "vi"})
ENTERED = (10.01, "queue_entered", {**QUEUE, "number": "0905123456"})
RUNG_OUT = (25.0, "queue_rung_out", {**OP1, "ms": "15000"})
CONNECTED = (31.0, "queue_connected", {"queue": "assistance", "login": "op2", "wait_s": "21", "ring_s": "4"})
BRIDGED = (31.1, "bridged", {"channel": "PJSIP/trunk-1"})
UNBRIDGED = (91.6, "unbridged", {"channel": "PJSIP/trunk-1"})
COMPLETED = (
    91.7,
    "queue_completed",
    {"queue": "assistance", "login": "op2", "wait_s": "21", "talk_s": "60", "by": "caller"},
)
ABANDONED = (40.0, "queue_abandoned", {**QUEUE, "wait_s": "30", "position": "1"})
LEFT = (40.0, "queue_left", {**QUEUE, "why": "timeout", "wait_s": "30"})
FALLBACK = (5.0, "mark", {"name": "HOTLINE_FALLBACK", "reason": "timeout"})
MESSAGE = (60.0, "mark", {"name": "HOTLINE_MESSAGE", "seconds": "12", "reason": "closed"})
NO_MESSAGE = (60.0, "mark", {"name": "HOTLINE_MESSAGE", "seconds": "0", "reason": "closed"})
ENDED = (95.0, "ended", {})


def end_mark(outcome: str, reason: str = "") -> tuple[float, str, dict[str, str]]:
    return (9.0, "mark", {"name": "HOTLINE_END", "outcome": outcome, "reason": reason})


ANSWERED_CALL = call(
    STARTED, ANSWERED, TO_QUEUE, ENTERED, RUNG_OUT, CONNECTED, BRIDGED, UNBRIDGED, COMPLETED, ENDED
)  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "failure", "lines"),
    [
        ("answered", "", (TO_QUEUE, ENTERED, CONNECTED, BRIDGED, COMPLETED)),
        ("answered", "", (TO_QUEUE, ENTERED, CONNECTED)),
        ("answered", "menus_unavailable:timeout", (FALLBACK, ENTERED, CONNECTED, COMPLETED)),
        ("answered", "", (end_mark("self_served"), ENTERED, CONNECTED)),
        ("abandoned", "", (TO_QUEUE, ENTERED, ABANDONED)),
        ("abandoned", "", (TO_QUEUE, ENTERED, RUNG_OUT, ABANDONED)),
        ("abandoned", "", (TO_QUEUE, ENTERED)),
        ("abandoned", "", (end_mark("self_served"), ENTERED, ABANDONED)),
        ("abandoned", "queue_timeout", (TO_QUEUE, ENTERED, LEFT)),
        ("abandoned", "menus_unavailable:timeout", (FALLBACK, ENTERED, ABANDONED)),
        ("message_left", "queue_timeout", (TO_QUEUE, ENTERED, LEFT, MESSAGE)),
        ("message_left", "", (TO_MESSAGE, MESSAGE)),
        ("message_left", "menus_unavailable:timeout", (FALLBACK, MESSAGE)),
        ("message_left", "", (TO_QUEUE, ENTERED, ABANDONED, MESSAGE)),
        ("callback_requested", "", (ENTERED, end_mark("callback_requested"))),
        ("rejected", "", (TO_MESSAGE,)),
        ("rejected", "", (TO_MESSAGE, NO_MESSAGE)),
        ("rejected", "", (end_mark("rejected", "blocked"),)),
        ("rejected", "queue_timeout", (TO_QUEUE, LEFT)),
        ("self_served", "", (end_mark("self_served"),)),
        ("failed", "no_disk", (end_mark("failed", "no_disk"), end_mark("self_served"))),
        ("failed", "menus_unavailable:timeout", (FALLBACK,)),
        ("failed", "menus_unavailable:timeout", (FALLBACK, NO_MESSAGE)),
        ("ivr_hangup", "", ()),
        ("rejected", "queue_not_joined", (TO_QUEUE,)),
        ("message_left", "queue_not_joined", (TO_QUEUE, MESSAGE)),
        ("message_left", "", (TO_MESSAGE, (60.0, "mark", {"name": "HOTLINE_MESSAGE", "status": "HANGUP"}))),
        ("ivr_hangup", "", (end_mark("nonsense"),)),
    ],
)
def test_the_outcome_is_the_first_rule_that_holds(
    outcome: str, failure: str, lines: tuple[tuple[float, str, dict[str, str]], ...]
) -> None:
    record = fold(call(STARTED, ANSWERED, *lines, ENDED))
    assert (record.outcome, record.failure) == (outcome, failure)


def test_an_answered_call_in_full() -> None:
    record = fold(ANSWERED_CALL)
    assert record.started_at == START
    assert record.answered_at == START + timedelta(seconds=0.5)
    assert record.queued_at == START + timedelta(seconds=10)  # the mark's time, not queue_log's whole second
    assert record.connected_at == START + timedelta(seconds=31.1)
    assert record.ended_at == START + timedelta(seconds=95)
    assert (record.caller_raw, record.dialled) == ("0905123456", "1022")
    assert (record.queue, record.operator, record.language, record.reason) == ("assistance", "op2", "vi", "asked")
    assert (record.wait_s, record.talk_s) == (21.1, 60.5)
    rung, talked = record.legs
    assert (rung.operator, rung.ring_s, rung.talk_s) == ("op1", 15.0, None)
    assert (talked.operator, talked.ring_s, talked.talk_s) == ("op2", 4.0, 60.5)


def test_a_caller_who_is_queued_as_the_second_turns_waits_from_its_turn() -> None:
    mark = (9.74, "mark", TO_QUEUE[2])  # 8:00:09.99, while queue_log says 8:00:10
    record = fold(call(STARTED, mark, ENTERED, CONNECTED, BRIDGED, ENDED))
    assert (record.queued_at, record.wait_s) == (START + timedelta(seconds=9.75), 21.35)


def test_without_cel_the_whole_seconds_of_queue_log_serve() -> None:
    record = fold(call(ENTERED, CONNECTED, COMPLETED))
    assert (record.caller_raw, record.queue, record.operator) == ("0905123456", "assistance", "op2")
    assert (record.wait_s, record.talk_s) == (21.0, 60.0)


def test_a_call_that_lasts_has_no_outcome() -> None:
    record = fold(ANSWERED_CALL[:-3])
    assert (record.outcome, record.ended_at, record.talk_s, record.operator) == (None, None, None, "op2")


def test_the_operators_channel_is_not_taken_for_the_callers() -> None:
    other = (26.0, "started", {"channel": "PJSIP/op2-2", "number": "0235999", "uniqueid": "hotline-1.2"})
    answer = (30.9, "answered", {"channel": "PJSIP/op2-2"})
    record = fold(call(STARTED, other, answer, ENDED))
    assert (record.caller_raw, record.dialled, record.answered_at) == ("0905123456", "1022", None)


@given(st.permutations([*ANSWERED_CALL, *ANSWERED_CALL]))
@UNTIMED
def test_order_and_repetition_change_nothing(lines: list[JournalEvent]) -> None:
    assert fold(lines) == fold(ANSWERED_CALL)


def test_two_operators_talk_one_after_the_other() -> None:
    again = (92.0, "queue_connected", {"queue": "reports", "login": "op3", "wait_s": "1", "ring_s": "1"})
    done = (
        122.0,
        "queue_completed",
        {"queue": "reports", "login": "op3", "wait_s": "1", "talk_s": "30", "by": "caller"},
    )
    record = fold(call(STARTED, ENTERED, CONNECTED, BRIDGED, UNBRIDGED, COMPLETED, again, done, (125.0, "ended", {})))
    assert [leg.operator for leg in record.legs] == ["op2", "op3"]
    assert (record.operator, record.queue, record.talk_s) == ("op2", "assistance", 90.5)


@pytest.mark.parametrize(
    ("outcome", "lines"),
    [
        ("answered", (ENTERED, CONNECTED, BRIDGED)),
        ("message_left", (TO_MESSAGE, MESSAGE)),
        ("abandoned", (ENTERED, ABANDONED)),
        ("self_served", (end_mark("self_served"),)),
        ("failed", (ENTERED,)),
        ("failed", ()),
    ],
)
def test_a_call_whose_end_was_never_written_is_closed_by_what_is_known(
    outcome: str, lines: tuple[tuple[float, str, dict[str, str]], ...]
) -> None:
    lost = (95.0, "ended", {"lost": "exchange_restarted"})
    record = fold(call(STARTED, *lines, lost))
    assert (record.outcome, record.failure) == (outcome, "exchange_restarted")
    assert record.ended_at == START + timedelta(seconds=95)


def test_the_exchanges_own_end_outweighs_ours() -> None:
    lost = (200.0, "ended", {"lost": "exchange_restarted"})
    assert fold([*ANSWERED_CALL, *call(*[STARTED] * 20, lost)[-1:]]) == fold(ANSWERED_CALL)


def test_how_long_a_lost_call_waited_or_talked_is_unknown() -> None:
    lost = fold(call(STARTED, ENTERED, CONNECTED, BRIDGED, (86_400.0, "ended", {"lost": "exchange_killed"})))
    assert (lost.outcome, lost.wait_s, lost.talk_s) == ("answered", 21.0, None)
    lost = fold(call(STARTED, ENTERED, (86_400.0, "ended", {"lost": "exchange_killed"})))
    assert (lost.outcome, lost.wait_s) == ("failed", None)


def test_closing_keeps_a_closed_call() -> None:
    closed = fold(ANSWERED_CALL)
    assert close_lost(closed, START + timedelta(hours=1), "x") == closed


KINDS = list(get_args(JournalKind))
MARKS = ("HOTLINE_ROUTE", "HOTLINE_FALLBACK", "HOTLINE_MESSAGE", "HOTLINE_END", "OTHER")
values = st.one_of(st.text(max_size=5), st.sampled_from(["nan", "inf", "-1", "1e999", *OUTCOMES, *MARKS]))
keys = st.sampled_from(
    ["name", "queue", "login", "wait_s", "talk_s", "ms", "seconds", "outcome", "next", "why", "lost"]
)
events = st.builds(
    JournalEvent,
    linkedid=st.just("1.1"),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    kind=st.sampled_from(KINDS),
    data=st.dictionaries(keys, values),
    source=st.sampled_from(["cel", "queue_log"]),
    position=st.integers(0, 50),
)


@given(st.lists(events, min_size=1, max_size=30))
@UNTIMED
def test_no_input_raises_and_an_ended_call_has_one_outcome(lines: list[JournalEvent]) -> None:
    record = fold(lines)
    kept = {(line.source, line.position): line for line in lines}.values()
    assert (record.outcome in OUTCOMES) == any(line.kind == "ended" for line in kept)
    assert record.wait_s is None or record.wait_s >= 0
    assert record.talk_s is None or record.talk_s >= 0


def test_nothing_cannot_be_folded() -> None:
    with pytest.raises(ValueError, match="no events"):
        fold([])


@pytest.mark.parametrize(
    ("rows", "level", "short"),
    [
        ([], None, 0),
        ([("answered", 20.0)], 1.0, 0),
        ([("answered", 20.1)], 0.0, 0),
        ([("answered", 3.0), ("abandoned", 5.0)], 1.0, 1),
        ([("answered", 3.0), ("abandoned", 5.1)], 0.5, 0),
        ([("abandoned", 2.0)], None, 1),
        ([("answered", None), ("self_served", 1.0), (None, 9.0), ("failed", 9.0), ("message_left", 9.0)], 1.0, 0),
    ],
)
def test_the_service_level(rows: list[tuple[str | None, float | None]], level: float | None, short: int) -> None:
    result = service_level(rows, 20, 5)
    assert (result.level, result.short_abandoned) == (level, short)
