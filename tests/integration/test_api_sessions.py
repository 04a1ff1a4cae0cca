"""Who may do what, signing in and out, tokens, and requests that other sites forge."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from api_kit import ROLES, World, code_of, make_world
from sqlalchemy.orm import Session, sessionmaker

from api.deps import COOKIE
from callcenter import people
from callcenter.tables import Audit, Token, WebSession

PASSWORD = "mật khẩu đúng"


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> World:
    return make_world(sessions, tmp_path)


@pytest.fixture
def with_password(world: World) -> World:
    with world.sessions.begin() as session:
        people.ensure(session, login="op1", name="Hạnh", role="operator", password=PASSWORD, now=world.now)
    return world


TICKET = {"content": "Đèn hỏng"}
ALL = set(ROLES)
STAFF = ALL - {"portal"}
LISTERS = {"op1", "op2", "sup1", "vp1", "admin", "portal"}
ROUTES = [
    ("GET", "/api/v1/session", None, ALL),
    ("GET", "/api/v1/calls", None, LISTERS),
    ("GET", "/api/v1/queues", None, LISTERS),
    ("GET", "/api/v1/operators", None, LISTERS),
    ("GET", "/api/v1/tickets", None, ALL),
    ("GET", "/api/v1/categories", None, ALL),
    ("POST", "/api/v1/tickets", TICKET, {"op1", "op2", "sup1", "admin", "portal"}),
    ("POST", "/api/v1/tokens", {"name": "x"}, {"admin"}),
    ("PUT", "/api/v1/operators/op2/state", {"state": "offline"}, {"op2", "sup1", "admin"}),
    ("GET", "/api/v1/calls/call.1", None, LISTERS),
    ("GET", "/api/v1/calls/call.1/context", None, LISTERS),
    ("GET", "/api/v1/calls/call.1/recording/peaks", None, {"op2", "sup1", "vp1", "admin"}),
]


@pytest.mark.parametrize(("method", "path", "body", "allowed"), ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES])
def test_roles_and_routes(world: World, method: str, path: str, body: dict[str, str] | None, allowed: set[str]) -> None:
    from callcenter.tables import Recording

    world.add_call("call.1", operator="op2")
    world.add_audio(Recording, "call.1")
    nobody = world.client().request(method, path, json=body)
    assert nobody.status_code == 401 and code_of(nobody) == "unauthenticated"
    for login in ROLES:
        answer = world.client(login).request(method, path, json=body)
        if login in allowed:
            assert answer.status_code in (200, 201), (login, answer.text)
        else:
            assert (answer.status_code, code_of(answer)) == (403, "forbidden"), login


def test_signing_in_and_out(with_password: World) -> None:
    client = with_password.client()
    answer = client.post("/api/v1/session", json={"login": "op1", "password": PASSWORD})
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "secure" not in cookie
    me = client.get("/api/v1/session").json()
    assert (me["login"], me["name"], me["role"]) == ("op1", "Hạnh", "operator")
    assert "ticket.create" in me["rights"] and "recording.listen" not in me["rights"]
    assert client.delete("/api/v1/session").status_code == 204
    assert client.get("/api/v1/session").status_code == 401
    with with_password.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WebSession)) == 0
        assert list(session.scalars(sa.select(Audit.action).order_by(Audit.id))) == ["sign_in", "sign_out"]


def test_a_signed_out_key_is_worth_nothing(world: World) -> None:
    client = world.client("op1")
    key = client.cookies[COOKIE]
    client.delete("/api/v1/session")
    thief = world.client()
    thief.cookies.set(COOKIE, key, domain="hotline.test")
    assert thief.get("/api/v1/session").status_code == 401


def test_secure_cookie_behind_tls(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    world = make_world(sessions, tmp_path, secure_cookies=True)
    with world.sessions.begin() as session:
        people.ensure(session, login="op1", name="", role="operator", password=PASSWORD, now=world.now)
    answer = world.client().post("/api/v1/session", json={"login": "op1", "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "strict-transport-security" in answer.headers


def test_guessing_passwords_is_limited_and_audited(with_password: World) -> None:
    client = with_password.client()
    for _ in range(people.TRIES):
        wrong = client.post("/api/v1/session", json={"login": "op1", "password": "wrong-password"})
        assert (wrong.status_code, code_of(wrong)) == (401, "sign_in_failed")
    right = client.post("/api/v1/session", json={"login": "op1", "password": PASSWORD})
    assert (right.status_code, code_of(right)) == (429, "too_many_tries")
    assert int(right.headers["retry-after"]) > 0
    with with_password.sessions() as session:
        rows = session.scalars(sa.select(Audit).where(Audit.action == "sign_in_failed")).all()
    assert len(rows) == people.TRIES + 1
    assert rows[0].subject == "op1" and "wrong-password" not in str(rows[0].data)


def test_an_unknown_login_is_told_like_a_wrong_password(with_password: World) -> None:
    client = with_password.client()
    bodies = [{"login": login, "password": "nonsense1"} for login in ("op1", "nobody")]
    answers = [client.post("/api/v1/session", json=body) for body in bodies]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_a_session_ends_by_itself(world: World) -> None:
    client = world.client("op1")
    world.now += timedelta(hours=11)
    assert client.get("/api/v1/session").status_code == 200
    world.now += timedelta(hours=2)
    assert client.get("/api/v1/session").status_code == 401


def test_tokens(world: World) -> None:
    made = world.client("admin").post("/api/v1/tokens", json={"name": "portal", "login": "portal", "days": 10}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    program = world.client()
    assert program.get("/api/v1/session", headers=bearer).json()["login"] == "portal"
    with world.sessions() as session:
        assert session.get_one(Token, made["id"]).last_used_at == world.now
    world.now += timedelta(days=11)
    assert program.get("/api/v1/session", headers=bearer).status_code == 401
    world.now -= timedelta(days=11)
    assert world.client("admin").delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert program.get("/api/v1/session", headers=bearer).status_code == 401
    for unknown in (0, 2**70, 999):
        assert world.client("admin").delete(f"/api/v1/tokens/{unknown}").status_code == 404


@pytest.mark.parametrize("header", ["Bearer nonsense", "bearer  x", "Bearer", "Bearer h1022_\x7f"])
def test_a_bad_authorization_is_not_helped_by_the_cookie(world: World, header: str) -> None:
    answer = world.client("op1").get("/api/v1/session", headers={"Authorization": header})
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_proxys_own_password_neither_helps_nor_harms(world: World) -> None:
    basic = {"Authorization": "Basic b3AxOng="}
    assert world.client("op1").get("/api/v1/session", headers=basic).status_code == 200
    assert world.client().get("/api/v1/session", headers=basic).status_code == 401
    forged = world.client("op1").post("/api/v1/tickets", json=TICKET, headers=basic | {"Sec-Fetch-Site": "cross-site"})
    assert code_of(forged) == "csrf"


def test_a_disabled_person_is_out_at_once(world: World) -> None:
    client = world.client("op1")
    with world.sessions.begin() as session:
        world._person(session, "op1").active = False
    assert client.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://hotline.test"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "https://hotline.test"}, False),
        ({"Origin": "http://HOTLINE.test"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "http://evil.test"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://hotline.test:8080"}, True),
        ({"Origin": "http://hotline.test.evil.test"}, True),
        ({"Origin": "http://hotline.test@evil.test"}, True),
        ({"Origin": "http://[", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.test"}, True),
    ],
)
def test_requests_forged_by_other_sites(world: World, headers: dict[str, str], refused: bool) -> None:
    answer = world.client("op1").post("/api/v1/tickets", json=TICKET, headers=headers)
    if refused:
        assert (answer.status_code, code_of(answer)) == (403, "csrf")
    else:
        assert answer.status_code == 201
    assert world.client("op1").get("/api/v1/tickets", headers=headers).status_code == 200


def test_signing_in_cannot_be_forged_either(with_password: World) -> None:
    body = {"login": "op1", "password": PASSWORD}
    answer = with_password.client().post("/api/v1/session", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, code_of(answer)) == (403, "csrf")


def test_programs_are_exempt(world: World) -> None:
    headers = world.token("portal") | {"Origin": "http://elsewhere.test", "Sec-Fetch-Site": "cross-site"}
    assert world.client().post("/api/v1/tickets", json=TICKET, headers=headers).status_code == 201


def test_only_ones_own_phone(world: World) -> None:
    own = world.client("op1").get("/api/v1/session/phone").json()
    assert own == {"ws": "/sip", "user": "op1-web", "password": "sip-secret", "realm": "hotline"}
    for login in ("op2", "cb1", "admin"):
        assert world.client(login).get("/api/v1/session/phone").status_code == 404
