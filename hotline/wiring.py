"""Builds each process out of its parts: the one place that knows all of them."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import yaml
from sqlalchemy.orm import Session, sessionmaker

from callcenter import access, audit, people, store
from callcenter.calendar import Calendar
from callcenter.queues import QUEUES, ensure_memberships
from callcenter.rights import WITH_PHONE
from callflows.check import check
from callflows.loader import FlowError, Prompts, load_flow, load_prompts
from callflows.model import Flow
from hotline.accounts import Account
from hotline.exchange import TEMPLATES, Exchange
from hotline.settings import PROJECT, Settings
from ivr.dialogue import Menus
from ivr.house import House
from ivr.notebook import Notebook
from ivr.server import FastAgiServer
from recordings import music, prompts

CALLFLOWS = Path(__file__).parent.parent / "callflows"
DRAIN_S = 5.0
"""How long calls that are in a menu may go on when the menu service is stopped."""

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


def start_logging() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )


def until_told_to_stop() -> threading.Event:
    """Set by SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def exchange(settings: Settings) -> Exchange:
    return Exchange.at(settings.instance, settings.exchange_root or PROJECT / "var" / "exchange", settings.var)


def sessions(settings: Settings) -> sessionmaker[Session]:
    return store.session_factory(store.create_engine(settings.database))


def flow_file(settings: Settings) -> Path:
    return settings.flow or CALLFLOWS / "flows" / "main.yaml"


def load_texts() -> Prompts:
    return load_prompts(CALLFLOWS / "prompts")


def check_flow(path: Path) -> list[str]:
    """What is wrong with the flow in `path`, a broken file included."""
    try:
        return check(load_flow(path), load_texts(), QUEUES)
    except FlowError as error:
        return [str(error)]


def checked_flow(settings: Settings) -> Flow:
    """The flow to run. Raises ValueError with every problem when it must not meet a caller."""
    path = flow_file(settings)
    problems = check_flow(path)
    if problems:
        raise ValueError(f"{path} must not be used:\n  " + "\n  ".join(problems))
    return load_flow(path)


def upgrade_database(settings: Settings) -> None:
    settings.var.mkdir(parents=True, exist_ok=True)
    store.upgrade(settings.database)


def build_prompts(settings: Settings, progress: Callable[[int, int], None] | None = None) -> None:
    """Make this instance's sound files: prompts, Asterisk's digits, the tone before a message, music on hold."""
    target = exchange(settings)
    target.prepare()
    digits = yaml.safe_load((TEMPLATES / "digits.yaml").read_text("utf-8"))
    sources = [settings.var / "prompts", CALLFLOWS / "prompts"]
    prompts.build(load_texts().texts, sources, target.sounds, digits=digits, progress=progress)
    music.build_beep(target.sounds)
    music.build_music(target.moh)


def run_ivr(settings: Settings) -> None:
    """The menu service, until told to stop."""
    start_logging()
    stop = until_told_to_stop()
    factory = sessions(settings)
    calendar = Calendar.parse(settings.hours, settings.zone)
    flow = checked_flow(settings)
    address = (settings.inside, settings.agi_port)
    with Notebook(factory) as notebook:
        menus = Menus(flow, House(factory, calendar, utc_now, notebook), utc_now)
        with FastAgiServer(address, {"menu": menus}, max_sessions=settings.max_calls) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
            thread.start()
            log.info("the menus of %s answer at %s:%s", flow.name, *address)
            stop.wait()
            if not server.drain(DRAIN_S):
                log.warning("%d callers were still in a menu; the exchange looks after them", server.sessions)


def ensure_people(settings: Settings, known: Sequence[Account]) -> None:
    """The accounts as people of the database; those with a phone serve every queue."""
    with sessions(settings).begin() as session:
        for account in known:
            people.ensure(
                session,
                login=account.login,
                name=account.name,
                role=account.role,
                password=account.password,
                agency=account.agency,
                now=utc_now(),
            )
            if account.role in WITH_PHONE:
                ensure_memberships(session, login=account.login)


def create_token(settings: Settings, *, login: str, name: str, expires_at: datetime) -> str:
    """A new bearer token that acts as `login`. Raises `NotFound`, `Invalid`."""
    with sessions(settings).begin() as session:
        person = people.get(session, login=login)
        _, token = access.create_token(session, name=name, person=person, now=utc_now(), expires_at=expires_at)
        audit.write(session, at=utc_now(), actor="command line", action="token.create", subject=f"{login}: {name}")
    return token
