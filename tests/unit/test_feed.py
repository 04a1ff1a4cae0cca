"""The feed: everybody is told in order what he may see, and can come back to where he was."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter.calls.events import CallerJoined, LinkLost, OperatorCompleted, OperatorRung, Snapshot
from callcenter.calls.shown import Change
from callcenter.feed import Dropped, Feed, Listener
from callcenter.ingest import LiveDesk

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DEADLINE = 10.0


def change(n: int) -> Change:
    return Change("operator", "op1", {"n": n})


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(DEADLINE * 3):
            await work()

    asyncio.run(main())


async def take(listener: Listener, count: int) -> list[Any]:
    items = [await listener.next(DEADLINE) for _ in range(count)]
    return [(item.id, item.event, item.data.get("value", item.data)) for item in items if item]


def test_the_state_comes_first_then_numbered_changes() -> None:
    async def work() -> None:
        feed = Feed(100)
        listener = feed.add("op1", last_id=None, state={"whole": True})
        feed.publish([change(1), change(2)])
        assert await take(listener, 3) == [
            (100, "state", {"whole": True}),
            (101, "change", {"n": 1}),
            (102, "change", {"n": 2}),
        ]

    run(work)


@pytest.mark.parametrize(
    ("last_id", "first"),
    [
        (103, (104, "change")),
        (100, (101, "change")),
        (99, (104, "state")),
        (105, (104, "state")),
        (None, (104, "state")),
    ],
)
def test_one_who_comes_back_is_given_what_he_missed_if_it_is_known(last_id: int | None, first: tuple[int, str]) -> None:
    async def work() -> None:
        feed = Feed(98, ring=4)
        feed.publish([change(n) for n in range(6)])  # 99…104, of which 101…104 are kept
        listener = feed.add("op1", last_id=last_id, state={})
        assert (await take(listener, 1))[0][:2] == first

    run(work)


def test_one_who_missed_nothing_is_given_nothing() -> None:
    async def work() -> None:
        feed = Feed(100)
        listener = feed.add("op1", last_id=100, state={})
        assert await listener.next(0.01) is None
        feed.publish([change(1)])
        assert await take(listener, 1) == [(101, "change", {"n": 1})]

    run(work)


def test_a_pop_is_told_to_its_operator_only_also_when_he_comes_back() -> None:
    async def work() -> None:
        feed = Feed(0)
        one, two = (feed.add(login, last_id=0, state={}) for login in ("op1", "op2"))
        feed.publish([Change("pop", "op1", {"number": "+84905123456"}), change(2)])
        late = feed.add("op2", last_id=0, state={})
        assert [item[0] for item in await take(one, 2)] == [1, 2]
        assert [item[0] for item in await take(two, 1)] == [2]
        assert [item[0] for item in await take(late, 1)] == [2]

    run(work)


def test_a_slow_listener_is_let_go_and_the_others_go_on() -> None:
    async def work() -> None:
        feed = Feed(0, limit=3)
        slow, quick = (feed.add("op1", last_id=0, state={}) for _ in range(2))
        for n in range(4):
            feed.publish([change(n)])
            await take(quick, 1)
        with pytest.raises(Dropped, match="slow"):
            await slow.next(DEADLINE)
        feed.publish([change(9)])
        assert await take(quick, 1) == [(5, "change", {"n": 9})]
        again = feed.add("op1", last_id=1, state={"whole": True})
        assert (await take(again, 1))[0][1] == "state"

    run(work)


def test_closing_lets_everybody_go() -> None:
    async def work() -> None:
        feed = Feed(0)
        listener = feed.add("op1", last_id=0, state={})
        waiting = asyncio.create_task(listener.next(DEADLINE))
        await asyncio.sleep(0)
        feed.close()
        with pytest.raises(Dropped, match="closed"):
            await waiting
        assert len(feed) == 0

    run(work)


def test_a_listener_whose_loop_is_closed_is_forgotten() -> None:
    feed = Feed(0)

    async def work() -> None:
        feed.add("op1", last_id=0, state={})

    run(work)
    feed.publish([change(1)])
    assert len(feed) == 0


def test_publishing_from_threads_keeps_every_number_once_and_in_order() -> None:
    async def work() -> None:
        feed = Feed(0, limit=10_000)
        listener = feed.add("op1", last_id=0, state={})
        threads = [threading.Thread(target=feed.publish, args=([change(n) for n in range(50)],)) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert [item[0] for item in await take(listener, 200)] == list(range(1, 201))
        for thread in threads:
            thread.join(DEADLINE)

    run(work)


SNAPSHOT = Snapshot(NOW, ("assistance",), (), (), frozenset(), frozenset())
RUNG = OperatorRung(NOW + timedelta(seconds=1), "1.1", "assistance", "PJSIP/op1", "op1")


def test_the_desk_gives_each_his_own_pop_and_numbers_that_outlive_a_restart() -> None:
    desk = LiveDesk({"op1": "Hạnh"}, started_at=NOW)
    desk.apply(SNAPSHOT)
    desk.apply(RUNG)
    assert desk.state("op1")["me"] == "op1"
    assert desk.state("op1")["pop"]["linkedid"] == "1.1"
    assert desk.state("op2")["pop"] is None
    later = LiveDesk({}, started_at=NOW + timedelta(minutes=1))
    assert later.feed.last_id > desk.feed.last_id


def test_listening_to_the_desk_joins_state_and_changes_without_a_gap() -> None:
    async def work() -> None:
        desk = LiveDesk({"op1": "Hạnh"}, started_at=NOW)
        desk.apply(SNAPSHOT)
        with desk.listen("op1") as listener:
            desk.apply(LinkLost(NOW))
            state, lost = await take(listener, 2)
            assert (state[1], state[2]["stale_since"]) == ("state", None)
            assert (lost[0], lost[2]) == (state[0] + 1, {"stale_since": NOW.isoformat()})
        assert len(desk.feed) == 0

    run(work)


def test_an_event_that_makes_no_sense_is_counted_and_the_next_goes_on() -> None:
    desk = LiveDesk({"op1": "Hạnh"}, started_at=NOW)
    desk.apply(CallerJoined(NOW, None))  # type: ignore[arg-type]
    desk.apply(SNAPSHOT)
    assert desk.faults == 1
    assert desk.state()["stale_since"] is None


def test_the_desk_knows_how_long_wrap_up_lasts() -> None:
    desk = LiveDesk({"op1": "Hạnh"}, started_at=NOW, wrapup_s=10)
    for event in (
        SNAPSHOT,
        RUNG,
        OperatorCompleted(NOW + timedelta(seconds=5), "1.1", "assistance", "PJSIP/op1", "op1"),
    ):
        desk.apply(event)
    desk.tick(NOW + timedelta(seconds=14))
    assert desk.state()["operators"]["op1"]["state"] == "wrapup"
    desk.tick(NOW + timedelta(seconds=15))
    assert desk.pop("op1") is None
