"""`hotline run`: makes everything ready on this machine, starts it all, says where it is, and stops it all."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from callcenter.calendar import Calendar
from callcenter.queues import QUEUES
from hotline import accounts, supervision, wiring
from hotline.exchange import Operator, Ports, Values, render
from hotline.settings import Settings
from recordings.prompts import PromptError

READY_WITHIN_S = 60


class CannotStart(Exception):
    """Something stands in the way; `str()` says what, and what to do."""


def run(settings: Settings) -> None:
    """Until Ctrl-C or SIGTERM. Raises `CannotStart`."""
    check_ports(settings)
    conf = prepare(settings)
    command, inherited = supervision.command(conf), os.environ | environment(settings)
    process = subprocess.Popen(command, env=inherited)  # noqa: S603 - our own configuration
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.terminate())
    print("starting: exchange, menus, web, worker …", flush=True)
    if wait_ready(settings, process):
        print(welcome(settings), flush=True)
    elif process.poll() is None:
        print(f"not everything is up after {READY_WITHIN_S} s: {unready(settings)}\nsee {settings.var}/log", flush=True)
    process.wait()
    print("stopped", flush=True)


def prepare(settings: Settings, say: Callable[[str], None] = print) -> Path:
    """Database, accounts, prompts, the exchange's and the supervisor's files. Returns supervisord's configuration."""
    var = settings.var.resolve()
    exchange = wiring.exchange(settings)
    if not (exchange.root / "usr/sbin/asterisk").exists():
        raise CannotStart(
            f"there is no Asterisk in {exchange.root}: run `make setup`, or install asterisk (20 or later)"
        )
    try:
        wiring.checked_flow(settings)
        Calendar.parse(settings.hours, settings.zone)
    except ValueError as error:
        raise CannotStart(str(error)) from error
    wiring.upgrade_database(settings)
    known = accounts.ensure(var / "accounts.json")
    wiring.ensure_people(settings, known)
    build_prompts(settings, say)
    render(exchange, exchange_values(settings, known))
    hotline = str(Path(sys.executable).with_name("hotline"))
    processes = [
        supervision.Process("asterisk", exchange.command, 1, stop_wait_s=15),
        *(supervision.Process(name, [hotline, name], 2) for name in ("ivr", "web", "worker")),
    ]
    return supervision.render(var, processes)


def build_prompts(settings: Settings, say: Callable[[str], None]) -> None:
    """Says what is wrong with a recording, and goes on as long as every prompt has a file from an earlier start."""
    try:
        wiring.build_prompts(settings, _Progress(say))
    except PromptError as error:
        if not error.complete:
            raise CannotStart(f"prompts are missing:\n{error}") from error
        say(f"!! some prompts stay as they were:\n{error}")


def exchange_values(settings: Settings, known: tuple[accounts.Account, ...]) -> Values:
    ports = Ports(
        sip=settings.sip_port,
        agi=settings.agi_port,
        ami=settings.ami_port,
        http=settings.asterisk_http_port,
        rtp_start=settings.rtp_start,
        rtp_end=settings.rtp_end,
    )
    return Values(
        bind=settings.inside,
        sip_bind=str(settings.sip_address),
        ports=ports,
        trunk_addresses=[str(address) for address in settings.trunk_addresses],
        operators=[Operator(account.login, account.sip_password) for account in known if account.sip_password],
        queues=tuple(QUEUES),
        ami_secret=accounts.ensure_secret(settings.var.resolve() / "ami-secret"),
        max_calls=settings.max_calls,
        queue_ring_s=settings.queue_ring_s,
        wrapup_s=settings.wrapup_s,
        queue_max_wait_s=settings.queue_max_wait_s,
    )


def environment(settings: Settings) -> dict[str, str]:
    """What the processes inherit: the settings as they were when the hotline was started."""
    values = settings.model_dump(mode="json", exclude_none=True)
    given = {f"HOTLINE_{name.upper()}": value for name, value in values.items()}
    given["HOTLINE_VAR"] = str(settings.var.resolve())
    given["HOTLINE_WEB_DIST"] = str(settings.web_dist.resolve())
    return {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in given.items()}


def check_ports(settings: Settings) -> None:
    """Raises `CannotStart` naming a port that somebody else has, and the setting to change."""
    names = ("web_port", "agi_port", "ami_port", "asterisk_http_port", "sip_port")
    for name in names:
        port = getattr(settings, name)
        address = {"web_port": str(settings.bind), "sip_port": str(settings.sip_address)}.get(name, settings.inside)
        kinds = [socket.SOCK_STREAM] + ([socket.SOCK_DGRAM] if name == "sip_port" else [])
        for kind in kinds:
            with socket.socket(socket.AF_INET, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError as error:
                    raise CannotStart(
                        f"port {port} is taken ({error.strerror}): is the hotline running already? "
                        f"Another port: HOTLINE_{name.upper()}=…"
                    ) from error


def readiness(settings: Settings) -> dict[str, object]:
    """What /readyz says; empty while the web process does not answer."""
    url = f"http://{settings.bind}:{settings.web_port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            body: dict[str, object] = json.load(answer)
    except urllib.error.HTTPError as error:
        try:
            body = json.load(error)
        except json.JSONDecodeError:
            body = {}
    except OSError:
        body = {}
    return body


def wait_ready(settings: Settings, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if readiness(settings).get("ready") is True:
            return True
        time.sleep(0.3)
    return False


def unready(settings: Settings) -> str:
    return json.dumps(readiness(settings), ensure_ascii=False) or "the web process does not answer"


def welcome(settings: Settings) -> str:
    rows = accounts.read(settings.var.resolve() / "accounts.json")
    people = "\n".join(f"    {row.login:<7} {row.password:<14} {row.role:<11} {row.name}" for row in rows)
    carrier = ", ".join(str(address) for address in settings.trunk_addresses)
    sip = f"{settings.sip_address}:{settings.sip_port}"
    return f"""
The hotline is up. Ctrl-C stops all of it.

  web app    http://{settings.bind}:{settings.web_port}/
  API docs   http://{settings.bind}:{settings.web_port}/api/docs
  accounts   (also: hotline accounts)
{people}

  call it    from {carrier} dial 1022 at {sip} (SIP, UDP), or let it be shown: make demo
  desk phone register as op1 … op4 at {sip} with the SIP password from `hotline accounts`
  logs       {settings.var.resolve()}/log   and   {wiring.exchange(settings).log}
"""


class _Progress:
    """Says at the beginning, half-way and at the end how many prompts are built."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def __call__(self, done: int, total: int) -> None:
        if done in (1, total // 2, total):
            self._say(f"prompts: {done} of {total}")
