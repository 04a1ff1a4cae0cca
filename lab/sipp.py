"""Simulated citizens: SIPp scenarios put together from what a person does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

PCAP = Path("/usr/share/sip-tester")
_NAMES = {"*": "star", "#": "pound"}
CARRIER = "127.0.0.10"
"""The address from which the development profile takes 1022's calls."""


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class Key:
    """A key by RFC 4733, or by SIP INFO when `info`."""

    key: str
    info: bool = False


@dataclass(frozen=True, slots=True)
class Speak:
    """Starts a speech of eight seconds."""


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


@dataclass(frozen=True, slots=True)
class AwaitHangUp:
    """Stay until the other side hangs up, at most this long."""

    seconds: float = 120


Act = Wait | Key | Speak | HangUp | AwaitHangUp


def keys(text: str, gap_s: float = 0.4) -> list[Act]:
    """One key after the other."""
    return [act for key in text for act in (Key(key), Wait(gap_s))]


def _request(method: str, *, headers: str = "", body: str = "", branch: str = "[branch]") -> str:
    length = "\n      Content-Length: [len]\n\n" if body else "\n      Content-Length: 0\n\n"
    return f"""
  <send retrans="500"><![CDATA[
      {method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}
      From: {{FROM}};tag=[pid]c[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      CSeq: [cseq] {method}
      Contact: <sip:citizen@[local_ip]:[local_port]>
      Max-Forwards: 70{headers}{length}{body}
  ]]></send>"""


_SDP = """      v=0
      o=- 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8 101
      a=rtpmap:8 PCMA/8000
      a=rtpmap:101 telephone-event/8000
      a=fmtp:101 0-16
      a=ptime:20
"""


def _play(name: str) -> str:
    return f'\n  <nop><action><exec play_pcap_audio="{PCAP / name}"/></action></nop>'


def _act(act: Act) -> str:
    match act:
        case Wait(seconds):
            return f'\n  <pause milliseconds="{int(seconds * 1000)}"/>'
        case Key(key, False):
            return _play(f"dtmf_2833_{_NAMES.get(key, key)}.pcap")
        case Key(key, True):
            headers = "\n      Content-Type: application/dtmf-relay"
            info = _request("INFO", headers=headers, body=f"      Signal={key}\n      Duration=160\n")
            return info + '\n  <recv response="200"/>'
        case Speak():
            return _play("g711a.pcap")
        case HangUp():
            return _request("BYE") + '\n  <recv response="200"/>'
        case AwaitHangUp(seconds):
            return f'\n  <recv request="BYE" timeout="{int(seconds * 1000)}"/>' + _ok()


def _ok() -> str:
    return """
  <send><![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

  ]]></send>"""


def citizen(acts: Sequence[Act], *, caller: str) -> str:
    """A scenario: call, be answered, do `acts`. `caller` is a From header's value: `<sip:0905123456@carrier>`."""
    invite = _request("INVITE", headers="\n      Content-Type: application/sdp", body=_SDP)
    ringing = '\n  <recv response="100" optional="true"/>\n  <recv response="180" optional="true"/>'
    answered = '\n  <recv response="183" optional="true"/>\n  <recv response="200" rtd="true"/>'
    talk = "".join(map(_act, acts))
    ack = _request("ACK").replace(' retrans="500"', "")
    return _scenario("citizen", (invite + ringing + answered + ack + talk).replace("{FROM}", caller))


def refused(status: int, *, caller: str) -> str:
    """A scenario: call and be refused with this status."""
    invite = _request("INVITE", headers="\n      Content-Type: application/sdp", body=_SDP)
    refusal = f'\n  <recv response="100" optional="true"/>\n  <recv response="{status}"/>'
    ack = _request("ACK", branch="[branch-2]").replace(' retrans="500"', "")
    return _scenario("refused", (invite + refusal + ack).replace("{FROM}", caller))


def _scenario(name: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{escape(name)}">{text}\n</scenario>\n'
