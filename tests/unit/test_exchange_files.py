"""Asterisk's files as they are rendered: readable by others' parsers, least rights, nothing unsafe in them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from asterisk.config import Config

from hotline.exchange import AMI_EVENTS, TEMPLATES, Exchange, Operator, Ports, Values, render

VALUES = Values(
    bind="127.0.0.1",
    sip_bind="127.0.0.1",
    ports=Ports(sip=5070, agi=4574, ami=5039, http=8089, rtp_start=12000, rtp_end=12099),
    trunk_addresses=["127.0.0.10", "127.0.0.11"],
    operators=[Operator("op1", "secret-1"), Operator("op2", "secret-2")],
    queues=("assistance", "reports"),
    ami_secret="ami-secret",
    max_calls=20,
    queue_ring_s=7,
    wrapup_s=3,
    queue_max_wait_s=77,
)
LINT = Path(sys.executable).with_name("asterisklint")


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    made = Exchange("t1", Path("/"), tmp_path / "asterisk")
    render(made, VALUES)
    return made


def sections(exchange: Exchange, file: str) -> list[tuple[str, Mapping[str, Sequence[str]]]]:
    """Name and settings of each section, in order, as pyst2 reads them."""
    found: list[tuple[str, Mapping[str, Sequence[str]]]] = []
    for category in Config(str(exchange.etc / file)).categories:
        settings: dict[str, list[str]] = {}
        for item in category.items:
            settings.setdefault(item.name, []).append(item.value.strip())
        found.append((category.name, settings))
    return found


def lint(command: str, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LINT, command, file], capture_output=True, text=True, timeout=60)


def modules() -> set[str]:
    return {name.removesuffix(".so") for name in (TEMPLATES / "modules.txt").read_text().split()}


def test_every_template_becomes_a_file_that_pyst2_reads(exchange: Exchange) -> None:
    names = {path.name for path in exchange.etc.iterdir()}
    assert names == {path.stem for path in TEMPLATES.glob("*.j2")}
    for name in names:
        Config(str(exchange.etc / name))
    assert not [line for path in exchange.etc.iterdir() for line in path.read_text().splitlines() if "{{" in line]


def test_files_are_read_by_their_owner_only(exchange: Exchange) -> None:
    assert {path.stat().st_mode & 0o777 for path in exchange.etc.iterdir()} == {0o600}


def test_asterisklint_has_nothing_to_say(exchange: Exchange) -> None:
    done = lint("dialplan-check", exchange.etc / "extensions.conf")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_asterisklint_would_notice_an_unknown_application(exchange: Exchange) -> None:
    file = exchange.etc / "extensions.conf"
    file.write_text(file.read_text().replace("Record(", "Rekord("))
    assert "Rekord" in lint("dialplan-check", file).stderr


def test_whatever_the_dialplan_uses_is_loaded(exchange: Exchange) -> None:
    said = lint("modules-show", exchange.etc / "extensions.conf").stdout
    used = set(re.findall(r"^load => (\w+)\.so$", said, re.MULTILINE))
    assert "app_queue" in used and used <= modules()


def test_nothing_in_the_dialplan_dials_out_or_starts_a_program(exchange: Exchange) -> None:
    text = (exchange.etc / "extensions.conf").read_text()
    assert not re.findall(r"\b(Dial|Originate|System|TrySystem|SHELL|Exec|Transfer|ChanSpy|Page|FollowMe)\(", text)
    assert "include" not in text and "agi:async" not in text
    assert not {"app_system", "app_originate", "func_shell", "func_curl", "func_env", "res_curl"} & modules()


def test_the_carrier_may_call_three_numbers(exchange: Exchange) -> None:
    context = next(settings for name, settings in sections(exchange, "extensions.conf") if name == "from-trunk")
    numbers = [line.removeprefix("> ").split(",")[0] for line in context["exten"]]
    assert numbers == ["1022", "02351022", "+842351022"] and set(context) == {"exten"}


def test_the_carrier_is_known_by_address_and_operators_by_password(exchange: Exchange) -> None:
    found = sections(exchange, "pjsip.conf")
    endpoints = {name: settings for name, settings in found if settings["type"] == ["endpoint"]}
    assert set(endpoints) == {"trunk", "op1", "op1-web", "op2", "op2-web"}
    assert endpoints.pop("trunk")["identify_by"] == ["ip"]
    passwords = {name: settings["password"] for name, settings in found if settings["type"] == ["auth"]}
    assert passwords == {
        "op1": ["secret-1"],
        "op1-web": ["secret-1"],
        "op2": ["secret-2"],
        "op2-web": ["secret-2"],
    }
    for name, settings in endpoints.items():
        assert settings["auth"] == [name] and settings["identify_by"] == ["username"]
        assert settings["context"] == ["from-operators"] and int(settings["rtp_timeout"][0]) > 0
        assert ("webrtc" in settings) == name.endswith("-web")
    identify = next(settings for _, settings in found if settings["type"] == ["identify"])
    assert identify["match"] == ["127.0.0.10", "127.0.0.11"]


def test_everything_listens_on_the_address_given(exchange: Exchange) -> None:
    binds = [
        (file, value)
        for file in ("pjsip.conf", "manager.conf", "http.conf")
        for _, settings in sections(exchange, file)
        for name in ("bind", "bindaddr")
        for value in settings.get(name, ())
    ]
    assert len(binds) == 5 and {value.split(":")[0] for _, value in binds} == {"127.0.0.1"}


def test_ami_sends_only_what_is_understood(exchange: Exchange) -> None:
    user = dict(sections(exchange, "manager.conf"))["hotline"]
    filters = {name for name in user if name.startswith("eventfilter")}
    assert filters == {f"eventfilter(action(include),name({event}))" for event in AMI_EVENTS}
    rights = set(user["read"][0].split(",")) | set(user["write"][0].split(","))
    assert not rights & {"all", "command", "config", "originate", "user", "dialplan", "log", "verbose"}


def test_queues_have_their_settings(exchange: Exchange) -> None:
    queues = dict(sections(exchange, "queues.conf"))
    assert set(queues) == {"general", "assistance", "reports"}
    for name in ("assistance", "reports"):
        assert (queues[name]["timeout"], queues[name]["wrapuptime"], queues[name]["ringinuse"]) == (
            ["7"],
            ["3"],
            ["no"],
        )


@pytest.mark.parametrize("bad", ["a\nb", "a;b", 'a"b', "a'b", "a,b", "[a]", "${a}", "a=>b", "#exec x", "a\x00", "é"])
@pytest.mark.parametrize("field", ["ami_secret", "bind", "trunk", "queue", "login", "password"])
def test_values_that_would_be_read_as_something_else_are_refused(tmp_path: Path, bad: str, field: str) -> None:
    exchange = Exchange("t2", Path("/"), tmp_path / "asterisk")
    spoilt = {
        "ami_secret": replace(VALUES, ami_secret=bad),
        "bind": replace(VALUES, bind=bad),
        "trunk": replace(VALUES, trunk_addresses=["127.0.0.10", bad]),
        "queue": replace(VALUES, queues=("assistance", bad)),
        "login": replace(VALUES, operators=[Operator(bad, "secret")]),
        "password": replace(VALUES, operators=[Operator("op1", bad)]),
    }
    with pytest.raises(ValueError, match=re.escape(repr(bad))):
        render(exchange, spoilt[field])
    assert not list(exchange.etc.glob("*"))


def test_rendering_again_replaces_what_was_there(exchange: Exchange) -> None:
    before = {path.name: path.read_text() for path in exchange.etc.iterdir()}
    (exchange.etc / "queues.conf").write_text("edited by hand")
    render(exchange, VALUES)
    assert {path.name: path.read_text() for path in exchange.etc.iterdir()} == before


def test_files_of_an_exchange_in_a_folder_of_its_own(tmp_path: Path) -> None:
    root = tmp_path / "exchange"
    (root / "usr/sbin").mkdir(parents=True)
    (root / "usr/sbin/asterisk").touch()
    exchange = Exchange.at("t3", root, tmp_path / "var")
    render(exchange, VALUES)
    assert exchange.home == root / "srv" / "t3"
    assert exchange.inner(exchange.cel_file) == "/srv/t3/log/cel-custom/cel.csv"
    conf = (exchange.etc / "asterisk.conf").read_text()
    assert "astetcdir => /srv/t3/etc\n" in conf and str(tmp_path) not in conf
    assert exchange.command[-3:] == ["-f", "-C", "/srv/t3/etc/asterisk.conf"]
    assert str(root) in " ".join(exchange.command[:-4])


def test_files_of_an_exchange_by_the_machines_own_asterisk(tmp_path: Path) -> None:
    exchange = Exchange.at("t4", tmp_path / "none", tmp_path / "var")
    assert exchange.home == tmp_path / "var" / "asterisk"
    assert exchange.command == ["/usr/sbin/asterisk", "-f", "-C", f"{tmp_path}/var/asterisk/etc/asterisk.conf"]


def test_a_root_user_enters_the_folder_by_chroot_and_others_by_a_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = Exchange("t5", tmp_path, tmp_path / "srv/t5")
    for user, program in ((0, "chroot"), (1000, "unshare")):
        monkeypatch.setattr("os.geteuid", lambda user=user: user)
        assert Path(exchange.command[0]).name == program
