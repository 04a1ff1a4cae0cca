"""The domain's `Telephony`, carried out over AMI."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, TypeVar

from callcenter.errors import ExchangeUnavailable, Invalid
from callcenter.telephony import Phone
from ivr.ami import ACTION_TIMEOUT_S, AmiLink
from ivr.events import text
from ivr.protocol import Refused, checked

T = TypeVar("T")
_HARMLESS = ("unable to add interface: already there", "unable to remove interface: not there", "interface not found")
"""What app_queue says when things are as asked for; a queue that does not exist is another matter."""
BROWSER = "-web"


@dataclass(frozen=True, slots=True)
class AmiTelephony:
    """Called from the routes' threads; `loop` is the one that runs the link."""

    link: AmiLink
    loop: asyncio.AbstractEventLoop

    @property
    def connected(self) -> bool:
        return self.link.connected

    def phones(self, login: str) -> list[Phone]:
        try:
            contacts = self._wait(self.link.act({"Action": "PJSIPShowContacts"}, lists=True))
        except Refused as error:
            if "no contacts found" in str(error).lower():
                return []
            raise ExchangeUnavailable(f"the exchange does not tell its phones: {error}") from error
        reachable = {text(contact, "endpoint") for contact in contacts if text(contact, "status") != "Unreachable"}
        desk, browser = Phone(login, "desk", f"PJSIP/{login}"), Phone(login, "browser", f"PJSIP/{login}{BROWSER}")
        return [phone for phone in (desk, browser) if phone.interface.removeprefix("PJSIP/") in reachable]

    def join(self, interface: str, login: str, penalties: Mapping[str, int], paused: bool, reason: str) -> None:
        for queue, penalty in penalties.items():
            self._do(
                {
                    "Action": "QueueAdd",
                    "Queue": queue,
                    "Interface": interface,
                    "MemberName": login,
                    "StateInterface": interface,
                    "Penalty": str(penalty),
                    "Paused": "true" if paused else "false",
                    "Reason": reason,
                }
            )

    def leave(self, interface: str, queues: tuple[str, ...]) -> None:
        for queue in queues:
            self._do({"Action": "QueueRemove", "Queue": queue, "Interface": interface})

    def pause(self, interface: str, paused: bool, reason: str) -> None:
        self._do(
            {
                "Action": "QueuePause",
                "Interface": interface,
                "Paused": "true" if paused else "false",
                "Reason": reason,
            }
        )

    def _do(self, action: Mapping[str, str]) -> None:
        """Being there already, or gone already, is success. Raises `Invalid` for what cannot be said over AMI."""
        try:
            self._wait(self.link.act(checked(action)))
        except ValueError as error:
            raise Invalid("reason" if action.get("Reason") else "interface", str(error)) from error
        except Refused as error:
            if str(error).lower() not in _HARMLESS:
                raise ExchangeUnavailable(f"the exchange refused {action['Action']}: {error}") from error

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(ACTION_TIMEOUT_S + 1)
        except (ConnectionError, TimeoutError, CancelledError) as error:
            future.cancel()
            raise ExchangeUnavailable(f"the exchange did not do it: {error or 'no answer'}") from error
