"""`make demo`: a citizen's call from the first tone to the answer, against the hotline that runs on this machine."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import httpx

from hotline import accounts, wiring
from hotline.settings import Settings, SettingsError, load
from lab import sipp
from lab.instance import until
from lab.phone import Phone, PhoneError

OPERATOR = "op4"
NUMBER = "0905123456"


class DemoError(Exception):
    """The demonstration cannot go on; `str()` says why and what to do."""


def tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


class Demo:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://{settings.bind}:{settings.web_port}"
        self.server = (str(settings.sip_address), settings.sip_port)
        self.folder = settings.var.resolve() / "demo"
        self.carrier = str(settings.trunk_addresses[0])
        self.account = self._account()
        self.client = httpx.Client(base_url=self.url, timeout=15)

    def _account(self) -> accounts.Account:
        path = self.settings.var.resolve() / "accounts.json"
        if not path.exists():
            raise DemoError("the hotline has never been started here: `make run` in another terminal first")
        return next(row for row in accounts.read(path) if row.login == OPERATOR)

    def run(self) -> None:
        self._sign_in()
        tell(f"{self.account.name} ({OPERATOR}) registers a desk phone and says: ready")
        with Phone(self.server, "127.0.0.24", OPERATOR, self.account.sip_password, on_ring="ring") as phone:
            phone.register()
            self._state("ready")
            try:
                linkedid, code = self._first_call(phone)
            finally:
                self._state("offline")
        self._record(linkedid)
        self._second_call(code)
        tell("done.")
        print(f"\n  ticket     {code[:2]} {code[2:8]} {code[8:]}   {self.url}/phieu/{code}")
        print(f"  recording  {self.url}/api/v1/calls/{linkedid}/recording   (sign in as sup1)")
        print(f"  its file   {self._file(linkedid)}   (play it: ffplay, mpv, a browser)\n")

    def _sign_in(self) -> None:
        body = {"login": OPERATOR, "password": self.account.password}
        try:
            self.client.post("/api/v1/session", json=body).raise_for_status()
        except httpx.TransportError as error:
            raise DemoError(f"nothing answers at {self.url}: `make run` in another terminal first") from error

    def _state(self, state: str) -> None:
        self.client.put("/api/v1/operators/me/state", json={"state": state}).raise_for_status()

    def _get(self, path: str, **params: Any) -> Any:
        answer = self.client.get(path, params=params)
        answer.raise_for_status()
        return answer.json()

    def _first_call(self, phone: Phone) -> tuple[str, str]:
        tell(f"a citizen at {NUMBER} dials 1022 (SIPp, from the carrier's address {self.carrier})")
        acts = [sipp.Wait(4), *sipp.keys("1"), sipp.Wait(7), sipp.Speak(), sipp.Wait(9), sipp.HangUp()]
        scenario = sipp.citizen(acts, caller=f"<sip:{NUMBER}@carrier>")
        citizen = sipp.call(scenario, self.server, self.folder, address=self.carrier)
        tell("  hears the greeting and the menu, and presses 1: report a problem")
        try:
            phone.wait("rung", 40)
        except PhoneError as error:
            raise DemoError(f"{OPERATOR} was not rung: is another operator ready? ({error})") from error
        linkedid = self._rung()
        self._pop(linkedid)
        phone.answer()
        tell(f"  {self.account.name} answers; both voices are recorded")
        sounds = wiring.exchange(self.settings).sounds
        phone.media.read_aloud(sounds / "vi" / "hotline" / "queue_thank_you.wav")
        code = self._file_ticket(linkedid)
        phone.wait("ended", 60)
        citizen.wait(30)
        tell("  the citizen hangs up")
        return linkedid, code

    def _rung(self) -> str:
        def look() -> str | None:
            rows = self._get("/api/v1/operators")["items"]
            mine = next(row for row in rows if row["login"] == OPERATOR)
            return str(mine["linkedid"]) if mine["linkedid"] else None

        return until(look, 10, "the call at the operator's desk", every=0.1)

    def _pop(self, linkedid: str) -> None:
        context = self._get(f"/api/v1/calls/{linkedid}/context")
        caller = context["caller"]
        way = " › ".join(step["label_vi"] for step in context["menu_path"]) or "–"
        tell(f"the operator's phone rings; the page shows: {caller['number'] or 'no number'}, {way}")
        tell(f"  earlier calls: {len(context['earlier_calls'])}, open tickets: {len(context['open_tickets'])}")

    def _file_ticket(self, linkedid: str) -> str:
        body = {
            "title": "Đèn đường không sáng",
            "content": "Đèn đường trước số 12 Hoàng Diệu không sáng ba đêm nay.",
            "category": "lighting",
            "area": "Hội An",
            "address": "12 Hoàng Diệu",
            "citizen_name": "Nguyễn Văn An",
            "citizen_phone": NUMBER,
            "linkedid": linkedid,
        }
        key = {"Idempotency-Key": f"demo-{linkedid}"}
        answer = self.client.post("/api/v1/tickets", json=body, headers=key)
        answer.raise_for_status()
        code = str(answer.json()["code"])
        tell(f"  a ticket is filed while they talk: {code[:2]} {code[2:8]} {code[8:]}")
        return code

    def _record(self, linkedid: str) -> None:
        def ended() -> dict[str, Any] | None:
            call: dict[str, Any] = self._get(f"/api/v1/calls/{linkedid}")
            return call if call["outcome"] else None

        call = until(ended, 20, "the call in the ledger", every=0.2)
        tell(f"the ledger: {call['outcome']}, waited {call['wait_s']:.1f} s, talked {call['talk_s']:.1f} s")

        def archived() -> bool:
            return self.client.head(f"/api/v1/calls/{linkedid}/recording").status_code == 200

        until(archived, 40, "the recording in the archive", every=0.3)
        tell("the recording is archived: citizen on the left, operator on the right")

    def _second_call(self, code: str) -> None:
        tell("the citizen dials again, presses 3 and keys the ticket's code")
        acts = [sipp.Wait(3), *sipp.keys("3"), sipp.Wait(2), *sipp.keys(code), sipp.Wait(11), sipp.HangUp()]
        scenario = sipp.citizen(acts, caller=f"<sip:{NUMBER}@carrier>")
        sipp.call(scenario, self.server, self.folder, address=self.carrier).wait(90)

        def ended() -> dict[str, Any] | None:
            call: dict[str, Any] = self._get("/api/v1/calls", limit=1)["items"][0]
            return call if call["outcome"] in ("self_served", "ivr_hangup", "answered") else None

        call = until(ended, 20, "the second call in the ledger", every=0.2)
        tell(f"  hears what became of it; the ledger: {call['outcome']}")

    def _file(self, linkedid: str) -> str:
        archive = self.settings.var.resolve() / "recordings"
        return next((str(path) for path in Path(archive).rglob(f"{linkedid}*") if path.is_file()), str(archive))


def main() -> int:
    try:
        Demo(load()).run()
    except (DemoError, SettingsError, TimeoutError, PhoneError, httpx.HTTPError) as error:
        print(f"\nthe demonstration stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
