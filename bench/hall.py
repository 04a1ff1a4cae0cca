"""A hotline with a hall full of operators who answer at once and hang up soon, and citizens who call by SIPp."""

from __future__ import annotations

import csv
import secrets
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hotline import accounts
from lab import sipp
from lab.instance import Instance, until
from lab.media import Media
from lab.phone import Message, Phone

TALK_S = 0.2
PROCESSES = ("asterisk", "ivr", "web", "worker")


class Mute(Media):
    """Has a port to name and neither hears nor says anything, so that many of them cost nothing."""

    def __init__(self, address: str) -> None:
        self.address, self.port = address, 40000
        self.heard = bytearray()

    def connect(self, sdp: str) -> None: ...

    def close(self) -> None: ...


class Brisk(Phone):
    """Answers at once and hangs up `TALK_S` later."""

    def _on_request(self, message: Message) -> None:
        super()._on_request(message)
        if message[0].startswith("ACK"):
            threading.Timer(TALK_S, self._leave, [self.dialog]).start()

    def _leave(self, dialog: object) -> None:
        if self.dialog is dialog and not self._closing and "ended" not in self.events:
            self.hang_up()


def _crowd(var: Path, count: int) -> Sequence[str]:
    """Accounts of more operators than the development roster has."""
    known = accounts.ensure(var / "accounts.json")
    logins = [f"bench{number:02}" for number in range(count)]
    more = [accounts.Account(it, "operator", it, "", secrets.token_hex(8), secrets.token_hex(8)) for it in logins]
    accounts.write(var / "accounts.json", [*known, *more])
    return logins


@contextmanager
def hall(operators: int, **given: str) -> Iterator[Instance]:
    """A hotline of its own in a folder of its own, with that many operators at work."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))) / "var"
        var.mkdir()
        logins = _crowd(var, operators)
        settings = {"queue_ring_s": "4", "wrapup_s": "0", "max_calls": "400"} | given
        hotline = stack.enter_context(Instance(var, settings))
        for number, login in enumerate(logins):
            password = hotline.account(login)["sip_password"]
            phone = Brisk(hotline.sip, f"127.0.1.{number + 1}", login, password, sound=Mute)
            stack.enter_context(phone)
            phone.register()
            hotline.set_state(login, "ready")
        yield hotline


def settle(hotline: Instance) -> None:
    """Until nothing of earlier calls is left to do: nobody on the line, every recording and every call put away."""
    spool = hotline.exchange_home / "spool" / "recordings"

    def idle() -> bool:
        with closing(sqlite3.connect(hotline.var / "hotline.db")) as database:
            ((lasting,),) = database.execute("SELECT count(*) FROM calls WHERE outcome IS NULL")
        if lasting or any(spool.iterdir()):
            return False
        return "\n0 active channels" in hotline.asterisk("core show channels")

    until(idle, 300, "the last calls put away", 0.5)


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: calls that went as they should, those that did not, and how many were done each second."""

    good: int
    bad: int
    each_s: Sequence[int]

    def best_rate(self, seconds: int) -> float:
        """Calls a second that were done in the best so many seconds on end."""
        starts = range(max(1, len(self.each_s) - seconds + 1))
        return max(sum(self.each_s[start : start + seconds]) for start in starts) / seconds


def offer(
    hotline: Instance,
    acts: Sequence[sipp.Act],
    *,
    calls: int,
    rate: int,
    at_once: int,
    number: str = "1022",
    more: Sequence[str] = (),
) -> Load:
    """Citizens who do `acts`: new ones at `rate` a second while fewer than `at_once` are on the line; `more` are
    SIPp's own options. Raises TimeoutExpired when they do not come to an end."""
    folder = hotline.var / f"sipp-{secrets.token_hex(4)}"
    folder.mkdir()
    (folder / "scenario.xml").write_text(sipp.citizen(acts, caller="<sip:0905123456@carrier>"), "utf-8")
    server = f"{hotline.sip[0]}:{hotline.sip[1]}"
    words = ["sipp", server, "-sf", "scenario.xml", "-s", number, "-i", sipp.CARRIER, "-mi", sipp.CARRIER]
    words += ["-m", str(calls), "-l", str(at_once), "-r", str(rate), "-nostdin", "-trace_err", "-error_file", "err"]
    words += ["-trace_stat", "-stf", "stat.csv", "-fd", "1", "-timeout", f"{60 + calls // rate * 2}s", *more]
    limit = 90 + calls // rate * 2
    subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit, check=False)
    with (folder / "stat.csv").open() as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    last, done = rows[-1], [int(row["SuccessfulCall(C)"]) for row in rows]
    each_s = [later - earlier for earlier, later in pairwise(done)]
    return Load(int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), each_s)
