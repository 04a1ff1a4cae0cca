"""Tickets a second through the API as it is run, beside the least that FastAPI and SQLAlchemy can do."""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from bench.process import await_port, cpu_seconds, python
from bench.report import Row, paired
from hotline import accounts, wiring
from hotline.settings import Settings
from lab.instance import ROOT, free_ports

AT_ONCE = 4
BODY = json.dumps(
    {"content": "Đèn đường hỏng trước số 12 Trần Phú", "citizen_phone": "0905123456", "category": "lighting"}
).encode()


def prepare(var: Path, web_port: int, ami_port: int) -> tuple[dict[str, str], str]:
    """A database with people, no exchange. Returns the settings for the process and a token that may open tickets."""
    given = {"HOTLINE_VAR": str(var), "HOTLINE_WEB_PORT": str(web_port), "HOTLINE_AMI_PORT": str(ami_port)}
    given |= {"HOTLINE_WEB_DIST": str(ROOT / "web" / "dist")}
    settings = Settings(var=var, web_port=web_port, ami_port=ami_port)
    wiring.upgrade_database(settings)
    wiring.ensure_people(settings, accounts.ensure(var / "accounts.json"))
    expires = wiring.utc_now() + timedelta(hours=1)
    return given, wiring.create_token(settings, login="op1", name="bench", expires_at=expires)


def post(port: int, count: int, token: str) -> None:
    """One client on one connection. Raises RuntimeError for any answer but 201."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    for _ in range(count):
        connection.request("POST", "/api/v1/tickets", BODY, headers)
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"{answer.status}: {told[:200]!r}")
    connection.close()


def measure(quick: bool) -> list[Row]:
    count, rounds = (40, 3) if quick else (200, 5)
    with tempfile.TemporaryDirectory() as folder:
        web, plain, ami = free_ports(3)
        given, token = prepare(Path(folder) / "var", web, ami)
        bare = ("-m", "bench.bare_tickets", str(plain), f"{folder}/bare.db")
        with python("-m", "hotline.cli", "web", env=given) as ours, python(*bare) as floor:
            await_port(ours, web)
            await_port(floor, plain)
            costs: dict[int, list[float]] = {web: [], plain: []}
            pids = {web: ours.pid, plain: floor.pid}

            def rate(port: int) -> float:
                before, started = cpu_seconds(pids[port]), time.monotonic()
                with ThreadPoolExecutor(AT_ONCE) as pool:
                    list(pool.map(lambda _: post(port, count, token), range(AT_ONCE)))
                seconds = time.monotonic() - started
                costs[port].append((cpu_seconds(pids[port]) - before) / count / AT_ONCE * 1000)
                return count * AT_ONCE / seconds

            rate(web), rate(plain)
            ratio, mine, least = paired(lambda: rate(web), lambda: rate(plain), rounds)
    cost, least_cost = min(costs[web]), min(costs[plain])
    what = "tickets/s by POST, bare FastAPI + SQLAlchemy insert"
    return [
        Row(what, ratio, f"{mine:.0f}/s", f"{least:.0f}/s", bound="≥"),
        Row(
            "  CPU per ticket (token, audit, code, history)",
            cost / least_cost,
            f"{cost:.1f} ms",
            f"{least_cost:.1f} ms",
        ),
    ]
