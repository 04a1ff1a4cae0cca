"""The development accounts: made once, kept for their owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.accounts import ROSTER, WITH_PHONE, ensure, ensure_secret, read, write


def test_the_accounts_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / "var" / "accounts.json"
    made = ensure(path)
    assert [account.login for account in made] == [row[0] for row in ROSTER]
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert ensure(path) == made == read(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_only_their_owner_may_read_them(tmp_path: Path) -> None:
    path, secret = tmp_path / "accounts.json", tmp_path / "ami-secret"
    ensure(path)
    ensure_secret(secret)
    assert [file.stat().st_mode & 0o777 for file in (path, secret)] == [0o600, 0o600]
    assert {file.name for file in tmp_path.iterdir()} == {"accounts.json", "ami-secret"}


def test_passwords_differ_and_only_those_with_a_phone_have_two(tmp_path: Path) -> None:
    made = ensure(tmp_path / "accounts.json")
    secrets = [text for account in made for text in (account.password, account.sip_password) if text]
    assert len(set(secrets)) == len(secrets) and min(map(len, secrets)) >= 12
    assert {a.role for a in made if a.sip_password} == WITH_PHONE
    assert ensure(tmp_path / "others.json")[0].password != made[0].password


def test_an_account_that_is_missing_is_added_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    made = ensure(path)
    write(path, [account for account in made if account.login != "op2"])
    again = {account.login: account for account in ensure(path)}
    assert set(again) == {account.login for account in made}
    assert all(again[a.login] == a for a in made if a.login != "op2")
    assert again["op2"].password != next(a.password for a in made if a.login == "op2")


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[{",
        "{}",
        "null",
        "7",
        '["op1"]',
        '[{"login": "op1"}]',
        b"\xff",
        '[{"login": 1, "role": 2, "name": 3, "agency": 4, "password": 5, "sip_password": 6}]',
    ],
)
def test_a_broken_file_says_what_to_do(tmp_path: Path, broken: str | bytes) -> None:
    """It is never overwritten: somebody may still need the passwords in it."""
    path = tmp_path / "accounts.json"
    content = broken.encode() if isinstance(broken, str) else broken
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"accounts\.json: .*move it away"):
        ensure(path)
    assert path.read_bytes() == content


def test_a_secret_stays_the_same(tmp_path: Path) -> None:
    first = ensure_secret(tmp_path / "secret")
    assert ensure_secret(tmp_path / "secret") == first and len(first) >= 32 and first.isalnum()
    assert ensure_secret(tmp_path / "other") != first
