"""The web process, built out of its parts."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
from collections.abc import Callable, Mapping

import sqlalchemy as sa
import uvicorn
from sqlalchemy.orm import Session, sessionmaker
from starlette.types import ASGIApp

from api.deps import CheckState, Deps
from api.main import create_app
from callcenter import operators, people
from callcenter.calendar import Calendar
from callcenter.calls.events import LiveEvent, Snapshot
from callcenter.errors import ExchangeUnavailable
from callcenter.ingest import LiveDesk
from hotline import accounts, wiring
from hotline.settings import Settings
from ivr.ami import AmiLink
from ivr.control import AmiTelephony

log = logging.getLogger(__name__)

LOW_DISK_BYTES = 500_000_000


class _Server(uvicorn.Server):
    """Lets the live streams go before it waits for requests to end."""

    def __init__(self, config: uvicorn.Config, desk: LiveDesk) -> None:
        super().__init__(config)
        self._desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.feed.close()
        await super().shutdown(sockets)


def run_web(settings: Settings) -> None:
    """HTTP, the manager's link and the live picture, until told to stop."""
    wiring.start_logging()
    asyncio.run(_web(settings))


async def _web(settings: Settings) -> None:
    factory = wiring.sessions(settings)
    with factory() as session:
        names = people.with_phones(session)
    desk = LiveDesk(names, started_at=wiring.utc_now(), wrapup_s=settings.wrapup_s)
    resync = _Resync(factory)

    def take(event: LiveEvent) -> None:
        desk.apply(event)
        if isinstance(event, Snapshot):
            resync.wanted(event)

    secret = accounts.ensure_secret(settings.var.resolve() / "ami-secret")
    link = AmiLink(settings.inside, settings.ami_port, "hotline", secret, take)
    resync.telephony = AmiTelephony(link, asyncio.get_running_loop())
    app = create_app(_deps(settings, factory, desk, resync.telephony))
    config = server_config(settings, app)
    tasks = [asyncio.create_task(run) for run in (link.run(), _tick(desk), resync.run())]
    try:
        await _Server(config, desk).serve()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def server_config(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=str(settings.bind),
        port=settings.web_port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxy_addresses),
        forwarded_allow_ips=[str(address) for address in settings.proxy_addresses],
        timeout_graceful_shutdown=3,
        ws_max_size=65_536,
    )


async def _tick(desk: LiveDesk) -> None:
    while True:
        await asyncio.sleep(0.5)
        desk.tick(wiring.utc_now())


class _Resync:
    """Brings the queues in line with what operators asked for, after each snapshot, beside the event loop."""

    telephony: AmiTelephony

    def __init__(self, factory: sessionmaker[Session]) -> None:
        self._factory = factory
        self._snapshots: asyncio.Queue[Snapshot] = asyncio.Queue()

    def wanted(self, snapshot: Snapshot) -> None:
        self._snapshots.put_nowait(snapshot)

    async def run(self) -> None:
        while True:
            snapshot = await self._snapshots.get()
            while not self._snapshots.empty():
                snapshot = self._snapshots.get_nowait()
            try:
                await asyncio.to_thread(operators.resync, self._factory, self.telephony, snapshot.members)
            except (ExchangeUnavailable, sa.exc.SQLAlchemyError) as error:
                log.warning("the queues could not be brought in line, until the next snapshot: %s", error)


def _deps(settings: Settings, factory: sessionmaker[Session], desk: LiveDesk, telephony: AmiTelephony) -> Deps:
    passwords = {row.login: row.sip_password for row in accounts.read(settings.var.resolve() / "accounts.json")}
    return Deps(
        sessions=factory,
        telephony=telephony,
        desk=desk,
        archive=settings.var.resolve() / "recordings",
        clock=wiring.utc_now,
        calendar=Calendar.parse(settings.hours, settings.zone),
        checks=_checks(settings, factory, telephony),
        web_dist=settings.web_dist,
        sip_ws_url=f"ws://{settings.inside}:{settings.asterisk_http_port}/ws",
        sip_password=lambda user: passwords.get(user.removesuffix("-web")) or None,
        labels=wiring.checked_flow(settings).labels,
        service_level_s=settings.service_level_s,
        short_abandon_s=settings.short_abandon_s,
        secure_cookies=settings.secure_cookies,
    )


def _checks(
    settings: Settings, factory: sessionmaker[Session], telephony: AmiTelephony
) -> Mapping[str, Callable[[], CheckState]]:
    def database() -> CheckState:
        with factory() as session:
            session.execute(sa.text("SELECT 1"))
        return CheckState(True, factory.kw["bind"].dialect.name)

    def ami() -> CheckState:
        return CheckState(True, "connected") if telephony.connected else CheckState(False, "not connected")

    def agi() -> CheckState:
        with socket.create_connection((settings.inside, settings.agi_port), timeout=2):
            return CheckState(True, f"answers at port {settings.agi_port}")

    def disk() -> CheckState:
        free = shutil.disk_usage(settings.var).free
        return CheckState(free >= LOW_DISK_BYTES, f"{free // 1_000_000} MB free")

    return {"database": database, "ami": ami, "agi": agi, "disk": disk}
