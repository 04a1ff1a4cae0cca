"""The browsers' SIP WebSocket, passed on to an exchange that is played by a server of this test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from api_kit import World, make_world, served
from sqlalchemy.orm import Session, sessionmaker
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from api.deps import COOKIE
from api.routes.sip import MAX_MESSAGE

REGISTER = "REGISTER sip:1022 SIP/2.0\r\nVia: SIP/2.0/WSS x.invalid\r\n\r\n"


@contextmanager
def exchange() -> Iterator[str]:
    """Answers what it hears in capitals; `close` makes it close and `die` vanish, bytes come back reversed."""

    def talk(connection: ServerConnection) -> None:
        for message in connection:
            if message == "die":
                connection.socket.shutdown(socket.SHUT_RDWR)
                return
            if message == "close":
                connection.close(4321, "enough")
                return
            connection.send(message.upper() if isinstance(message, str) else message[::-1])

    with serve(talk, "127.0.0.1", 0, subprotocols=["sip"]) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/ws"
        finally:
            server.shutdown()
            thread.join(10)


@pytest.fixture
def world(sessions: sessionmaker[Session], tmp_path: Path) -> Iterator[World]:
    with exchange() as url:
        yield make_world(sessions, tmp_path, sip_ws_url=url)


def dial(
    world: World, address: str, login: str | None = "op1", origin: str | None = None, protocol: str | None = "sip"
) -> ClientConnection:
    headers = {"Cookie": f"{COOKIE}={world.session_key(login)}"} if login else {}
    return connect(
        f"ws://{address}/sip",
        additional_headers=headers,
        origin=origin,  # type: ignore[arg-type]
        subprotocols=[protocol] if protocol else None,  # type: ignore[list-item]
        proxy=None,
        open_timeout=15,
    )


def test_passed_on_both_ways(world: World) -> None:
    with served(world.app) as address, dial(world, address, origin=f"http://{address}") as phone:
        assert phone.subprotocol == "sip"
        phone.send(REGISTER)
        assert phone.recv(10) == REGISTER.upper()
        phone.send(b"\x00\xff\x01")
        assert phone.recv(10) == b"\x01\xff\x00"


def test_the_exchange_closes(world: World) -> None:
    with served(world.app) as address, dial(world, address) as phone:
        phone.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            phone.recv(10)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4321, "enough")


def test_the_exchange_dies(world: World) -> None:
    with served(world.app) as address, dial(world, address) as phone:
        phone.send("die")
        with pytest.raises(ConnectionClosed) as closed:
            phone.recv(10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1001


def test_messages_have_a_bound(world: World) -> None:
    with served(world.app) as address, dial(world, address) as phone:
        phone.send("x" * MAX_MESSAGE)
        assert len(phone.recv(10)) == MAX_MESSAGE
        phone.send("x" * (MAX_MESSAGE + 1))
        with pytest.raises(ConnectionClosed) as closed:
            phone.recv(10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


@pytest.mark.parametrize(
    ("login", "origin", "protocol", "status"),
    [
        (None, None, "sip", 401),
        ("cb1", None, "sip", 403),
        ("op1", "http://evil.test", "sip", 403),
        ("op1", "null", "sip", 403),
        ("op1", None, "chat", 400),
        ("op1", None, None, 400),
    ],
)
def test_who_is_refused(world: World, login: str | None, origin: str | None, protocol: str | None, status: int) -> None:
    with served(world.app) as address, pytest.raises(InvalidStatus) as refused:
        dial(world, address, login, origin, protocol)
    assert refused.value.response.status_code == status
    assert refused.value.response.headers["content-type"] == "application/problem+json"


def test_without_the_exchange(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    world = make_world(sessions, tmp_path)  # nobody listens at its address
    with served(world.app) as address, pytest.raises(InvalidStatus) as refused:
        dial(world, address)
    assert refused.value.response.status_code == 503
    assert b"telephony_unavailable" in (refused.value.response.body or b"")


def test_other_addresses_speak_no_websocket(world: World) -> None:
    with served(world.app) as address, pytest.raises(InvalidStatus):
        connect(f"ws://{address}/elsewhere", proxy=None)
