"""A browser's SIP goes through the web app's own origin to the exchange, for those who are signed in."""

from __future__ import annotations

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from lab.instance import Instance

REGISTER = (
    "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/WS browser.invalid;branch=z9hG4bKdesk1\r\n"
    "From: <sip:op1-web@127.0.0.1>;tag=desk1\r\n"
    "To: <sip:op1-web@127.0.0.1>\r\n"
    "Call-ID: desk1\r\n"
    "CSeq: 1 REGISTER\r\n"
    "Contact: <sip:op1-web@browser.invalid;transport=ws>\r\n"
    "Max-Forwards: 70\r\n"
    "Content-Length: 0\r\n\r\n"
)


def test_signed_in_it_reaches_the_exchange(hotline: Instance) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in hotline.api("op1").cookies.items())
    url = hotline.url.replace("http", "ws") + "/sip"
    with connect(url, subprotocols=[Subprotocol("sip")], additional_headers={"Cookie": cookies}) as socket:
        assert socket.subprotocol == "sip"
        socket.send(REGISTER)
        answer = str(socket.recv(timeout=5))
    assert answer.startswith("SIP/2.0 401") and 'realm="hotline"' in answer


def test_nobody_else_reaches_it(hotline: Instance) -> None:
    with pytest.raises(InvalidStatus):
        connect(hotline.url.replace("http", "ws") + "/sip", subprotocols=[Subprotocol("sip")])
