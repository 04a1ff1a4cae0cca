"""A whole hotline of its own, on free ports and in its own folder, beside whatever else runs on the machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from lab.media import samples_of, strength
from lab.phone import Phone
from lab.sipp import CARRIER

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
T = TypeVar("T")


def until(check: Callable[[], T | None], timeout: float, what: str, every: float = 0.05) -> T:
    """What `check` gives once it gives something true. Raises TimeoutError naming what was waited for."""
    deadline = time.monotonic() + timeout
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout} s")
        time.sleep(every)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now, on TCP and UDP alike."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in found:
                found.append(port)
    return found


@dataclass
class Instance:
    """`start` it, use it, `stop` it. `given` are settings that differ, as environment variables' values."""

    var: Path
    given: dict[str, str] = field(default_factory=dict)
    address: int = 20

    def __post_init__(self) -> None:
        web, sip, agi, ami, http = free_ports(5)
        rtp = 20000 + os.getpid() % 40 * 1000
        self.name = f"lab-{os.getpid()}-{web}"
        self.environment = {
            "HOTLINE_NAME": self.name,
            "HOTLINE_VAR": str(self.var),
            "HOTLINE_EXCHANGE_ROOT": str(ROOT / "var" / "exchange"),
            "HOTLINE_WEB_PORT": str(web),
            "HOTLINE_SIP_PORT": str(sip),
            "HOTLINE_AGI_PORT": str(agi),
            "HOTLINE_AMI_PORT": str(ami),
            "HOTLINE_ASTERISK_HTTP_PORT": str(http),
            "HOTLINE_RTP_START": str(rtp),
            "HOTLINE_RTP_END": str(rtp + 999),
            "HOTLINE_WEB_DIST": str(ROOT / "web" / "dist"),
        } | {f"HOTLINE_{name.upper()}": value for name, value in self.given.items()}
        self.url = f"http://127.0.0.1:{web}"
        self.sip = ("127.0.0.1", sip)
        self.start_log = ""
        """What the exchange said until everything was ready."""
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[str, httpx.Client] = {}

    def __enter__(self) -> Instance:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self, timeout: float = 60) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / "run.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(BIN / "hotline"), "run"], env=os.environ | self.environment, stdout=log, stderr=log, cwd=ROOT
            )
        until(self.is_ready, timeout, f"the hotline in {self.var}")
        self.start_log = (self.exchange_home / "log" / "messages").read_text()

    def is_ready(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError("the hotline did not start:\n" + (self.var / "run.log").read_text())
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(40)
            except subprocess.TimeoutExpired:
                self._process.kill()
        shutil.rmtree(self.exchange_home, ignore_errors=True)

    @property
    def exchange_home(self) -> Path:
        root = ROOT / "var" / "exchange"
        return root / "srv" / self.name if (root / "usr/sbin/asterisk").exists() else self.var / "asterisk"

    def pid(self, process: str) -> int:
        """Of `asterisk`, `ivr`, `web` or `worker`."""
        done = self._supervisor("pid", process)
        return int(done.stdout.strip())

    def restart(self, process: str) -> None:
        self._supervisor("restart", process)

    def pause(self, process: str) -> None:
        """Stop it until `resume`."""
        self._supervisor("stop", process)

    def resume(self, process: str) -> None:
        self._supervisor("start", process)

    def _supervisor(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(BIN / "supervisorctl"), "-c", str(self.var / "supervisord.conf"), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def asterisk(self, command: str) -> str:
        """What Asterisk's console says to a command."""
        root = ROOT / "var" / "exchange"
        inside = (root / "usr/sbin/asterisk").exists()
        conf = f"/srv/{self.name}/etc/asterisk.conf" if inside else str(self.exchange_home / "etc/asterisk.conf")
        prefix = ["chroot", str(root)] if inside else []
        words = [*prefix, "/usr/sbin/asterisk", "-C", conf, "-rx", command]
        return subprocess.run(words, capture_output=True, text=True, timeout=20, check=False).stdout

    # --- people -----------------------------------------------------------------------------------------------------

    def account(self, login: str) -> dict[str, str]:
        rows: list[dict[str, str]] = json.loads((self.var / "accounts.json").read_text("utf-8"))
        return next(row for row in rows if row["login"] == login)

    def api(self, login: str) -> httpx.Client:
        """A client that is signed in as `login`."""
        if login not in self._clients:
            client = httpx.Client(base_url=self.url, timeout=15)
            body = {"login": login, "password": self.account(login)["password"]}
            client.post("/api/v1/session", json=body).raise_for_status()
            self._clients[login] = client
        return self._clients[login]

    def get(self, login: str, path: str, **params: Any) -> Any:
        answer = self.api(login).get(path, params=params)
        answer.raise_for_status()
        return answer.json()

    def desk_phone(self, login: str, *, ready: bool = True, on_ring: str = "answer") -> Phone:
        """A registered desk phone; its operator is ready if asked for."""
        self.address += 1
        password = self.account(login)["sip_password"]
        phone = Phone(self.sip, f"127.0.0.{self.address}", login, password, on_ring=on_ring)
        phone.register()
        if ready:
            self.set_state(login, "ready")
        return phone

    def set_state(self, login: str, state: str, reason: str = "") -> None:
        body = {"state": state, "reason": reason}
        self.api(login).put("/api/v1/operators/me/state", json=body).raise_for_status()

    def citizen(self) -> Phone:
        """Somebody who calls through the carrier."""
        return Phone(self.sip, CARRIER)

    # --- what became of it ------------------------------------------------------------------------------------------

    def calls(self, **params: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.get("sup1", "/api/v1/calls", **params)["items"]
        return items

    def ended_call(self, caller: str, timeout: float = 15) -> dict[str, Any]:
        """The latest call of a number, once it has an outcome."""

        def look() -> dict[str, Any] | None:
            found = self.calls(caller=caller, limit=1)
            return found[0] if found and found[0]["outcome"] else None

        return until(look, timeout, f"the call of {caller} in the ledger", every=0.2)


CITIZEN_HZ, OPERATOR_HZ = 440, 700


def converse(citizen: Phone, operator: Phone, seconds: float = 2) -> None:
    """Both speak, each with a tone of his own, until each has heard the other for some time."""
    citizen.media.say(CITIZEN_HZ)
    operator.media.say(OPERATOR_HZ)
    for listener, hertz in ((operator, CITIZEN_HZ), (citizen, OPERATOR_HZ)):

        def hears(listener: Phone = listener, hertz: int = hertz) -> bool:
            return strength(samples_of(bytes(listener.media.heard[-int(seconds * 8000) :])), hertz) > 0.3

        until(hears, 15, f"{listener.user} hears {hertz} Hz", every=0.1)
