"""Behind a TLS proxy: whose word about the asker's address counts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from hotline.settings import Settings
from hotline.web import server_config


async def who_asks(scope: Scope, receive: Receive, send: Send) -> None:
    client = Request(scope).client
    await PlainTextResponse(f"{scope['scheme']} {client.host if client else ''}")(scope, receive, send)


def seen(settings: Settings, peer: str, headers: dict[str, str]) -> str:
    """What the app is told of a request from `peer`."""
    config = server_config(settings, who_asks)
    config.load()
    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "scheme": "http",
        "client": (peer, 1234), "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(config.loaded_app(scope, receive, send))
    return b"".join(message.get("body", b"") for message in sent).decode()


FORWARDED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
BEHIND = {"proxy_addresses": "10.0.0.3,127.0.0.1"}


@pytest.mark.parametrize(
    ("given", "peer", "headers", "told"),
    [
        ({}, "127.0.0.1", FORWARDED, "http 127.0.0.1"),
        ({}, "198.51.100.1", FORWARDED, "http 198.51.100.1"),
        (BEHIND, "10.0.0.3", FORWARDED, "https 203.0.113.7"),
        (BEHIND, "127.0.0.1", FORWARDED, "https 203.0.113.7"),
        (BEHIND, "198.51.100.1", FORWARDED, "http 198.51.100.1"),
        (BEHIND, "10.0.0.3", {"X-Forwarded-For": "1.2.3.4, 203.0.113.7"}, "http 203.0.113.7"),
        (BEHIND, "10.0.0.3", {}, "http 10.0.0.3"),
    ],
)
def test_only_the_proxy_may_say_who_asks(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], peer: str, headers: dict[str, str], told: str
) -> None:
    """Else whoever guesses passwords has a new address for each try."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert seen(Settings(**given), peer, headers) == told
