"""What operators ask for, carried out on a fake exchange; called from another thread, as the routes do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fake_asterisk import DEADLINE_S, Manager

from callcenter.calls.events import LiveEvent, Snapshot
from callcenter.errors import ExchangeUnavailable, Invalid
from callcenter.telephony import Phone
from ivr.ami import AmiLink
from ivr.control import AmiTelephony


def contact(endpoint: str, status: str) -> str:
    return f"Event: ContactList\nEndpoint: {endpoint}\nStatus: {status}\n\n"


CONTACTS = "Response: Success\nEventList: start\n\n{}Event: ContactListComplete\n\n"
OK = "Response: Success\nMessage: done\n\n"


def carry_out(work: Callable[[AmiTelephony], Any], answers: dict[str, Any], *, up: bool = True) -> list[dict[str, str]]:
    """Do `work` in a thread of its own; the actions that reached the exchange."""

    async def scene() -> list[dict[str, str]]:
        ready = asyncio.Event()

        def sink(event: LiveEvent) -> None:
            if isinstance(event, Snapshot):
                ready.set()

        async with asyncio.timeout(DEADLINE_S), Manager(answers) as manager:
            link = AmiLink("127.0.0.1", manager.port, "hotline", "right", sink, timeout_s=0.5)
            running = asyncio.create_task(link.run())
            await ready.wait()
            before = len(manager.actions)
            if not up:
                await manager.stop()
            try:
                await asyncio.to_thread(work, AmiTelephony(link, asyncio.get_running_loop()))
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            return [{k: v for k, v in action.items() if k != "ActionID"} for action in manager.actions[before:]]

    return asyncio.run(scene())


def test_join_puts_the_phone_into_each_queue() -> None:
    actions = carry_out(
        lambda telephony: telephony.join("PJSIP/op1", "op1", {"reports": 0, "procedures": 2}, True, "ăn trưa"),
        {"QueueAdd": OK},
    )
    common = {
        "Action": "QueueAdd", "Interface": "PJSIP/op1", "MemberName": "op1", "StateInterface": "PJSIP/op1",
        "Paused": "true", "Reason": "ăn trưa",
    }  # fmt: skip
    assert actions == [
        common | {"Queue": "reports", "Penalty": "0"},
        common | {"Queue": "procedures", "Penalty": "2"},
    ]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("QueueAdd", "Unable to add interface: Already there"),
        ("QueueRemove", "Unable to remove interface: Not there"),
        ("QueuePause", "Interface not found"),
    ],
)
def test_what_is_as_asked_for_already_is_success(action: str, said: str) -> None:
    assert len(carry_out(DOING[action], {action: f"Response: Error\nMessage: {said}\n\n"})) == 1


DOING: dict[str, Callable[[AmiTelephony], None]] = {
    "QueueAdd": lambda telephony: telephony.join("PJSIP/op1", "op1", {"nosuch": 0}, False, ""),
    "QueueRemove": lambda telephony: telephony.leave("PJSIP/op1", ("nosuch",)),
    "QueuePause": lambda telephony: telephony.pause("PJSIP/op1", True, "x"),
}


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("QueueAdd", "Unable to add interface to queue: No such queue"),
        ("QueueRemove", "Unable to remove interface from queue: No such queue"),
        ("QueueRemove", "Member not dynamic"),
        ("QueuePause", "Permission denied"),
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_exchange(action: str, said: str) -> None:
    with pytest.raises(ExchangeUnavailable, match=f"{action}.*{said}"):
        carry_out(DOING[action], {action: f"Response: Error\nMessage: {said}\n\n"})


@pytest.mark.parametrize("action", DOING)
def test_an_exchange_that_does_not_answer(action: str) -> None:
    with pytest.raises(ExchangeUnavailable):
        carry_out(DOING[action], {action: ""})


@pytest.mark.parametrize("action", DOING)
def test_an_exchange_that_is_gone(action: str) -> None:
    with pytest.raises(ExchangeUnavailable):
        carry_out(DOING[action], {}, up=False)


@pytest.mark.parametrize("reason", ["x\r\nAction: Originate", "x" * 2000, "\ud800"])
def test_a_reason_that_cannot_be_said_is_the_askers_fault(reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        carry_out(lambda telephony: telephony.pause("PJSIP/op1", True, reason), {"QueuePause": OK})
    assert caught.value.field == "reason"


@pytest.mark.parametrize(
    ("contacts", "phones"),
    [
        ("", []),
        (contact("op1", "Reachable"), [Phone("op1", "desk", "PJSIP/op1")]),
        (contact("op1", "Unreachable"), []),
        (contact("op1-web", "NonQualified"), [Phone("op1", "browser", "PJSIP/op1-web")]),
        (
            contact("op1-web", "Reachable") + contact("op1", "Reachable") + contact("op12", "Reachable"),
            [Phone("op1", "desk", "PJSIP/op1"), Phone("op1", "browser", "PJSIP/op1-web")],
        ),
    ],
)
def test_phones(contacts: str, phones: list[Phone]) -> None:
    found: list[Phone] = []
    carry_out(lambda telephony: found.extend(telephony.phones("op1")), {"PJSIPShowContacts": CONTACTS.format(contacts)})
    assert found == phones


def test_no_phones_at_all() -> None:
    carry_out(lambda telephony: _none(telephony.phones("op1")), {})


def _none(found: list[Phone]) -> None:
    assert found == []


def test_phones_that_may_not_be_seen_are_not_taken_for_none() -> None:
    answers = iter(["Response: Error\nMessage: No Contacts found\n\n"])
    refusal = "Response: Error\nMessage: Permission denied\n\n"
    with pytest.raises(ExchangeUnavailable, match="Permission denied"):
        carry_out(lambda telephony: telephony.phones("op1"), {"PJSIPShowContacts": lambda _: next(answers, refusal)})
