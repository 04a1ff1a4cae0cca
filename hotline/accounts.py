"""The development accounts: made once with random passwords, kept in one file that only its owner may read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from hotline.files import write_private

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without look-alikes, so that a password can be read to somebody."""


@dataclass(frozen=True, slots=True)
class Account:
    """`sip_password` is "" for those without a phone."""

    login: str
    role: str
    name: str
    agency: str
    password: str
    sip_password: str


ROSTER = (
    ("op1", "operator", "Nguyễn Thị Hạnh", ""),
    ("op2", "operator", "Trần Quốc Bảo", ""),
    ("op3", "operator", "Lê Thị Thanh Tâm", ""),
    ("op4", "operator", "Phạm Minh Khôi", ""),
    ("sup1", "supervisor", "Võ Thị Diệu Hiền", ""),
    ("cb1", "officer", "Huỳnh Văn Lợi", "roads"),
    ("cb2", "officer", "Đặng Ngọc Ánh", "electricity"),
    ("vp1", "office", "Bùi Thị Kim Ngân", ""),
    ("admin", "admin", "Quản trị hệ thống", ""),
)
WITH_PHONE = frozenset({"operator", "supervisor"})


def _secret(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def ensure(path: Path) -> tuple[Account, ...]:
    """The accounts kept in `path`; those of the roster that are missing are made and written.

    Raises ValueError naming the file when it is there but cannot be understood.
    """
    known = {account.login: account for account in read(path)} if path.exists() else {}
    made = {
        login: Account(login, role, name, agency, _secret(12), _secret(20) if role in WITH_PHONE else "")
        for login, role, name, agency in ROSTER
        if login not in known
    }
    if made:
        write(path, [*known.values(), *made.values()])
    return (*known.values(), *made.values())


def read(path: Path) -> tuple[Account, ...]:
    """Raises ValueError naming the file and what is wrong with it."""
    try:
        rows = json.loads(path.read_text("utf-8"))
        if not isinstance(rows, list):
            raise TypeError("no list")
        known = tuple(Account(**row) for row in rows)
        if not all(isinstance(value, str) for account in known for value in asdict(account).values()):
            raise TypeError("a value is no text")
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: not a list of accounts ({error}); move it away to have new ones made") from error
    return known


def write(path: Path, accounts: Iterable[Account]) -> None:
    write_private(path, json.dumps([asdict(account) for account in accounts], ensure_ascii=False, indent=1))


def ensure_secret(path: Path) -> str:
    """A random secret kept in `path`, made at the first call."""
    if not path.exists():
        write_private(path, _secret(32))
    return path.read_text("utf-8").strip()
