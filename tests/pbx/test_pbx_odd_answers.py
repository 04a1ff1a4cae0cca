"""A menu service that says it is done and leaves nonsense behind: the caller still reaches a human."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from lab.instance import Instance, converse
from lab.phone import Phone


class Answers(socketserver.StreamRequestHandler):
    """A FastAGI service that does nothing but set the variables it was told to."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        assert isinstance(self.server, Service)
        for name, value in {**self.server.answers, "HOTLINE_DONE": "1"}.items():
            self.wfile.write(f'SET VARIABLE {name} "{value}"\n'.encode())
            self.rfile.readline()


class Service(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    answers: dict[str, str]

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        super().server_bind()


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    given = {"queue_ring_s": "4", "wrapup_s": "0"}
    with Instance(tmp_path_factory.mktemp("odd") / "var", given) as instance:
        instance.pause("ivr")
        yield instance


@pytest.fixture(scope="module")
def service(exchange: Instance) -> Iterator[Service]:
    with Service(("127.0.0.1", int(exchange.environment["HOTLINE_AGI_PORT"])), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def op1(exchange: Instance) -> Iterator[Phone]:
    with exchange.desk_phone("op1") as phone:
        yield phone


GOOD = {"HOTLINE_NEXT": "queue", "HOTLINE_QUEUE": "reports", "HOTLINE_REASON": "report", "HOTLINE_LANGUAGE": "vi"}


@pytest.mark.parametrize(
    ("number", "spoilt", "queue", "reason"),
    [
        ("0905999001", {}, "reports", "report"),
        ("0905999002", {"HOTLINE_QUEUE": "nosuch"}, "assistance", "report"),
        ("0905999003", {"HOTLINE_QUEUE": ""}, "assistance", "report"),
        ("0905999004", {"HOTLINE_QUEUE": "reports,tTwW,,,1"}, "assistance", "report"),
        ("0905999005", {"HOTLINE_PRIORITY": "-1 | 1"}, "reports", "report"),
        ("0905999006", {"HOTLINE_NEXT": ""}, "assistance", "report"),
        ("0905999007", {"HOTLINE_NEXT": 'x\\" = \\"x\\" | 1'}, "assistance", "report"),
        ("0905999008", {"HOTLINE_REASON": "report;outcome=failed,x|${EXTEN}"}, "reports", "reportoutcomefailedx"),
        ("0905999009", {"HOTLINE_LANGUAGE": "../../etc"}, "reports", "report"),
    ],
)
def test_whatever_the_menus_leave_behind(
    exchange: Instance,
    service: Service,
    op1: Phone,
    number: str,
    spoilt: dict[str, str],
    queue: str,
    reason: str,
) -> None:
    service.answers = GOOD | spoilt
    rung = op1.events.count("rung")
    with exchange.citizen() as citizen:
        citizen.dial("1022", f"<sip:{number}@carrier>")
        op1.wait("rung", 20, count=rung + 1)
        op1.wait("answered", 5)
        converse(citizen, op1, 0.3)
        citizen.hang_up()
        op1.wait("ended")
    call = exchange.ended_call(number)
    assert (call["outcome"], call["queue"]) == ("answered", queue)
    assert call["reason"] == reason
