"""A link to a fake manager, and the consumer of its events, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fake_asterisk import DEADLINE_S, Manager

from callcenter.calls import events as ev
from ivr.ami import AmiLink

EXCHANGE = Path(__file__).parent.parent / "fixtures" / "exchange"
JOIN = (
    "Event: QueueCallerJoin\nLinkedid: {id}\nUniqueid: {id}\nQueue: reports\nPosition: 1\nCallerIDNum: 0905\n"
    "CallerIDName: {name}\nChanVariable: HOTLINE_REASON=report\n\n"
)


class Sink:
    """Keeps the events; `until` waits for them."""

    def __init__(self) -> None:
        self.events: list[ev.LiveEvent] = []
        self.hook: Callable[[ev.LiveEvent], None] = lambda event: None
        self._grown = asyncio.Event()

    def __call__(self, event: ev.LiveEvent) -> None:
        self.events.append(event)
        self._grown.set()
        self.hook(event)

    async def until(self, kind: type, count: int = 1) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.of(kind)) < count:
                self._grown.clear()
                await self._grown.wait()

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@asynccontextmanager
async def linked(manager: Manager, sink: Sink, **options: Any) -> AsyncIterator[AmiLink]:
    options = {"retry_s": (0.01, 0.02), "secret": "right"} | options
    link = AmiLink("127.0.0.1", manager.port, "hotline", sink=sink, **options)
    running = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def run(scene: Callable[[Manager, Sink], Any], manager: Manager | None = None) -> None:
    async def whole() -> None:
        async with asyncio.timeout(3 * DEADLINE_S):
            async with manager or Manager() as exchange:
                await scene(exchange, Sink())

    asyncio.run(whole())


async def manager_is_tried(link: AmiLink, times: int) -> None:
    before = link.reconnections
    async with asyncio.timeout(DEADLINE_S):
        while link.reconnections < before + times:  # noqa: ASYNC110 - a counter tells nobody that it grew
            await asyncio.sleep(0.005)
