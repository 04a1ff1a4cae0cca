"""What is the same for every request: problem documents, bounds, headers, the description and the web app."""

from __future__ import annotations

import gzip
import json
import logging
from pathlib import Path

import pytest
from api_kit import World, code_of, make_world
from sqlalchemy.orm import Session, sessionmaker

from api.edge import MAX_BODY
from api.openapi import PUBLIC, document


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
