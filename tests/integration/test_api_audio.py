"""Recordings and messages: who hears them, ranges, and the audit of every listening."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from api_kit import AUDIO, World, code_of, get, make_world
from sqlalchemy.orm import Session, sessionmaker

from callcenter.tables import Audit, Message, Recording
from callcenter.tickets import service


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> World:
    return make_world(sessions, tmp_path)


def listened(world: World) -> list[tuple[str, str, str]]:
    with world.sessions() as session:
        rows = session.scalars(sa.select(Audit).where(Audit.action.like("%.listen")).order_by(Audit.id))
        return [(row.actor, row.action, row.subject) for row in rows]


def test_a_recording_is_played_by_those_who_may(world: World) -> None:
    world.add_call("call.1", operator="op2")
    world.add_audio(Recording, "call.1")
    for login in ("op2", "sup1", "vp1", "admin"):
        answer = world.client(login).get("/api/v1/calls/call.1/recording")
        assert answer.status_code == 200 and answer.content == AUDIO
        assert answer.headers["content-type"] == "audio/mpeg" and answer.headers["accept-ranges"] == "bytes"
    for login in ("op1", "cb1", "lead1", "portal"):
        assert code_of(world.client(login).get("/api/v1/calls/call.1/recording")) == "forbidden"
    assert listened(world) == [(login, "recording.listen", "call.1") for login in ("op2", "sup1", "vp1", "admin")]


def test_ranges(world: World) -> None:
    world.add_call("call.1")
    world.add_audio(Recording, "call.1")
    client, path = world.client("sup1"), "/api/v1/calls/call.1/recording"
    part = client.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, AUDIO[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(AUDIO)}"
    assert part.headers["content-length"] == "100"
    assert client.get(path, headers={"Range": "bytes=-10"}).content == AUDIO[-10:]
    beyond = client.get(path, headers={"Range": "bytes=99999-"})
    assert (beyond.status_code, code_of(beyond)) == (416, "range_not_satisfiable")
    assert beyond.headers["content-range"] == f"bytes */{len(AUDIO)}"
    several = client.get(path, headers={"Range": "bytes=0-1,5-6"})
    assert (several.status_code, several.content) == (200, AUDIO)


def test_conditional_requests(world: World) -> None:
    world.add_call("call.1")
    world.add_audio(Recording, "call.1")
    client, path = world.client("sup1"), "/api/v1/calls/call.1/recording"
    etag = client.head(path).headers["etag"]
    part = {"Range": "bytes=0-9"}
    assert client.get(path, headers=part | {"If-Range": etag}).status_code == 206
    assert client.get(path, headers=part | {"If-Range": '"other"'}).content == AUDIO
    unchanged = client.get(path, headers={"If-None-Match": f'"x", {etag}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_head_has_the_length_and_no_body(world: World) -> None:
    world.add_call("call.1")
    world.add_audio(Recording, "call.1")
    answer = world.client("sup1").head("/api/v1/calls/call.1/recording")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(AUDIO))


def test_audio_is_not_compressed(world: World) -> None:
    world.add_call("call.1")
    world.add_audio(Recording, "call.1")
    headers = {"Accept-Encoding": "gzip"}
    answer = world.client("sup1").get("/api/v1/calls/call.1/recording", headers=headers)
    assert "content-encoding" not in answer.headers and answer.content == AUDIO


def test_audio_that_is_not_there(world: World) -> None:
    for linkedid in ("none.1", "gone.1", "lost.1", "evil.1"):
        world.add_call(linkedid)
    world.add_audio(Recording, "gone.1", path="")
    world.add_audio(Recording, "lost.1", path="elsewhere.mp3")
    world.add_audio(Recording, "evil.1", path="../hotline.db")
    client = world.client("sup1")
    answers = {name: client.get(f"/api/v1/calls/{name}.1/recording") for name in ("none", "gone", "lost", "evil")}
    assert {name: code_of(answer) for name, answer in answers.items()} == {
        "none": "not_found",
        "gone": "audio_deleted",
        "lost": "not_found",
        "evil": "not_found",
    }
    call = get(world, "sup1", "/calls/gone.1")
    assert not call["has_recording"] and call["recording"]["available"] is False
    assert listened(world) == []


def test_messages_are_heard_by_those_who_have_the_ticket(world: World) -> None:
    with world.sessions.begin() as session:
        new = service.NewTicket(content="Tin nhắn", category="roads")
        ticket = service.create(session, new=new, source="message", author="", now=world.now, message_linkedid="call.1")
        ticket_id = ticket.id
        code = ticket.code
    world.add_audio(Message, "call.1", ticket_id=ticket_id, peaks={"per_second": 10, "left": [5]})
    path = "/api/v1/messages/call.1/audio"
    for login in ("op1", "sup1", "cb1", "lead1", "vp1"):
        assert world.client(login).get(path).content == AUDIO, login
    assert world.client("cb0").get(path).status_code == 404
    message = get(world, "op1", f"/tickets/{code}")["message"]
    assert message["url"] == path and message["peaks"] == {"per_second": 10, "left": [5], "right": []}
    assert ("cb1", "message.listen", "call.1") in listened(world)
    with world.sessions.begin() as session:
        session.get_one(Message, "call.1").recorded_at = world.now - timedelta(days=1)
    assert world.client("op1").head(path).status_code == 200
