"""A hotline for the API's tests: a real database, a fake exchange, a clock that stands still, and people."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker

from api.deps import COOKIE, CheckState, Deps
from api.main import create_app
from callcenter import access, queues
from callcenter.calendar import Calendar
from callcenter.errors import ExchangeUnavailable
from callcenter.ingest import LiveDesk
from callcenter.tables import Call, Message, Person, Recording
from callcenter.telephony import Phone

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
AUDIO = bytes(range(256)) * 10
NUMBER = "+84905123456"
ROLES = {
    "op1": ("operator", ""),
    "op2": ("operator", ""),
    "sup1": ("supervisor", ""),
    "cb1": ("officer", "roads"),
    "cb0": ("officer", ""),
    "lead1": ("agency_leader", "roads"),
    "vp1": ("office", ""),
    "admin": ("admin", ""),
    "portal": ("integration", ""),
}


@dataclass
class FakeTelephony:
    connected: bool = True
    registered: list[Phone] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def phones(self, login: str) -> list[Phone]:
        self._reach()
        return [phone for phone in self.registered if phone.login == login]

    def join(self, interface: str, login: str, penalties: Mapping[str, int], paused: bool, reason: str) -> None:
        self._reach()
        self.asked.append(("join", interface, login, dict(penalties), paused, reason))

    def leave(self, interface: str, queues: tuple[str, ...]) -> None:
        self._reach()
        self.asked.append(("leave", interface))

    def pause(self, interface: str, paused: bool, reason: str) -> None:
        self._reach()
        self.asked.append(("pause", interface, paused, reason))

    def _reach(self) -> None:
        if not self.connected:
            raise ExchangeUnavailable("the exchange does not answer")


@dataclass
class World:
    sessions: sessionmaker[Session]
    telephony: FakeTelephony
    desk: LiveDesk
    deps: Deps
    app: FastAPI
    now: datetime = NOW

    def client(self, login: str | None = None, **options: Any) -> TestClient:
        """A browser; signed in as `login`. Answers 500 instead of raising, as a server does."""
        client = TestClient(self.app, base_url="http://hotline.test", raise_server_exceptions=False, **options)
        if login:
            client.cookies.set(COOKIE, self.session_key(login), domain="hotline.test")
        return client

    def session_key(self, login: str) -> str:
        with self.sessions.begin() as session:
            return access.open_session(session, person=self._person(session, login), now=self.now)

    def token(self, login: str) -> dict[str, str]:
        """Headers of a program that acts as `login`."""
        with self.sessions.begin() as session:
            _, key = access.create_token(session, name="test", person=self._person(session, login), now=self.now)
        return {"Authorization": f"Bearer {key}"}

    def add_call(self, linkedid: str, **values: Any) -> None:
        columns: dict[str, Any] = {"started_at": self.now, "menu_path": [], "caller": NUMBER, "outcome": "answered"}
        with self.sessions.begin() as session:
            session.add(Call(linkedid=linkedid, **columns | values))

    def add_audio(self, table: type[Recording] | type[Message], linkedid: str, **values: Any) -> None:
        name = f"{linkedid}.mp3"
        (self.deps.archive / name).write_bytes(AUDIO)
        columns: dict[str, Any] = {
            "path": name,
            "media_type": "audio/mpeg",
            "size_bytes": len(AUDIO),
            "sha256": "ab" * 32,
            "duration_s": 2.5,
            "peaks": {"per_second": 10, "left": [1, 2], "right": [3, 4]},
            "recorded_at": self.now,
            "archived_at": self.now,
        }
        with self.sessions.begin() as session:
            session.add(table(linkedid=linkedid, **columns | values))

    @staticmethod
    def _person(session: Session, login: str) -> Person:
        return session.query(Person).filter_by(login=login).one()


def make_world(sessions: sessionmaker[Session], folder: Path, **changes: Any) -> World:
    """`changes` replace parts of `Deps`."""
    archive = folder / "archive"
    archive.mkdir()
    with sessions.begin() as session:
        for login, (role, agency) in ROLES.items():
            session.add(
                Person(login=login, name=login.upper(), role=role, agency=agency, password_hash="", created_at=NOW)
            )
        session.flush()
        for login in ("op1", "op2"):
            queues.ensure_memberships(session, login=login)
    telephony, desk = FakeTelephony(), LiveDesk({"op1": "OP1", "op2": "OP2"}, started_at=NOW)
    parts: dict[str, Any] = {
        "sessions": sessions,
        "telephony": telephony,
        "desk": desk,
        "archive": archive,
        "clock": lambda: world.now,
        "calendar": Calendar.parse("always", ZoneInfo("Asia/Ho_Chi_Minh")),
        "checks": {"database": lambda: CheckState(True, "fine")},
        "web_dist": folder / "dist",
        "sip_ws_url": "ws://127.0.0.1:9/ws",
        "sip_password": {"op1": "sip-secret"}.get,
        "labels": {"main": ("Menu chính", "Main menu")},
    }
    deps = Deps(**parts | changes)
    world = World(sessions, telephony, desk, deps, create_app(deps))
    return world


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a real socket; gives its address without scheme."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2))
    sockets = [server.config.bind_socket()]
    sockets[0].listen(128)  # whoever comes before the server is up, waits
    thread = threading.Thread(target=server.run, args=(sockets,))
    thread.start()
    try:
        yield f"127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        app.state.deps.desk.feed.close()
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"


def get(world: World, login: str, path: str, **params: Any) -> Any:
    answer = world.client(login).get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def code_of(answer: Any) -> str:
    """The problem's code, once the answer has proved to be a problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code and body["title"] and body["detail"]
    return str(body["code"])


def soon(seconds: float = 0) -> datetime:
    return NOW + timedelta(seconds=seconds)
