"""What the exchange's files let each side do: the carrier, the operators, our own AMI user."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from asterisk.config import Config

from hotline.exchange import TEMPLATES, Exchange, Operator, Ports, Values, render

VALUES = Values(
    bind="127.0.0.1",
    sip_bind="127.0.0.1",
    ports=Ports(sip=5070, agi=4574, ami=5039, http=8089, rtp_start=12000, rtp_end=12099),
    trunk_addresses=["127.0.0.10"],
    operators=[Operator("op1", "secret-1")],
    queues=("assistance",),
    ami_secret="ami-secret",
    max_calls=20,
    queue_ring_s=7,
    wrapup_s=3,
    queue_max_wait_s=77,
)
APPLICATIONS = {
    *("AGI", "Answer", "CELGenUserEvent", "Echo", "Goto", "GotoIf", "Hangup", "MixMonitor", "NoOp", "Playback"),
    *("Queue", "Record", "Set", "StopMixMonitor"),
}
FUNCTIONS = {"CALLERID", "CHANNEL", "FILTER", "IF", "QUEUE_EXISTS", "TIMEOUT", "TOLOWER"}


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    exchange = Exchange("t1", Path("/"), tmp_path / "asterisk")
    render(exchange, VALUES)
    return exchange.etc


def contexts(etc: Path) -> dict[str, list[str]]:
    """Each context's lines of the dialplan."""
    found: dict[str, list[str]] = {}
    for line in (etc / "extensions.conf").read_text().splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = []
        elif found and line.strip() and not line.startswith(";"):
            found[list(found)[-1]].append(line)
    return found


def jumps(lines: list[str]) -> set[str]:
    return {name for line in lines if "Goto" in line for name in re.findall(r"([\w-]+),\w+,1\b", line.split("Goto")[1])}


def test_the_carriers_calls_stay_in_our_contexts(etc: Path) -> None:
    """Followed from jump to jump; the operators' context is not among them."""
    found, reached, new = contexts(etc), set[str](), {"from-trunk"}
    while new:
        reached |= new
        new = set().union(*(jumps(found[name]) for name in new)) - reached
    assert reached == {"from-trunk", "menu", "fallback", "queue", "message", "end"}
    assert found["from-trunk"] == [f"exten => {n},1,Goto(menu,s,1)" for n in ("1022", "02351022", "+842351022")]


def test_the_dialplan_uses_these_applications_and_functions_only(etc: Path) -> None:
    """A new one is thought about here: can a caller's text reach it, does it start a program, does it dial?"""
    lines = [line for name, lines in contexts(etc).items() if name not in ("general", "globals") for line in lines]
    used = {match[1] for line in lines if (match := re.search(r"(?:,\d+,|n(?:\(\w+\))?,)(\w+)\(", line))}
    functions = {name for line in lines for name in re.findall(r"(?:\$\{|Set\()([A-Z_]+)\(", line)}
    assert used == APPLICATIONS and functions == FUNCTIONS


def test_what_a_caller_says_of_himself_is_filtered_before_anything_else(etc: Path) -> None:
    lines = contexts(etc)["menu"]
    first = next(n for n, line in enumerate(lines) if "AGI(" in line)
    for field in ("num", "name"):
        filtered = next(n for n, line in enumerate(lines) if f"Set(CALLERID({field})=${{FILTER(" in line)
        assert filtered < first
    others = [line for lines in contexts(etc).values() for line in lines if "CALLERID" in line and "FILTER" not in line]
    assert others == [] and not any("${EXTEN}" in line for lines in contexts(etc).values() for line in lines)


def test_only_sip_and_sound_leave_loopback(tmp_path: Path) -> None:
    exchange = Exchange("t2", Path("/"), tmp_path / "asterisk")
    render(exchange, replace(VALUES, sip_bind="192.0.2.1"))
    where = {path.name for path in exchange.etc.iterdir() if "192.0.2.1" in path.read_text()}
    assert where == {"pjsip.conf"}
    text = (exchange.etc / "pjsip.conf").read_text()
    assert text.count("bind = 192.0.2.1:5070\n") == 2 and text.count("media_address = 192.0.2.1\n") == 3
    assert "media_address = 127" not in text


def test_functions_that_reach_out_are_off(etc: Path) -> None:
    options = next(c for c in Config(str(etc / "asterisk.conf")).categories if c.name == "options")
    assert {item.name: item.value.strip() for item in options.items}["live_dangerously"] == "no"


def test_our_ami_user_may_do_what_we_do(etc: Path) -> None:
    """system: phones and their contacts; agent: the queues; call: the end of a call."""
    file = {c.name: {i.name: i.value.strip() for i in c.items} for c in Config(str(etc / "manager.conf")).categories}
    assert (file["general"]["bindaddr"], file["general"]["webenabled"]) == ("127.0.0.1", "no")
    assert set(file) == {"general", "hotline"}
    user = file["hotline"]
    assert (user["deny"], user["permit"]) == ("0.0.0.0/0.0.0.0", "127.0.0.0/255.0.0.0")
    assert (set(user["read"].split(",")), set(user["write"].split(","))) == (
        {"system", "agent", "call"},
        {"system", "agent"},
    )


def test_modules_that_nothing_needs_are_not_loaded() -> None:
    """Each would be one more thing to keep patched."""
    loaded = {name.removesuffix(".so") for name in (TEMPLATES / "modules.txt").read_text().split()}
    unwanted = "app_dial app_system app_exec app_chanspy app_originate app_externalivr func_shell func_curl func_db"
    assert not loaded & {*unwanted.split(), "res_pjsip_refer", "res_ari", "res_config_curl", "chan_iax2", "pbx_ael"}
    assert not [name for name in loaded if name.startswith(("res_ari", "chan_")) and name != "chan_pjsip"]


@pytest.mark.parametrize("login", ["trunk", "global", "system", "transport-ws"])
def test_an_operator_cannot_be_called_as_another_section(tmp_path: Path, login: str) -> None:
    values = replace(VALUES, operators=[Operator(login, "secret")])
    with pytest.raises(ValueError, match=f"login: '{login}'"):
        render(Exchange("t2", Path("/"), tmp_path / "asterisk"), values)


def test_two_operators_cannot_share_a_phone(tmp_path: Path) -> None:
    values = replace(VALUES, operators=[Operator("op1", "secret"), Operator("op1-web", "secret")])
    with pytest.raises(ValueError, match="login: 'op1-web'"):
        render(Exchange("t2", Path("/"), tmp_path / "asterisk"), values)


@pytest.mark.parametrize(
    ("field", "spoilt"),
    [
        ("ami_secret", replace(VALUES, ami_secret="")),
        ("sip_password", replace(VALUES, operators=[Operator("op1", "")])),
        ("login", replace(VALUES, operators=[Operator("op;1", "secret")])),
        ("queues", replace(VALUES, queues=('a"b',))),
        ("trunk_addresses", replace(VALUES, trunk_addresses=["127.0.0.10\nmatch = 0.0.0.0/0"])),
    ],
)
def test_what_is_refused_is_named(tmp_path: Path, field: str, spoilt: Values) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        render(Exchange("t2", Path("/"), tmp_path / "asterisk"), spoilt)
