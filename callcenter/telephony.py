"""What the domain asks of the exchange; `ivr.control` implements it over AMI, tests with a fake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

PhoneKind = Literal["desk", "browser"]


@dataclass(frozen=True, slots=True)
class Phone:
    """A registered phone of an operator; `interface` is what queues dial, e.g. `PJSIP/op1`."""

    login: str
    kind: PhoneKind
    interface: str


class Telephony(Protocol):
    """Blocking calls, for the routes' threads; each raises `ExchangeUnavailable` within 5 seconds."""

    @property
    def connected(self) -> bool: ...

    def phones(self, login: str) -> list[Phone]:
        """The operator's phones that are registered now, desk phones first."""
        ...

    def join(self, interface: str, login: str, penalties: Mapping[str, int], paused: bool, reason: str) -> None:
        """Put the phone into these queues (name → penalty); queues it is already in are kept."""
        ...

    def leave(self, interface: str, queues: tuple[str, ...]) -> None:
        """Take the phone out of these queues."""
        ...

    def pause(self, interface: str, paused: bool, reason: str) -> None:
        """Pause or resume the phone in every queue it is in."""
        ...
