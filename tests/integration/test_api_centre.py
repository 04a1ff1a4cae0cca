"""Queues and operators: now, today, and asking for calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_kit import World, code_of, make_world
from sqlalchemy.orm import Session, sessionmaker

from callcenter.calls import events as ev
from callcenter.tables import OperatorState
from callcenter.telephony import Phone


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> World:
    return make_world(sessions, tmp_path)


def test_queues_now_and_today(world: World) -> None:
    for number, (outcome, wait_s) in enumerate(
        [("answered", 5.0), ("answered", 30.0), ("abandoned", 3.0), ("abandoned", 40.0), ("self_served", None)]
    ):
        world.add_call(f"call.{number}", queue="reports", outcome=outcome, wait_s=wait_s)
    caller = ev.Caller("now.1", "reports", "0905123456", "", "vi", "report", 1, world.now)
    member = ev.Member("reports", "PJSIP/op1", "op1", 0, False, "", "idle", False)
    world.desk.apply(
        ev.Snapshot(world.now, ("reports",), (member,), (caller,), frozenset({"now.1"}), frozenset({"op1"}))
    )
    answer = world.client("op2").get("/api/v1/queues").json()
    assert answer["stale_since"] is None and answer["open"] is True
    queue = next(queue for queue in answer["items"] if queue["name"] == "reports")
    assert queue["name_vi"] == "Phản ánh sự cố" and (queue["members"], queue["ready"]) == (1, 1)
    assert [caller["number"] for caller in queue["waiting"]] == ["+84905•••456"]
    assert queue["today"] == {
        "answered": 2,
        "answered_in_time": 1,
        "abandoned": 2,
        "short_abandoned": 1,
        "service_level": pytest.approx(1 / 3),
    }
    assert {queue["name"] for queue in answer["items"]} >= {"reports", "procedures"}
    operators = world.client("op2").get("/api/v1/operators").json()["items"]
    assert [(operator["login"], operator["state"]) for operator in operators] == [("op1", "ready"), ("op2", "offline")]


def test_an_operator_asks_for_calls(world: World) -> None:
    client = world.client("op1")
    unplugged = client.put("/api/v1/operators/me/state", json={"state": "ready"})
    assert (unplugged.status_code, code_of(unplugged)) == (409, "phone_not_registered")
    world.telephony.registered = [Phone("op1", "desk", "PJSIP/op1")]
    ready = client.put("/api/v1/operators/me/state", json={"state": "ready"})
    assert ready.status_code == 200 and ready.json()["interface"] == "PJSIP/op1" and ready.json()["queues"]
    paused = client.put("/api/v1/operators/op1/state", json={"state": "paused", "reason": "ăn trưa"}).json()
    assert (paused["state"], paused["reason"]) == ("paused", "ăn trưa")
    assert ("pause", "PJSIP/op1", True, "ăn trưa") in world.telephony.asked
    with world.sessions() as session:
        assert session.get_one(OperatorState, "op1").state == "paused"


def test_a_supervisor_sets_the_state_of_others(world: World) -> None:
    client = world.client("sup1")
    assert client.put("/api/v1/operators/op1/state", json={"state": "offline"}).status_code == 200
    for login in ("nobody", "cb1"):
        answer = client.put(f"/api/v1/operators/{login}/state", json={"state": "offline"})
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    for body in (
        {"state": "asleep"},
        {},
        {"state": "paused", "reason": "a\nb"},
        {"state": "paused", "reason": "x" * 101},
    ):
        assert code_of(client.put("/api/v1/operators/op1/state", json=body)) == "invalid"
