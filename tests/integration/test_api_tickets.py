"""Tickets: opening them once, reading them as one's role may, notes, and what a stranger with a code learns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_kit import World, code_of, make_world, served
from sqlalchemy.orm import Session, sessionmaker

from callcenter.tables import Audit, Ticket
from callcenter.tickets import codes
from callcenter.tickets.service import TRIES_PER_HOUR


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> World:
    return make_world(sessions, tmp_path)


def open_ticket(world: World, login: str = "op1", **values: Any) -> dict[str, Any]:
    answer = world.client(login).post("/api/v1/tickets", json={"content": "Đèn hỏng", **values})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_opening_a_ticket(world: World) -> None:
    values = {"title": "Đèn", "category": "lighting", "citizen_phone": "0905 123 456", "linkedid": "hotline-1.2"}
    ticket = open_ticket(world, **values)
    assert codes.parse(ticket["code"]) == ticket["code"]
    assert (ticket["state"], ticket["source"], ticket["created_by"]) == ("new", "call", "op1")
    assert ticket["citizen_phone"] == "+84905123456"
    assert ticket["created_at"] == "2026-11-24T10:00:00.000+07:00"
    assert [(note["kind"], note["author_name"]) for note in ticket["notes"]] == [("created", "OP1")]
    spaced = world.client("op1").get(f"/api/v1/tickets/{codes.show(ticket['code'])}")
    assert spaced.json() == ticket
    with world.sessions() as session:
        assert session.scalar(sa.select(Audit.subject).where(Audit.action == "ticket.create")) == ticket["code"]


def test_sources(world: World) -> None:
    assert open_ticket(world)["source"] == "web"
    assert open_ticket(world, "portal", linkedid="hotline-1.2")["source"] == "integration"


def test_the_same_key_gives_the_same_ticket(world: World) -> None:
    client, headers = world.client("op1"), {"Idempotency-Key": "3f1c"}
    first = client.post("/api/v1/tickets", json={"content": "Đèn hỏng"}, headers=headers)
    again = client.post("/api/v1/tickets", json={"content": "Đèn hỏng"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"] == f"/api/v1/tickets/{first.json()['code']}"
    other = client.post("/api/v1/tickets", json={"content": "Khác"}, headers=headers)
    assert (other.status_code, code_of(other)) == (409, "idempotency_key_reused")
    theirs = world.client("op2").post("/api/v1/tickets", json={"content": "Khác"}, headers=headers)
    assert theirs.status_code == 201
    with world.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 2
        assert session.scalar(sa.select(sa.func.count()).where(Audit.action == "ticket.create")) == 2


def test_a_retry_that_differs_only_in_composition_is_the_same(world: World) -> None:
    client, headers = world.client("op1"), {"Idempotency-Key": "nfc"}
    bodies = [{"content": "Đường hỏng"}, {"content": " Đươ\u0300ng ho\u0309ng "}]
    answers = [client.post("/api/v1/tickets", json=body, headers=headers).json() for body in bodies]
    assert answers[0] == answers[1] and answers[1]["content"] == "Đường hỏng"


def test_twins_at_the_same_time_are_one_ticket(world: World) -> None:
    headers = world.token("portal") | {"Idempotency-Key": "twin"}

    def post(address: str) -> httpx.Response:
        url = f"http://{address}/api/v1/tickets"
        return httpx.post(url, json={"content": "Đèn hỏng"}, headers=headers, timeout=30, trust_env=False)

    with served(world.app) as address, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, [address] * 8))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["code"] for answer in answers}) == 1


@pytest.mark.parametrize("key", ["", "k" * 201, "a\tb"])
def test_keys_that_cannot_be_kept(world: World, key: str) -> None:
    answer = world.client("op1").post("/api/v1/tickets", json={"content": "x"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/content"),
        ({"content": "  "}, "#/content"),
        ({"content": "x" * 20_001}, "#/content"),
        ({"content": "a\0b"}, "#/content"),
        ({"content": 5}, "#/content"),
        ({"content": None}, "#/content"),
        ({"content": "x", "category": "dragons"}, "#/category"),
        ({"content": "x", "citizen_phone": "12"}, "#/citizen_phone"),
        ({"content": "x", "title": "a\nb"}, "#/title"),
        ({"content": "x", "title": "x" * 301}, "#/title"),
        ({"content": "x", "public": "perhaps"}, "#/public"),
        ({"content": "x", "linkedid": "../etc"}, "#/linkedid"),
        ({"content": "x", "state": "closed"}, "#/state"),
    ],
)
def test_what_is_wrong_is_pointed_at(world: World, body: dict[str, Any], pointer: str) -> None:
    answer = world.client("op1").post("/api/v1/tickets", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    with world.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 0


def test_an_agency_sees_its_own_tickets_only(world: World) -> None:
    road = open_ticket(world, category="roads", content="Ổ gà")
    light = open_ticket(world, category="lighting")
    for login, seen in {"cb1": ["Ổ gà"], "lead1": ["Ổ gà"], "cb0": [], "vp1": ["Đèn hỏng", "Ổ gà"]}.items():
        page = world.client(login).get("/api/v1/tickets").json()
        assert [ticket["content"] for ticket in page["items"]] == seen, login
    officer = world.client("cb1")
    assert officer.get(f"/api/v1/tickets/{road['code']}").status_code == 200
    hidden, absent = officer.get(f"/api/v1/tickets/{light['code']}"), officer.get("/api/v1/tickets/260000000")
    assert code_of(hidden) == "not_found"
    assert absent.status_code in (404, 422)
    note = officer.post(f"/api/v1/tickets/{light['code']}/notes", json={"text": "x"})
    assert code_of(note) == "not_found"
    assert officer.get("/api/v1/tickets", params={"category": "lighting"}).json()["items"] == []


def test_phones_on_tickets(world: World) -> None:
    code = open_ticket(world, category="roads", citizen_phone="0905123456")["code"]
    for login, phone in {"cb1": "+84905123456", "lead1": "+84905•••456", "portal": "+84905•••456"}.items():
        assert world.client(login).get(f"/api/v1/tickets/{code}").json()["citizen_phone"] == phone


def test_notes(world: World) -> None:
    code = open_ticket(world)["code"]
    answer = world.client("sup1").post(f"/api/v1/tickets/{code}/notes", json={"text": "Đã gọi lại\nKhông nghe máy"})
    assert answer.status_code == 201
    assert [note["text"] for note in answer.json()["notes"]] == ["", "Đã gọi lại\nKhông nghe máy"]
    assert answer.json()["version"] == 2
    for body in ({"text": " "}, {"text": "\0"}, {}, []):
        assert code_of(world.client("sup1").post(f"/api/v1/tickets/{code}/notes", json=body)) == "invalid"


def test_pages_stay_whole_while_tickets_come_in(world: World) -> None:
    for number in range(5):
        open_ticket(world, content=f"số {number}")
    client = world.client("op1")
    first = client.get("/api/v1/tickets", params={"limit": 2}).json()
    open_ticket(world, content="mới")
    second = client.get("/api/v1/tickets", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = client.get("/api/v1/tickets", params={"limit": 2, "cursor": second["next_cursor"]}).json()
    seen = [ticket["content"] for page in (first, second, third) for ticket in page["items"]]
    assert seen == ["số 4", "số 3", "số 2", "số 1", "số 0"] and third["next_cursor"] is None
    assert code_of(client.get("/api/v1/tickets", params={"cursor": "x"})) == "invalid"


def test_searching(world: World) -> None:
    open_ticket(world, content="giảm 100% phí", citizen_phone="0905123456")
    open_ticket(world, content="giảm 100 phí")
    found = world.client("op1").get("/api/v1/tickets", params={"text": "100%"}).json()["items"]
    assert [ticket["content"] for ticket in found] == ["giảm 100% phí"]
    by_phone = world.client("op1").get("/api/v1/tickets", params={"phone": "+84 905 123 456"}).json()["items"]
    assert len(by_phone) == 1


def test_a_mistyped_code_is_told(world: World) -> None:
    answer = world.client("op1").get("/api/v1/tickets/264810936")
    assert (answer.status_code, code_of(answer)) == (422, "invalid")
    assert "digit" in answer.json()["detail"]


def test_a_stranger_learns_the_state_and_nothing_else(world: World) -> None:
    code = open_ticket(world, citizen_name="Bà Sáu")["code"]
    answer = world.client().get(f"/api/v1/public/tickets/{codes.show(code)}")
    assert answer.json() == {"code": code, "state": "new"}


def test_guessing_codes_is_limited_for_each_address(world: World) -> None:
    code = open_ticket(world)["code"]
    missing = codes.make(2020, lambda _n: 7)
    guesser = world.client(client=("203.0.113.7", 1))
    for _ in range(TRIES_PER_HOUR):
        assert guesser.get(f"/api/v1/public/tickets/{missing}").status_code == 404
    limited = guesser.get(f"/api/v1/public/tickets/{code}")
    assert (limited.status_code, code_of(limited)) == (429, "too_many_tries")
    assert "retry-after" in limited.headers
    other = world.client(client=("203.0.113.8", 1))
    assert other.get(f"/api/v1/public/tickets/{code}").status_code == 200
