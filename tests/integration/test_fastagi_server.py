"""The FastAGI listener: whatever one session does, the others go on."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import pytest
from fake_asterisk import AgiCall, environment

from ivr.agi import Agi
from ivr.server import FastAgiServer, Handler

DEADLINE_S = 10.0
Serve = Callable[..., AbstractContextManager[FastAgiServer]]


@contextmanager
def serving(handlers: Mapping[str, Handler], max_sessions: int = 10) -> Iterator[FastAgiServer]:
    with FastAgiServer(("127.0.0.1", 0), handlers, max_sessions=max_sessions) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(DEADLINE_S)


def address(server: FastAgiServer) -> tuple[str, int]:
    return "127.0.0.1", server.server_address[1]


def echo(agi: Agi) -> None:
    agi.set("ECHO", agi.env["agi_callerid"])


def answered(call: AgiCall) -> str:
    """The one command of `echo`, answered."""
    command = call.command()
    call.send("200 result=1\n")
    assert call.command() == ""
    call.close()
    return command


def until_idle(server: FastAgiServer) -> None:
    with server._idle:
        assert server._idle.wait_for(lambda: server.sessions == 0, DEADLINE_S)


def test_a_session() -> None:
    with serving({"menu": echo}) as server:
        assert answered(AgiCall(address(server))) == 'SET VARIABLE ECHO "0905123456"'


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        (b"", ""),
        (b"agi_network: yes\n", ""),
        (b"GET / HTTP/1.1\r\n\r\n", "instead of an agi_ variable"),
        (b"\xff\x00" * 3000, "more than"),
        (environment("nosuch").encode(), "nothing answers to 'nosuch'"),
    ],
)
def test_a_bad_peer_costs_nothing(sent: bytes, logged: str, caplog: pytest.LogCaptureFixture) -> None:
    with serving({"menu": echo}) as server:
        peer = socket.create_connection(address(server), timeout=DEADLINE_S)
        peer.sendall(sent)
        peer.shutdown(socket.SHUT_WR)
        with peer:
            assert peer.recv(100) == b""
        until_idle(server)
        errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert (logged in errors[0] and len(errors) == 1) if logged else errors == []
        assert answered(AgiCall(address(server)))


def test_a_peer_that_resets_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with serving({"menu": echo}) as server:
        peer = socket.create_connection(address(server), timeout=DEADLINE_S)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        peer.close()
        assert answered(AgiCall(address(server)))
        until_idle(server)
        assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_an_exception_ends_its_own_session_and_names_the_call(caplog: pytest.LogCaptureFixture) -> None:
    def broken(agi: Agi) -> None:
        raise KeyError("a bug")

    with serving({"broken": broken, "menu": echo}) as server:
        assert AgiCall(address(server), environment("broken", arg_1="x-17.4")).command() == ""
        until_idle(server)
        assert "call x-17.4" in caplog.text and "a bug" in caplog.text
        assert server.failed == 1
        assert answered(AgiCall(address(server)))


def test_fifty_at_once() -> None:
    together = threading.Barrier(50)

    def meet(agi: Agi) -> None:
        together.wait(DEADLINE_S)
        echo(agi)

    with serving({"menu": meet}, max_sessions=50) as server:
        calls = [AgiCall(address(server), environment(callerid=str(number))) for number in range(50)]
        assert [answered(call) for call in calls] == [f'SET VARIABLE ECHO "{number}"' for number in range(50)]


def test_over_the_ceiling_a_call_is_let_go_at_once(caplog: pytest.LogCaptureFixture) -> None:
    with serving({"menu": echo}, max_sessions=2) as server:
        calls = [AgiCall(address(server)) for _ in range(2)]
        commands = [call.command() for call in calls]
        assert AgiCall(address(server)).command() == ""
        assert (server.refused, server.sessions) == (1, 2)
        assert "ceiling" in caplog.text
        for call in calls:
            call.send("200 result=1\n")
        until_idle(server)
        assert commands == [answered(AgiCall(address(server)))] * 2


def test_a_thread_that_cannot_be_started_costs_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"menu": echo}, max_sessions=1) as server:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", _no_thread)
            assert AgiCall(address(server)).command() == ""
        assert server.sessions == 0
        assert answered(AgiCall(address(server)))


def _no_thread(_self: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_stop_lets_sessions_go_on_for_a_while() -> None:
    with serving({"menu": echo}) as server:
        call = AgiCall(address(server))
        command = call.command()
        assert server.drain(0.05) is False
        with pytest.raises(ConnectionRefusedError):
            AgiCall(address(server))
        call.send("200 result=1\n")
        assert server.drain(DEADLINE_S) is True
        assert "ECHO" in command
