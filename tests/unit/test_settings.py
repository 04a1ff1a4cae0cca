"""Where settings come from, and that a wrong one is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hotline.run import environment, exchange_values
from hotline.settings import Settings, SettingsError, load


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_the_documented_addresses_hold() -> None:
    settings = load()
    ports = (settings.web_port, settings.sip_port, settings.agi_port, settings.ami_port)
    assert (str(settings.bind), ports) == ("127.0.0.1", (8022, 5060, 4573, 5038))
    assert [str(address) for address in settings.trunk_addresses] == ["127.0.0.10"]
    assert (settings.service_level_s, settings.short_abandon_s) == (20, 5)
    assert settings.database.startswith("sqlite:///") and not settings.secure_cookies and not settings.proxy_addresses


def test_environment_wins_over_the_file_and_the_file_over_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("hotline.toml").write_text('web_port = 9001\nsip_port = 9002\ntrunk_addresses = ["10.0.0.1", "10.0.0.2"]\n')
    monkeypatch.setenv("HOTLINE_WEB_PORT", "9101")
    settings = load()
    assert (settings.web_port, settings.sip_port, settings.agi_port) == (9101, 9002, 4573)
    assert [str(address) for address in settings.trunk_addresses] == ["10.0.0.1", "10.0.0.2"]


def test_the_file_may_lie_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere.toml"
    other.write_text('hours = "never"\n')
    monkeypatch.setenv("HOTLINE_TOML", str(other))
    assert load().hours == "never"


def test_addresses_in_the_environment_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_TRUNK_ADDRESSES", "10.0.0.1, 10.0.0.2")
    assert [str(address) for address in load().trunk_addresses] == ["10.0.0.1", "10.0.0.2"]


def test_a_file_that_is_asked_for_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_TOML", "no-such.toml")
    with pytest.raises(SettingsError, match=r"HOTLINE_TOML: .*no-such\.toml"):
        load()


@pytest.mark.parametrize("name", ["HOTLINE_WEBPORT", "HOTLINE_", "HOTLINE_SIP__PORT"])
def test_a_setting_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Else a slip of the pen would leave the default in force, unseen."""
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=rf"unknown setting {name}:"):
        load()


def test_a_setting_in_the_file_that_does_not_exist_is_named() -> None:
    Path("hotline.toml").write_text("webport = 9001\n")
    with pytest.raises(SettingsError, match="webport"):
        load()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("web_port", "0"),
        ("sip_port", "65536"),
        ("agi_port", "a port"),
        ("bind", "everywhere"),
        ("name", "../../etc"),
        ("name", "a;b"),
        ("trunk_addresses", "10.0.0.1,carrier.example"),
        ("trunk_addresses", "10.0.0.1\n0.0.0.0"),
        ("proxy_addresses", "*"),
        ("max_calls", "-1"),
        ("wrapup_s", "1.5"),
        ("secure_cookies", "perhaps"),
        ("timezone", "Asia/Atlantis"),
        ("timezone", "../../etc/passwd"),
    ],
)
def test_a_bad_value_names_its_setting(monkeypatch: pytest.MonkeyPatch, name: str, bad: str) -> None:
    monkeypatch.setenv(f"HOTLINE_{name.upper()}", bad)
    with pytest.raises(SettingsError, match=name):
        load()


@pytest.mark.parametrize("text", ["web_port = ", "web_port = 'abc'", "[web\n", "\x00", b"hours = '\xff'"])
def test_a_file_that_cannot_be_read_is_named(text: str | bytes) -> None:
    Path("hotline.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SettingsError, match=r"hotline\.toml"):
        load()


def test_the_processes_inherit_every_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `hotline run` was told, its processes are told: the same settings come out again."""
    Path("hotline.toml").write_text(
        'trunk_addresses = ["10.0.0.1", "10.0.0.2"]\nproxy_addresses = ["10.0.0.3"]\nsecure_cookies = true\n'
        'hours = "mon-fri 07:30-11:30,13:30-17:00"\ndatabase_url = "postgresql+psycopg://h:50%25\\"x@db/h"\n'
    )
    before = load()
    Path("hotline.toml").unlink()
    for name, value in environment(before).items():
        monkeypatch.setenv(name, value)
    after = load()
    same = {name for name in Settings.model_fields if getattr(after, name) == getattr(before, name)}
    assert set(Settings.model_fields) - same <= {"var", "web_dist", "name"}
    assert after.var == before.var.resolve()


@pytest.mark.parametrize(
    ("given", "inside", "sip"),
    [
        ({}, "127.0.0.1", "127.0.0.1"),
        ({"HOTLINE_BIND": "127.0.0.5"}, "127.0.0.5", "127.0.0.5"),
        ({"HOTLINE_BIND": "192.0.2.1"}, "127.0.0.1", "192.0.2.1"),
        ({"HOTLINE_SIP_BIND": "192.0.2.1"}, "127.0.0.1", "192.0.2.1"),
        ({"HOTLINE_BIND": "0.0.0.0", "HOTLINE_SIP_BIND": "192.0.2.1"}, "127.0.0.1", "192.0.2.1"),  # noqa: S104
    ],
)
def test_what_is_ours_alone_stays_on_loopback(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], inside: str, sip: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    values = exchange_values(load(), ())
    assert (load().inside, values.bind, values.sip_bind) == (inside, inside, sip)


@pytest.mark.parametrize("name", ["HOTLINE_BIND", "HOTLINE_SIP_BIND"])
def test_phones_must_be_told_an_address(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "0.0.0.0")  # noqa: S104
    with pytest.raises(SettingsError, match=r"sip_bind: .*0\.0\.0\.0"):
        load()
