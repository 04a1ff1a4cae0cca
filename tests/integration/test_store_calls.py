"""Reading calls back: pages, filters, the calls of a number, the service level."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from callcenter.calls import queries
from callcenter.calls.events import JournalEvent
from callcenter.calls.journal import store_journal
from callcenter.calls.queries import Filter
from callcenter.errors import Invalid, NotFound
from callcenter.tables import Call

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANN, BOB = "+84905123456", "+84905000002"


def call(number: int, minutes: int, caller: str = ANN, **values: object) -> Call:
    known: dict[str, object] = {"outcome": "answered", "queue": "assistance", "wait_s": 5.0, "operator": "op1"}
    row = {
        "linkedid": f"1.{number}",
        "started_at": START + timedelta(minutes=minutes),
        "caller": caller,
        "menu_path": [],
    }
    return Call(**(row | known | values))


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Session:
    with sessions.begin() as session:
        session.add_all(
            [
                call(1, 0),
                call(2, 1, BOB, outcome="abandoned", wait_s=30.0, queue="reports"),
                call(3, 1, outcome="abandoned", wait_s=2.0),
                call(4, 2, "", caller_raw="anonymous", outcome="self_served", queue="", wait_s=None),
                call(5, 3, outcome=None, wait_s=None),
                call(6, 4, wait_s=25.0),
            ]
        )
    return sessions()


def ids(calls: list[Call]) -> list[str]:
    return [found.linkedid for found in calls]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), ["1.6", "1.5", "1.4", "1.3", "1.2", "1.1"]),
        (Filter(since=START + timedelta(minutes=1), until=START + timedelta(minutes=3)), ["1.4", "1.3", "1.2"]),
        (Filter(outcome="abandoned"), ["1.3", "1.2"]),
        (Filter(queue="reports"), ["1.2"]),
        (Filter(operator="op1", outcome="answered"), ["1.6", "1.1"]),
        (Filter(caller="0905 000 002"), ["1.2"]),
        (Filter(caller="anonymous"), ["1.4"]),
        (Filter(caller="' OR 1=1 --\x00"), []),
    ],
)
def test_pages_are_filtered_and_newest_first(session: Session, wanted: Filter, found: list[str]) -> None:
    assert ids(queries.page(session, wanted=wanted, limit=50)) == found


def test_a_list_goes_on_where_it_stopped_even_between_calls_of_one_moment(session: Session) -> None:
    seen: list[str] = []
    cursor = ""
    while calls := queries.page(session, wanted=Filter(cursor=cursor), limit=2):
        seen += ids(calls)
        cursor = queries.cursor_of(calls[-1])
    assert seen == ["1.6", "1.5", "1.4", "1.3", "1.2", "1.1"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "Ünsinn", "MjAyNi0wMy0wMlQwODowMDowMHwxLjE="])
def test_a_cursor_that_was_never_given_out_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        queries.page(session, wanted=Filter(cursor=cursor), limit=2)


def test_an_outcome_that_there_is_not_is_refused(session: Session) -> None:
    with pytest.raises(Invalid, match="answered"):
        queries.page(session, wanted=Filter(outcome="happy"), limit=2)


def test_earlier_calls_of_a_number(session: Session) -> None:
    before = START + timedelta(minutes=4)
    assert ids(queries.earlier_calls(session, e164=ANN, before=before)) == ["1.5", "1.3", "1.1"]
    assert queries.earlier_calls(session, e164="", before=before) == []


def test_the_service_level_of_what_was_selected(session: Session) -> None:
    level = queries.level(session, wanted=Filter(), x_s=20, y_s=5)
    assert (level.answered, level.answered_in_time, level.abandoned, level.short_abandoned) == (2, 1, 2, 1)
    assert level.level == pytest.approx(1 / 3)
    assert queries.level(session, wanted=Filter(queue="reports"), x_s=20, y_s=5).level == 0


def test_outcomes_are_counted_with_those_that_did_not_come_about(session: Session) -> None:
    counted = queries.outcomes(session, wanted=Filter())
    assert (counted["answered"], counted["abandoned"], counted["self_served"], counted["failed"]) == (2, 2, 1, 0)


def test_one_call_with_its_evidence(sessions: sessionmaker[Session]) -> None:
    lines = [JournalEvent("1.1", START + timedelta(seconds=s), "bridged", {}, "cel", s) for s in (3, 1, 2)]
    with sessions.begin() as session:
        store_journal(session, lines, {})
    with sessions() as session:
        assert queries.get(session, linkedid="1.1").started_at == START + timedelta(seconds=1)
        assert [line.position for line in queries.events_of(session, linkedid="1.1")] == [1, 2, 3]
        with pytest.raises(NotFound):
            queries.get(session, linkedid="1.9\x00")
