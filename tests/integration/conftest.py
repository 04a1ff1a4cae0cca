"""A database for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from recording_house import House
from sqlalchemy.orm import Session, sessionmaker

from callcenter import store
from lab.postgres import Postgres

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_migrated(postgres: Postgres) -> Postgres:
    store.upgrade(postgres.create("migrated"))
    return postgres


@pytest.fixture(scope="session")
def sqlite_migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "hotline.db"
    store.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty, migrated database of this test's own."""
    if request.param == "sqlite":
        path = tmp_path / "hotline.db"
        shutil.copyfile(request.getfixturevalue("sqlite_migrated"), path)
        return f"sqlite:///{path}"
    server: Postgres = request.getfixturevalue("postgres_migrated")
    return server.create(f"test_{next(_numbers)}", "migrated")


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = store.create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: sa.Engine) -> sessionmaker[Session]:
    return store.session_factory(engine)


@pytest.fixture
def house(tmp_path: Path, sqlite_migrated: Path) -> Iterator[House]:
    """Folders and a SQLite database for recordings and messages."""
    shutil.copyfile(sqlite_migrated, tmp_path / "hotline.db")
    house = House(tmp_path, f"sqlite:///{tmp_path / 'hotline.db'}")
    yield house
    house.engine.dispose()
