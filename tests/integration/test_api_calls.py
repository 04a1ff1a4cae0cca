"""Calls: who sees which number, paging, filters, and what the screen pop shows."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from api_kit import NUMBER, World, code_of, get, make_world, soon
from sqlalchemy.orm import Session, sessionmaker

from callcenter.calls import events as ev
from callcenter.tables import Audit, CallEvent, Recording
from callcenter.tickets import service

MASKED = "+84905•••456"


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> World:
    return make_world(sessions, tmp_path)


def test_numbers_are_masked_unless_the_role_may_see_them(world: World) -> None:
    world.add_call("call.1", operator="op2")
    for login, number in {"op1": MASKED, "op2": NUMBER, "sup1": NUMBER, "vp1": MASKED, "portal": MASKED}.items():
        assert get(world, login, "/calls")["items"][0]["caller"] == number
        assert get(world, login, "/calls/call.1")["caller"] == number
    with world.sessions() as session:
        rows = session.scalars(sa.select(Audit).where(Audit.action == "number.view")).all()
    assert sorted(row.actor for row in rows) == ["op2", "sup1"]
    assert {row.subject for row in rows} == {"call.1"}


def test_pages_stay_whole_while_calls_come_in(world: World) -> None:
    for number in range(7):
        world.add_call(f"call.{number}", started_at=soon(number // 2))  # some at the same moment
    first = get(world, "op1", "/calls", limit=3)
    world.add_call("call.new", started_at=soon(100))
    second = get(world, "op1", "/calls", limit=3, cursor=first["next_cursor"])
    third = get(world, "op1", "/calls", limit=3, cursor=second["next_cursor"])
    seen = [call["linkedid"] for page in (first, second, third) for call in page["items"]]
    assert seen == [f"call.{number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert third["next_cursor"] is None


def test_filters(world: World) -> None:
    world.add_call("call.1", queue="reports", operator="op1", started_at=soon(-86400))
    world.add_call("call.2", queue="procedures", outcome="abandoned", caller="+842353812345")
    world.add_call("call.3", outcome=None, caller="")
    cases: dict[str, dict[str, str]] = {
        "call.1": {"to": "2026-11-24T00:00:00+07:00"},
        "call.2": {"outcome": "abandoned"},
        "call.3 call.2": {"from": "2026-11-24"},
        "call.2 ": {"queue": "procedures"},
        "call.1 ": {"operator": "op1"},
        " call.2": {"caller": "0235 3812 345"},
        "  call.1": {"caller": "0084905123456"},
        "": {"queue": "reports", "outcome": "abandoned"},
    }
    for wanted, params in cases.items():
        found = [call["linkedid"] for call in get(world, "op1", "/calls", **params)["items"]]
        assert found == wanted.split(), params


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "fHw="}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "100000"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"from": "yesterday"}, "from"),
        ({"from": "0001-01-01T00:00:00"}, "from"),
        ({"to": "9999-12-31T23:59:59"}, "to"),
        ({"outcome": "lost"}, "outcome"),
        ({"caller": "0905\x00"}, "caller"),
        ({"queue": "q" * 1000}, "queue"),
    ],
)
def test_a_bad_parameter_is_named(world: World, params: dict[str, str], field: str) -> None:
    answer = world.client("op1").get("/api/v1/calls", params=params)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")
    assert answer.json()["field"] == field


def test_a_call_with_all_that_belongs_to_it(world: World) -> None:
    world.add_call("call.1", menu_path=[{"node": "main", "key": "1"}, {"node": "unheard", "key": ""}], dialled="1022")
    world.add_audio(Recording, "call.1")
    with world.sessions.begin() as session:
        new = service.NewTicket(content="Đèn hỏng", linkedid="call.1", citizen_phone="0905123456")
        service.create(session, new=new, source="call", author="op1", now=world.now)
        for position, kind in enumerate(("started", "mark")):
            data = {"name": "HOTLINE_ROUTE", "number": "0905123456", "queue": "reports"}
            session.add(
                CallEvent(linkedid="call.1", at=world.now, kind=kind, data=data, source="cel", position=position)
            )
    call = get(world, "vp1", "/calls/call.1")
    assert call["started_at"] == "2026-11-24T10:00:00.000+07:00"
    assert call["menu_path"] == [
        {"node": "main", "key": "1", "label_vi": "Menu chính", "label_en": "Main menu"},
    ]
    assert [event["data"] for event in call["events"]] == [
        {"queue": "reports"},
        {"queue": "reports", "name": "HOTLINE_ROUTE"},
    ]
    assert call["has_recording"] and call["recording"]["available"] and call["message"] is None
    assert call["recording"]["url"] == "/api/v1/calls/call.1/recording"
    assert call["recording"]["peaks"] == {"per_second": 10, "left": [1, 2], "right": [3, 4]}
    assert [(ticket["content"], ticket["citizen_phone"]) for ticket in call["tickets"]] == [("Đèn hỏng", MASKED)]
    assert "0905123456" not in world.client("vp1").get("/api/v1/calls/call.1").text


@pytest.mark.parametrize("linkedid", ["nope", "a/b", "%00", "x" * 200, "a b", "..", "%F0%9F%98%80"])
def test_calls_that_are_not_there(world: World, linkedid: str) -> None:
    answer = world.client("op1").get(f"/api/v1/calls/{linkedid}/context")
    assert answer.status_code in (404, 422)
    assert code_of(answer) in ("not_found", "invalid")


def ring(world: World, login: str, linkedid: str, number: str) -> None:
    caller = ev.Caller(linkedid, "reports", number, "", "vi", "report", 1, world.now)
    world.desk.apply(ev.CallerJoined(world.now, caller))
    world.desk.apply(ev.OperatorRung(world.now, linkedid, "reports", f"PJSIP/{login}", login))


def test_context_of_the_call_that_rings(world: World) -> None:
    world.add_call("old.1", started_at=soon(-500))
    world.add_call("new.1", outcome=None, menu_path=[{"node": "main", "key": "1"}])
    with world.sessions.begin() as session:
        new = service.NewTicket(content="Ổ gà", citizen_phone=NUMBER, citizen_name="Bà Sáu")
        service.create(session, new=new, source="call", author="op2", now=world.now)
    ring(world, "op1", "new.1", "0905123456")
    context = get(world, "op1", "/calls/new.1/context")
    assert context["caller"] == {"number": NUMBER, "name": "Bà Sáu", "calls": 1}
    assert [visit["label_vi"] for visit in context["menu_path"]] == ["Menu chính"]
    assert [call["linkedid"] for call in context["earlier_calls"]] == ["old.1"]
    assert [ticket["content"] for ticket in context["open_tickets"]] == ["Ổ gà"]
    assert get(world, "op2", "/calls/new.1/context")["caller"]["number"] == MASKED
    assert get(world, "op1", "/calls/new.1")["caller"] == NUMBER


def test_context_of_a_call_that_the_database_does_not_know_yet(world: World) -> None:
    world.add_call("old.1", started_at=soon(-500))
    ring(world, "op1", "new.1", "0905123456")
    context = get(world, "op1", "/calls/new.1/context")
    assert context["caller"] == {"number": NUMBER, "name": "", "calls": 1}
    assert world.client("op2").get("/api/v1/calls/new.1/context").status_code == 404


def test_an_anonymous_caller_has_no_history(world: World) -> None:
    world.add_call("old.1", started_at=soon(-500), caller="")
    world.add_call("new.1", caller="", caller_raw="anonymous")
    context = get(world, "sup1", "/calls/new.1/context")
    assert context["caller"] == {"number": "", "name": "", "calls": 0}
    assert context["earlier_calls"] == [] and context["open_tickets"] == []
