"""The link to the manager interface when the exchange, the network or we ourselves fail."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from ami_kit import JOIN, Sink, linked, manager_is_tried, run
from fake_asterisk import Manager

from callcenter.calls import events as ev
from ivr import ami, protocol


def test_a_lost_link_is_told_once_and_then_the_truth_comes_first() -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink) as link:
            await sink.until(ev.Snapshot)
            await manager.stop()
            await sink.until(ev.LinkLost)
            assert not link.connected
            with pytest.raises(ConnectionError):
                await link.act({"Action": "Ping"})
            await manager_is_tried(link, 3)
            await manager.listen()
            await sink.until(ev.Snapshot, 2)
            manager.send(JOIN.format(id="x-1.1", name="a"))
            await sink.until(ev.CallerJoined)
        assert sink.names[:4] == ["Snapshot", "LinkLost", "Snapshot", "CallerJoined"]

    run(scene)


def test_an_exchange_that_is_not_there_at_the_start_is_told_once() -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        await manager.stop()
        async with linked(manager, sink) as link:
            await manager_is_tried(link, 3)
            await manager.listen()
            await sink.until(ev.Snapshot)
        assert sink.names[:2] == ["LinkLost", "Snapshot"]

    run(scene)


def test_a_peer_that_falls_silent_is_noticed() -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink, ping_every_s=0.01, timeout_s=0.2):
            await sink.until(ev.Snapshot)
            await manager.until(1, "Ping")
            pong = manager.answers.pop("Ping")
            manager.answers["Ping"] = ""
            await sink.until(ev.LinkLost)
            manager.answers["Ping"] = pong
            await sink.until(ev.Snapshot, 2)
        assert manager.logins >= 2

    run(scene)


def test_a_wrong_secret_is_said_and_not_tried_hot(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink, retry_s=(0.001, 60.0)) as link:
            await sink.until(ev.LinkLost)
            assert not link.connected
        assert len(manager.actions) == 1
        assert "hotline" in caplog.text and "Authentication failed" in caplog.text

    run(scene, Manager({"Login": "Response: Error\nMessage: Authentication failed\n\n"}))


def test_an_exchange_that_is_still_starting_is_not_asked() -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        manager.booted = False
        async with linked(manager, sink, ping_every_s=0.01):
            await manager.until(3, "Ping")
            assert not any(action["Action"] == "QueueStatus" for action in manager.actions)
            manager.send("Event: FullyBooted\nStatus: Fully Booted\n\n")
            await sink.until(ev.Snapshot)

    run(scene)


def test_too_many_events_are_replaced_by_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami, "BUFFER", 10)

    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink):
            await sink.until(ev.Snapshot)
            manager.send("".join(JOIN.format(id=f"x-1.{number}", name="a") for number in range(100)))
            await sink.until(ev.Snapshot, 2)
            manager.send(JOIN.format(id="x-2.1", name="a"))
            await sink.until(ev.CallerJoined, len(sink.of(ev.CallerJoined)) + 1)
        assert len(sink.of(ev.CallerJoined)) < 50
        assert sink.of(ev.CallerJoined)[-1].caller.linkedid == "x-2.1"

    run(scene)


def test_a_peer_without_end_is_no_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_MESSAGE", 10_000)

    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink):
            await sink.until(ev.Snapshot)
            manager.send("x" * 20_000)
            await sink.until(ev.LinkLost)
            await sink.until(ev.Snapshot, 2)

    run(scene)


@pytest.mark.parametrize(
    "action",
    [
        {"Action": "QueuePause", "Reason": "x\r\nAction: Originate"},
        {"Action": "QueuePause", "Reason": "x\n"},
        {"Action": "QueuePause", "Reason": "x\x00"},
        {"Action": "QueuePause", "Reason\r\nAction": "x"},
        {"Action": "QueuePause", "Reason": "x" * 2000},
        {"Action": "QueuePause", "Reason": "\ud800"},
    ],
)
def test_an_action_that_would_be_another_is_not_sent(action: dict[str, str]) -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink) as link:
            await sink.until(ev.Snapshot)
            with pytest.raises(ValueError, match=r"header|surrogates"):
                await link.act(action)
            await link.act({"Action": "Ping"})
        assert [seen["Action"] for seen in manager.actions if seen["Action"].startswith(("QueueP", "Orig"))] == []

    run(scene)


def test_an_answer_that_comes_too_late_is_not_taken_for_another() -> None:
    late = asyncio.Event()

    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink, timeout_s=0.05, ping_every_s=60.0) as link:
            await sink.until(ev.Snapshot)
            with pytest.raises(TimeoutError):
                await link.act({"Action": "Slow"})
            (slow,) = [action for action in manager.actions if action["Action"] == "Slow"]
            manager.send(f"Response: Error\nMessage: too late\nActionID: {slow['ActionID']}\n\n")
            (answer,) = await link.act({"Action": "Ping"})
            assert answer["ping"] == "Pong"
            late.set()

    run(scene, Manager({"Slow": ""}))
    assert late.is_set()


def test_a_link_that_is_cut_while_an_answer_is_awaited() -> None:
    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink) as link:
            await sink.until(ev.Snapshot)
            asking = asyncio.create_task(link.act({"Action": "Slow"}))
            await manager.until(1, "Slow")
            manager.cut()
            with pytest.raises(ConnectionError):
                await asking

    run(scene, Manager({"Slow": ""}))


def test_a_fault_of_ours_does_not_end_the_link(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults = iter([True])
    good = ami.snapshot

    def once_broken(*arguments: Any) -> ev.Snapshot:
        if next(faults, False):
            raise KeyError("a bug")
        return good(*arguments)

    monkeypatch.setattr(ami, "snapshot", once_broken)

    async def scene(manager: Manager, sink: Sink) -> None:
        async with linked(manager, sink):
            await sink.until(ev.Snapshot)
        assert manager.logins == 2
        assert any(record.exc_info for record in caplog.records if record.levelno == logging.ERROR)

    run(scene)
