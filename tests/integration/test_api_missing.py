"""Each dependency missing, and the figures that tell of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from api_kit import FakeTelephony, World, code_of, make_world
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker

from api.deps import CheckState
from api.main import create_app
from callcenter import store
from callcenter.tables import OperatorState


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> World:
    return make_world(sessions, tmp_path)


def test_without_the_exchange(world: World) -> None:
    world.telephony.connected = False
    answer = world.client("op1").put("/api/v1/operators/me/state", json={"state": "ready"})
    assert (answer.status_code, code_of(answer)) == (503, "telephony_unavailable")
    assert world.client("op1").get("/api/v1/queues").json()["stale_since"] is not None
    with world.sessions() as session:
        assert session.get(OperatorState, "op1") is None


def without_database(world: World, url: str) -> TestClient:
    deps = replace(world.deps, sessions=store.session_factory(store.create_engine(url)))
    return TestClient(create_app(deps), base_url="http://hotline.test", raise_server_exceptions=False)


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql+psycopg://127.0.0.1:9/none"])
def test_without_the_database(world: World, url: str) -> None:
    client, headers = without_database(world, url), world.token("sup1")
    for method, path, body in (
        ("GET", "/api/v1/calls", None),
        ("POST", "/api/v1/tickets", {"content": "x"}),
        ("POST", "/api/v1/session", {"login": "op1", "password": "x"}),
        ("GET", "/api/v1/public/tickets/264810935", None),
        ("GET", "/api/v1/live", None),
    ):
        answer = client.request(method, path, json=body, headers=headers if "session" not in path else {})
        assert (answer.status_code, code_of(answer)) == (503, "database_unavailable"), path
        assert "nowhere" not in answer.text and "retry-after" in answer.headers
    assert client.get("/healthz").json() == {"status": "ok"}
    text = client.get("/metrics", headers=headers).status_code
    assert text == 503


def test_a_dependency_that_is_down_says_so(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    release = threading.Event()

    def hangs() -> CheckState:
        release.wait(60)
        return CheckState(True)

    def breaks() -> CheckState:
        raise OSError("the disk is gone")

    states: dict[str, Any] = {
        "fine": lambda: CheckState(True, "well"),
        "spare": lambda: CheckState(False, "off", False),
    }
    world = make_world(sessions, tmp_path, checks=states)
    ready = world.client().get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "ready": True,
        "checks": {
            "fine": {"state": "up", "needed": True, "detail": "well"},
            "spare": {"state": "down", "needed": False, "detail": "off"},
        },
    }
    states |= {"breaks": breaks, "hangs": hangs}
    down = world.client().get("/readyz")
    release.set()
    assert down.status_code == 503 and down.json()["ready"] is False
    checks = down.json()["checks"]
    assert "the disk is gone" in checks["breaks"]["detail"] and "no answer" in checks["hangs"]["detail"]
    assert checks["fine"]["state"] == "up"


def test_figures(world: World) -> None:
    for number, outcome in enumerate(("answered", "answered", "abandoned", None)):
        world.add_call(f"call.{number}", outcome=outcome)
    stranger = world.client(client=("203.0.113.7", 1))
    assert code_of(stranger.get("/metrics")) == "unauthenticated"
    local = world.client(client=("127.0.0.1", 1))
    assert local.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 401
    assert stranger.get("/metrics", headers=world.token("portal")).status_code == 200
    world.client("op1").get("/api/v1/calls/x.1/context")
    text = local.get("/metrics").text
    for line in (
        'hotline_calls_total{outcome="answered"} 2.0',
        'hotline_calls_total{outcome="abandoned"} 1.0',
        'hotline_calls_total{outcome="failed"} 0.0',
        "hotline_ami_connected 1.0",
        "hotline_feed_listeners 0.0",
        'hotline_operators{state="offline"} 2.0',
        'hotline_http_requests_total{method="GET",route="/api/v1/calls/{linkedid}/context",status="404"} 1.0',
    ):
        assert line in text, text


def test_the_database_going_away_leaves_the_other_figures(world: World) -> None:
    deps = replace(world.deps, sessions=store.session_factory(store.create_engine("sqlite:////nowhere/at/all.db")))
    client = TestClient(create_app(deps), client=("127.0.0.1", 1))
    text = client.get("/metrics").text
    assert "hotline_ami_connected 1.0" in text and "hotline_calls_total" not in text


def test_the_fake_keeps_to_the_protocol() -> None:
    from callcenter.telephony import Telephony

    telephony: Telephony = FakeTelephony()
    assert telephony.connected


def test_a_database_that_refuses_a_value(world: World) -> None:
    @world.app.get("/api/v1/refused")
    def refused() -> None:
        raise sa.exc.DataError("INSERT …", None, ValueError("integer out of range"))

    answer = world.client().get("/api/v1/refused")
    assert (answer.status_code, code_of(answer)) == (422, "invalid") and "INSERT" not in answer.text
