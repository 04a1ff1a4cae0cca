"""The live stream over a real socket: the whole first, numbered changes, resuming, heartbeats, who sees what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_kit import World, code_of, make_world, served, soon
from sqlalchemy.orm import Session, sessionmaker

from api.deps import COOKIE
from callcenter.calls import events as ev

PATIENCE_S = 20


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> World:
    return make_world(sessions, tmp_path, heartbeat_s=0.2)


@dataclass
class Reader:
    lines: Iterator[str]
    comments: list[str] = field(default_factory=list)

    def next(self) -> tuple[str, int, Any]:
        """Event, id and data of the next message; StopIteration at the end of the stream."""
        fields: dict[str, str] = {}
        for line in self.lines:
            if line.startswith(":"):
                self.comments.append(line)
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                return fields["event"], int(fields["id"]), json.loads(fields["data"])
        raise StopIteration

    def heartbeat(self) -> str:
        return next(line for line in self.lines if line.startswith(":"))


@contextmanager
def listening(world: World, address: str, login: str, last_id: int | None = None, key: str = "") -> Iterator[Reader]:
    cookies = {COOKIE: key or world.session_key(login)}
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    with (
        httpx.Client(cookies=cookies, timeout=PATIENCE_S, trust_env=False) as client,
        client.stream("GET", f"http://{address}/api/v1/live", headers=headers) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store" and "content-encoding" not in answer.headers
        yield Reader(answer.iter_lines())


def join(world: World, linkedid: str = "call.1", number: str = "0905123456") -> None:
    caller = ev.Caller(linkedid, "reports", number, "", "vi", "report", 1, world.now)
    world.desk.apply(ev.CallerJoined(world.now, caller))


def ring(world: World, login: str, linkedid: str = "call.1") -> None:
    world.desk.apply(ev.OperatorRung(soon(1), linkedid, "reports", f"PJSIP/{login}", login))


def test_the_whole_first_then_numbered_changes(world: World) -> None:
    with served(world.app) as address, listening(world, address, "sup1") as reader:
        event, first, state = reader.next()
        assert event == "state" and state["me"] == "sup1" and state["pop"] is None
        assert set(state) == {"queues", "operators", "stale_since", "pop", "me"}
        join(world)
        event, second, change = reader.next()
        assert (event, second) == ("change", first + 1)
        assert (change["kind"], change["key"]) == ("queue", "reports")
        assert [caller["number"] for caller in change["value"]["waiting"]] == ["+84905•••456"]


def test_resuming_misses_nothing(world: World) -> None:
    with served(world.app) as address:
        with listening(world, address, "sup1") as reader:
            _, last, _ = reader.next()
        for number in range(3):
            join(world, f"call.{number}")
        with listening(world, address, "sup1", last) as reader:
            assert [reader.next()[:2] for _ in range(3)] == [("change", last + number) for number in (1, 2, 3)]
        for unknown in (last + 1_000_000, 5):
            with listening(world, address, "sup1", unknown) as reader:
                event, number, state = reader.next()
                assert (event, number) == ("state", last + 3)
                assert len(state["queues"]["reports"]["waiting"]) == 3


def test_only_the_operator_who_is_rung_sees_the_number(world: World) -> None:
    with served(world.app) as address, ExitStack() as stack:
        own, other, boss = (stack.enter_context(listening(world, address, login)) for login in ("op1", "op2", "sup1"))
        for reader in (own, other, boss):
            assert reader.next()[0] == "state"
        join(world)
        ring(world, "op1")
        world.desk.apply(ev.LinkLost(soon(2)))
        world.desk.apply(ev.Snapshot(soon(3), ("reports",), (), (), frozenset(), frozenset()))

        def until_link(reader: Reader) -> list[Any]:
            seen = []
            while not seen or seen[-1]["kind"] != "link":
                seen.append(reader.next()[2])
            return seen

        pops = [change for change in until_link(own) if change["kind"] == "pop"]
        assert pops[0]["key"] == "op1" and pops[0]["value"]["number"] == "+84905123456"
        for reader in (other, boss):
            seen = until_link(reader)
            assert "pop" not in {change["kind"] for change in seen} and "+84905123456" not in json.dumps(seen)
        with listening(world, address, "op2") as late:
            assert late.next()[2]["pop"] is None


def test_heartbeats_while_nothing_happens(world: World) -> None:
    with served(world.app) as address, listening(world, address, "op1") as reader:
        reader.next()
        assert [reader.heartbeat() for _ in range(3)] == [": heartbeat"] * 3


def test_the_stream_ends_with_the_session(world: World) -> None:
    key = world.session_key("op1")
    with served(world.app) as address, listening(world, address, "op1", key=key) as reader:
        reader.next()
        reader.heartbeat()
        cookies = {COOKIE: key}
        httpx.delete(f"http://{address}/api/v1/session", cookies=cookies, trust_env=False).raise_for_status()
        with pytest.raises(StopIteration):
            reader.next()
        answer = httpx.get(f"http://{address}/api/v1/live", cookies=cookies, trust_env=False)
        assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")
        assert len(world.desk.feed) == 0


def test_the_stream_outlives_the_database(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with served(world.app) as address, listening(world, address, "op1") as reader:
        reader.next()
        engine = world.sessions.kw["bind"]
        sa.event.listen(engine, "do_connect", _refuse)
        sa.event.listen(engine, "checkout", _refuse)
        while "not known whether op1" not in caplog.text:
            reader.heartbeat()
        join(world)
        assert reader.next()[2]["key"] == "reports"


def _refuse(*_: object) -> None:
    raise sa.exc.OperationalError("connect", None, ConnectionError("the database is away"))


def test_many_listeners_get_the_same(world: World) -> None:
    key = world.session_key("vp1")

    def read(reader: Reader) -> list[int]:
        return [reader.next()[1] for _ in range(20)]

    with served(world.app) as address, ExitStack() as stack, ThreadPoolExecutor(40) as pool:
        readers = [stack.enter_context(listening(world, address, "vp1", key=key)) for _ in range(40)]
        _, first, _ = readers[0].next()
        assert {reader.next()[1] for reader in readers[1:]} == {first}
        assert len(world.desk.feed) == 40
        for number in range(20):
            join(world, f"call.{number}")
        expected = list(range(first + 1, first + 21))
        assert all(numbers == expected for numbers in pool.map(read, readers))


def test_who_may_not_watch(world: World) -> None:
    for login in ("cb1", "lead1"):
        assert code_of(world.client(login).get("/api/v1/live")) == "forbidden"


@pytest.mark.parametrize("last_id", ["-1", "x", "9" * 40, "1.5", ""])
def test_a_nonsensical_last_id_gets_the_whole(world: World, last_id: str) -> None:
    with served(world.app) as address:
        headers = {"Last-Event-ID": last_id}
        cookies = {COOKIE: world.session_key("op1")}
        with httpx.stream(
            "GET",
            f"http://{address}/api/v1/live",
            headers=headers,
            cookies=cookies,
            timeout=PATIENCE_S,
            trust_env=False,
        ) as answer:
            assert Reader(answer.iter_lines()).next()[0] == "state"
