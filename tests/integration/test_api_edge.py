"""What is the same for every request: problem documents, bounds, headers; and each dependency missing."""

from __future__ import annotations

import gzip
import json
import logging
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
from api.edge import MAX_BODY
from api.main import create_app
from api.openapi import PUBLIC, document
from callcenter import store
from callcenter.calls import events as ev
from callcenter.tables import OperatorState
from callcenter.telephony import Phone


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> World:
    return make_world(sessions, tmp_path)


# --- problem documents and bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("PATCH", "/api/v1/tickets", 405, "method_not_allowed"),
        ("POST", "/api/v1/queues", 405, "method_not_allowed"),
        ("POST", "/", 405, "method_not_allowed"),
        ("GET", "/api/v1/calls/a/b/c", 404, "not_found"),
    ],
)
def test_what_the_router_refuses(world: World, method: str, path: str, status: int, code: str) -> None:
    answer = world.client("op1").request(method, path)
    assert (answer.status_code, code_of(answer)) == (status, code)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "malformed_json"),
        (b'{"content": "x"', 400, "malformed_json"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b'{"content": "\xff"}', 400, "bad_request"),
        (b'{"content": "\\ud800"}', 422, "invalid"),
        (b'{"\\ud800": 1, "content": "x"}', 422, "invalid"),
        (b"[" * 100_000, 400, "bad_request"),
        (b'{"content": NaN}', 422, "invalid"),
    ],
)
def test_bodies_that_cannot_be_used(world: World, content: bytes, status: int, code: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = world.client("op1").post("/api/v1/tickets", content=content, headers=headers)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_body_of_another_kind(world: World) -> None:
    answer = world.client("op1").post("/api/v1/tickets", data={"content": "x"})
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


def test_bodies_have_a_bound(world: World) -> None:
    client, content = world.client("op1"), b'{"content": "' + b"x" * MAX_BODY + b'"}'
    headers = {"Content-Type": "application/json"}
    declared = client.post("/api/v1/tickets", content=content, headers=headers)
    assert (declared.status_code, code_of(declared)) == (413, "too_large")
    pieces = (content[start : start + 4096] for start in range(0, len(content), 4096))
    counted = client.post("/api/v1/tickets", content=pieces, headers=headers)
    assert (counted.status_code, code_of(counted)) == (413, "too_large")


def test_what_was_sent_is_not_repeated(world: World) -> None:
    answer = world.client().post("/api/v1/session", json={"login": "op1", "password": ["secret-word"]})
    assert code_of(answer) == "invalid" and "secret-word" not in answer.text


def test_a_fault_of_ours_tells_only_its_number(world: World, caplog: pytest.LogCaptureFixture) -> None:
    @world.app.get("/api/v1/broken")
    def broken() -> None:
        raise RuntimeError("a detail of ours")

    with caplog.at_level(logging.ERROR, "api"):
        answer = world.client("op1").get("/api/v1/broken")
    assert (answer.status_code, code_of(answer)) == (500, "internal")
    assert "a detail of ours" not in answer.text
    number = answer.json()["request_id"]
    assert answer.headers["x-request-id"] == number and number in caplog.text and "a detail of ours" in caplog.text


@pytest.mark.parametrize("path", ["/", "/api/v1/session", "/api/docs", "/healthz"])
def test_headers_that_protect(world: World, path: str) -> None:
    headers = world.client().get(path).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy and "script-src" not in policy.replace("default-src 'self'", "")
    assert "http:" not in policy and "https:" not in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
    if path.startswith("/api/"):
        assert headers["cache-control"] == "no-store"


def test_long_answers_are_compressed(world: World) -> None:
    with world.client().stream("GET", "/api/openapi.json", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert json.loads(gzip.decompress(b"".join(answer.iter_raw())))["openapi"].startswith("3.1")


# --- the description ------------------------------------------------------------------------------------------------


def test_the_description_is_the_same_with_nothing_running(world: World) -> None:
    assert world.client().get("/api/openapi.json").json() == json.loads(json.dumps(document()))


def test_every_operation_has_a_name_and_problem_documents() -> None:
    description = document()
    operations = [operation for methods in description["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names)) and all(name.isalnum() for name in names) and set(names) >= PUBLIC
    for operation in operations:
        assert "422" not in operation["responses"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]
    used = set(json.dumps(description).split('"#/components/schemas/')[1:])
    assert {part.partition('"')[0] for part in used} <= set(description["components"]["schemas"])


def test_the_page_of_the_description_asks_no_third_party(world: World) -> None:
    page = world.client().get("/api/docs").text
    assert "<script" not in page and "http://" not in page and "https://" not in page
    assert "/api/v1/operators/{login}/state" in page


# --- the web app ----------------------------------------------------------------------------------------------------


def test_without_a_build_the_page_says_how_to_make_one(world: World) -> None:
    answer = world.client().get("/desk")
    assert answer.status_code == 503 and "make run" in answer.text


def test_the_web_app(world: World, tmp_path: Path) -> None:
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<p>trang")
    (tmp_path / "dist" / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (assets / "app-1a2b.js").write_text("1")
    client = world.client()
    for path in ("/", "/desk", "/calls/hotline-1", "/index.html"):
        answer = client.get(path)
        assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "<p>trang", "no-cache")
    asset = client.get("/assets/app-1a2b.js")
    assert "immutable" in asset.headers["cache-control"] and "javascript" in asset.headers["content-type"]
    assert client.get("/favicon.svg").headers["cache-control"] == "no-cache"
    for path in ("/assets/old.js", "/assets/old", "/missing.png", "/%2e%2e/secret.txt", "/..%2fsecret.txt"):
        answer = client.get(path)
        assert answer.status_code == 404 and "secret" not in answer.text.replace("secret.txt", ""), path
    assert client.get("/a%00b").status_code in (200, 404)
    assert client.head("/desk").status_code == 200
    unchanged = client.get("/", headers={"If-None-Match": client.get("/").headers["etag"]})
    assert unchanged.status_code == 304


# --- queues and operators -------------------------------------------------------------------------------------------


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


# --- each dependency missing ----------------------------------------------------------------------------------------


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
