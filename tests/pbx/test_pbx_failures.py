"""What is promised when something of ours breaks: no caller is cut off, no call loses its record."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from lab.instance import Instance, converse, until
from lab.phone import Phone
from lab.postgres import Postgres

Start = Callable[..., Instance]


def in_menu(phone: Phone, caller: str) -> None:
    phone.dial("1022", f"<sip:{caller}@carrier>")
    phone.wait("answered")
    until(lambda: len(phone.media.heard) > 8000, 8, "a second of greeting")


def test_menu_service_killed_in_mid_menu(own_hotline: Start) -> None:
    """The dialplan takes the caller to an operator by itself, and the next caller meets the menu again."""
    hotline = own_hotline()
    with hotline.desk_phone("op1") as op1, hotline.citizen() as citizen:
        in_menu(citizen, "0905444001")
        os.kill(hotline.pid("ivr"), signal.SIGKILL)
        op1.wait("answered", 40)
        converse(citizen, op1, 0.5)
        citizen.hang_up()
        call = hotline.ended_call("0905444001")
        assert (call["outcome"], call["queue"]) == ("answered", "assistance")
        assert call["failure"] == "menus_unavailable:agi"
        op1.wait("ended")
        until(hotline.is_ready, 20, "the menus again")
        citizen.events.clear()
        in_menu(citizen, "0905444002")
        citizen.press("1")
        op1.wait("rung", 30, count=2)
        converse(citizen, op1, 0.5)
        citizen.hang_up()
        assert hotline.ended_call("0905444002")["queue"] == "reports"


def test_a_slow_menu_loses_no_early_key(own_hotline: Start) -> None:
    """Nobody is answered before the menu listens: a key pressed at once is heard, however late the menu comes."""
    hotline = own_hotline()
    slow = hotline.pid("ivr")
    with hotline.desk_phone("op1") as op1, hotline.citizen() as citizen:
        os.kill(slow, signal.SIGSTOP)
        try:
            citizen.dial("1022", "<sip:0905444006@carrier>")
            until(lambda: "AGI" in hotline.asterisk("core show channels concise"), 2, "the call at the menus")
            assert "answered" not in citizen.events
        finally:
            os.kill(slow, signal.SIGCONT)
        citizen.wait("answered")
        citizen.press("1", info=True, gap_s=0)
        op1.wait("answered", 20)
        citizen.hang_up()
        call = hotline.ended_call("0905444006")
        assert (call["queue"], call["failure"]) == ("reports", "")


def test_menu_service_frozen(own_hotline: Start) -> None:
    """A service that takes calls and says nothing is noticed within seconds."""
    hotline = own_hotline()
    frozen = hotline.pid("ivr")
    os.kill(frozen, signal.SIGSTOP)
    try:
        with hotline.desk_phone("op1") as op1, hotline.citizen() as citizen:
            citizen.dial("1022", "<sip:0905444003@carrier>")
            citizen.wait("answered")
            until(lambda: len(citizen.media.heard) > 8000, 6, "the dialplan's own greeting")
            op1.wait("answered", 30)
            citizen.hang_up()
            assert hotline.ended_call("0905444003")["failure"] == "menus_unavailable:timeout"
    finally:
        os.kill(frozen, signal.SIGCONT)


@contextmanager
def talking_nonsense(port: int) -> Iterator[None]:
    """A service at the menus' port that answers every call with noise and stays on the line."""
    server = socket.create_server(("127.0.0.1", port))
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            held.append(peer)
            peer.sendall(b"\x00\xffHTTP/1.1 200 OK\r\n\r\n200 result=1\n" * 50)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close()
        for peer in held:
            peer.close()


def test_menu_service_talks_nonsense(own_hotline: Start) -> None:
    hotline = own_hotline()
    hotline.pause("ivr")
    noise = talking_nonsense(int(hotline.environment["HOTLINE_AGI_PORT"]))
    with noise, hotline.desk_phone("op1") as op1, hotline.citizen() as citizen:
        citizen.dial("1022", "<sip:0905444004@carrier>")
        op1.wait("answered", 40)
        citizen.hang_up()
        assert hotline.ended_call("0905444004")["failure"].startswith("menus_unavailable")


def test_nobody_there_and_no_menus(own_hotline: Start) -> None:
    """The message becomes one ticket with the original time and number when everything is back."""
    hotline = own_hotline()
    for process in ("ivr", "web", "worker"):
        hotline.pause(process)
    with hotline.citizen() as citizen:
        citizen.dial("1022", "<sip:0905444005@carrier>")
        citizen.wait("answered")
        citizen.media.say(440)
        spool = hotline.exchange_home / "spool" / "messages"
        until(lambda: any(path.stat().st_size > 40_000 for path in spool.glob("*.wav")), 60, "a message of two seconds")
        citizen.press("#")
        citizen.wait("ended", 20)
    for process in ("worker", "web", "ivr"):
        hotline.resume(process)
    until(hotline.is_ready, 20, "everything back")
    call = hotline.ended_call("0905444005")
    assert call["outcome"] == "message_left"

    def ticket() -> dict[str, str] | None:
        items = hotline.get("sup1", "/api/v1/tickets", phone="0905444005")["items"]
        return items[0] if len(items) == 1 else None

    made = until(ticket, 20, "the message's ticket", 0.3)
    assert made["source"] == "message" and made["citizen_phone"] == "+84905444005"
    assert made["created_at"] == call["started_at"]
    hotline.restart("worker")
    sound = hotline.api("sup1").get(f"/api/v1/messages/{call['linkedid']}/audio")
    assert sound.status_code == 200 and len(sound.content) > 2000
    assert len(hotline.get("sup1", "/api/v1/tickets", phone="0905444005")["items"]) == 1


def test_after_hours(own_hotline: Start) -> None:
    """Closed: whoever wants an operator leaves a message, and tickets can still be followed."""
    hotline = own_hotline(hours="never")
    with hotline.citizen() as citizen:
        in_menu(citizen, "0905444006")
        citizen.press("1")
        citizen.media.say(440)
        spool = hotline.exchange_home / "spool" / "messages"
        until(lambda: any(path.stat().st_size > 40_000 for path in spool.glob("*.wav")), 60, "a message of two seconds")
        citizen.hang_up()
    call = hotline.ended_call("0905444006")
    assert (call["outcome"], call["reason"]) == ("message_left", "closed")
    until(lambda: hotline.get("sup1", "/api/v1/tickets", phone="0905444006")["items"], 20, "its ticket", 0.3)


def test_web_process_killed_in_mid_call(own_hotline: Start) -> None:
    """The talk goes on; the live picture comes back to the truth; the ledger misses nothing."""
    hotline = own_hotline()
    with hotline.desk_phone("op1") as op1, hotline.citizen() as citizen:
        in_menu(citizen, "0905444007")
        citizen.press("1")
        op1.wait("answered", 30)
        converse(citizen, op1, 0.5)
        os.kill(hotline.pid("web"), signal.SIGKILL)
        until(lambda: not _answers(hotline), 5, "the web process is gone", 0.01)
        until(hotline.is_ready, 30, "the web process again")

        def state() -> str:
            rows = hotline.get("op1", "/api/v1/operators")["items"]
            return str(next(row["state"] for row in rows if row["login"] == "op1"))

        until(lambda: state() == "talking", 15, "the operator is seen talking", 0.2)
        converse(citizen, op1, 0.5)
        citizen.hang_up()
        assert hotline.ended_call("0905444007")["outcome"] == "answered"
        until(lambda: state() == "ready", 15, "the operator is seen ready", 0.2)


def _answers(hotline: Instance) -> bool:
    try:
        return httpx.get(f"{hotline.url}/healthz", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def test_a_call_on_postgresql(own_hotline: Start, postgres: Postgres) -> None:
    """The other database, by one setting: menu, look-up, queue, ledger, recording and ticket."""
    hotline = own_hotline(database_url=postgres.create("hotline"))
    with hotline.desk_phone("op1") as op1, hotline.citizen() as citizen:
        in_menu(citizen, "0905444009")
        citizen.press("1")
        op1.wait("answered", 30)
        converse(citizen, op1, 1)
        body = {"content": "Đèn hỏng", "citizen_phone": "0905444009"}
        code = hotline.api("op1").post("/api/v1/tickets", json=body).json()["code"]
        citizen.hang_up()
        call = hotline.ended_call("0905444009")
        assert (call["outcome"], call["queue"]) == ("answered", "reports")
        path = f"/api/v1/calls/{call['linkedid']}/recording"
        until(lambda: hotline.api("sup1").get(path).status_code == 200, 30, "the recording", 0.3)
        assert hotline.get("cb1", f"/api/v1/public/tickets/{code}")["state"] == "new"


def test_exchange_killed_in_mid_call(own_hotline: Start) -> None:
    """Calls on it end, but each has its record, and what was recorded until then is kept."""
    hotline = own_hotline()
    with hotline.desk_phone("op1") as op1, hotline.citizen() as citizen:
        in_menu(citizen, "0905444008")
        citizen.press("1")
        op1.wait("answered", 30)
        converse(citizen, op1, 3)
        os.kill(hotline.pid("asterisk"), signal.SIGKILL)
        call = hotline.ended_call("0905444008", 40)
        assert (call["outcome"], call["failure"]) == ("answered", "exchange_lost")
        path = f"/api/v1/calls/{call['linkedid']}/recording"
        until(lambda: hotline.api("sup1").get(path).status_code == 200, 60, "what was recorded", 0.5)
        until(hotline.is_ready, 30, "the exchange again")

        def members() -> bool:
            queues = hotline.get("sup1", "/api/v1/queues")["items"]
            return all(queue["members"] == 1 for queue in queues)

        until(members, 30, "op1 is in the queues again", 0.5)
