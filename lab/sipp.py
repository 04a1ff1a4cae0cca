"""Simulated citizens: SIPp scenarios put together from what a person does."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
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
    """One key after the other: one by RFC 4733, several by SIP INFO, since SIPp's captures of keys bear time stamps
    that run backwards when a higher digit comes before a lower one, and Asterisk drops those."""
    return [act for key in text for act in (Key(key, info=len(text) > 1), Wait(gap_s))]


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
        case Key(key, info=False):
            return _play(f"dtmf_2833_{_NAMES.get(key, key)}.pcap")
        case Key(key):
            headers = "\n      Content-Type: application/dtmf-relay"
            pressed = _request("INFO", headers=headers, body=f"      Signal={key}\n      Duration=160\n")
            return pressed + '\n  <recv response="200"/>'
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


def call(
    scenario: str,
    server: tuple[str, int],
    folder: Path,
    *,
    address: str = CARRIER,
    number: str = "1022",
    tcp: bool = False,
) -> Popen[bytes]:
    """Start SIPp with one call of this scenario, over UDP or TCP. Its log and error files go to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"scenario-{secrets.token_hex(4)}.xml"
    file.write_text(scenario, "utf-8")
    command = ["sipp", f"{server[0]}:{server[1]}", "-sf", str(file), "-s", number, "-i", address, "-mi", address]
    command += ["-m", "1", "-l", "1", "-nostdin", "-trace_err", "-error_file", str(file.with_suffix(".err"))]
    command += ["-timeout", "180s", "-timeout_error", "-t", "t1" if tcp else "u1"]
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    return Popen([*sudo, *command], cwd=folder, stdout=DEVNULL, stderr=DEVNULL)
