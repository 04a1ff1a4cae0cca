"""The link to the manager interface, against a fake exchange on a socket: what it tells, and in which order."""

from __future__ import annotations

import asyncio

import pytest
from ami_kit import EXCHANGE, JOIN, Sink, linked, run
from fake_asterisk import Manager

from callcenter.calls import events as ev


def test_a_snapshot_comes_first_and_then_what_happens() -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink) as link:
            await sink.until(ev.Snapshot)
            assert link.connected
            manager.send((EXCHANGE / "next_operator.ami").read_text("utf-8"))
            await sink.until(ev.CallVanished)
        told = [name for name in sink.names if name != "MemberChanged"]
        assert told[:5] == ["Snapshot", "CallerJoined", "OperatorRung", "OperatorMissed", "OperatorRung"]
        assert told[5:9] == ["CallerLeft", "OperatorConnected", "OperatorCompleted", "CallVanished"]
        assert {action["Secret"] for action in manager.actions if action["Action"] == "Login"} == {"right"}

    run(scene)


def test_a_real_snapshot() -> None:
    text = (EXCHANGE / "waiting.snapshot").read_text("utf-8").replace("ActionID: 1\n", "").replace("ActionID: 2\n", "")
    queues, channels, contacts = (
        "Response: Success\n" + part for part in text.replace("ActionID: 3\n", "").split("Response: Success\n")[1:]
    )
    answers = {"QueueStatus": queues, "CoreShowChannels": channels, "PJSIPShowContacts": contacts}

    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink):
            await sink.until(ev.Snapshot)
        (snapshot,) = sink.of(ev.Snapshot)
        (caller,) = snapshot.callers
        assert (caller.number, caller.language, caller.reason) == ("+84905123456", "en", "operator")
        assert snapshot.registered == {"op1", "op2"} and len(snapshot.members) == 3

    run(scene, Manager(answers))


def test_what_happens_during_a_snapshot_is_told_after_it() -> None:
    def slow(_action: dict[str, str]) -> str:
        manager.send(JOIN.format(id="x-1.1", name="a"))
        return "Response: Success\n\nEvent: CoreShowChannelsComplete\n\n"

    manager = Manager({"CoreShowChannels": slow})

    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink):
            await sink.until(ev.CallerJoined)
        assert sink.names[:2] == ["Snapshot", "CallerJoined"]

    run(scene, manager)


def test_snapshots_are_taken_from_time_to_time() -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink, snapshot_every_s=0.01):
            await sink.until(ev.Snapshot, 3)
        assert manager.logins == 1

    run(scene)


def test_letters_split_over_packets_are_whole() -> None:
    data = JOIN.format(id="x-1.1", name="Nguyễn Thị Hạnh").replace("\n", "\r\n").encode()

    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink):
            await sink.until(ev.Snapshot)
            for byte in data:
                manager.send(bytes([byte]))
                await asyncio.sleep(0)
            await sink.until(ev.CallerJoined)
        assert sink.of(ev.CallerJoined)[0].caller.name == "Nguyễn Thị Hạnh"

    run(scene)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"rubbish\r\n\r\n",
        b"\xff\xfe\xfd: \xff\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"Event\r\nEvent:\r\n: x\r\n\r\n",
        b"Response: Success\r\nActionID: nobody-asked\r\n\r\n",
        b"Event: QueueCallerJoin\r\nPosition: many\r\nChanVariable: \r\nLinkedid: x-0\r\n\r\n",
        b"Response: Follows\r\n\r\n",
    ],
)
def test_rubbish_does_not_break_the_link(rubbish: bytes) -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink):
            await sink.until(ev.Snapshot)
            manager.send(rubbish)
            manager.send(JOIN.format(id="x-1.1", name="a"))
            await sink.until(ev.CallerJoined, 1 + rubbish.count(b"x-0"))
        assert sink.of(ev.CallerJoined)[-1].caller.linkedid == "x-1.1"
        assert manager.logins == 1

    run(scene)


def test_a_consumer_that_fails_misses_only_that_event(caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: ev.LiveEvent) -> None:
        if isinstance(event, ev.CallerJoined) and event.caller.linkedid == "x-1.1":
            raise RuntimeError("a bug")

    async def scene(manager: Manager, sink: Sink) -> None:
        sink.hook = fail
        async with linked(manager, sink):
            await sink.until(ev.Snapshot)
            manager.send(JOIN.format(id="x-1.1", name="a") + JOIN.format(id="x-1.2", name="b"))
            await sink.until(ev.CallerJoined, 2)
        assert manager.logins == 1
        assert "a bug" in caplog.text

    run(scene)
