"""A database for each test: SQLite, and a PostgreSQL server that is really started, once for the whole run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from recording_house import House
from sqlalchemy.orm import Session, sessionmaker

from callcenter import store

START_DEADLINE_S = 60
_numbers = count(1)


def _postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.fail("PostgreSQL's programs are missing; install them with: apt-get install postgresql")
    return found[-1].parent if found else Path(str(on_path)).parent


def _await_server(folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start:\n{(folder / 'log').read_text('utf-8')}")
        with suppress(subprocess.TimeoutExpired):  # it tells nobody when it is ready, so it is asked again
            server.wait(0.05)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """The folder with the socket of a running server, user postgres, no password, on no network address."""
    programs = _postgres_programs()
    # PostgreSQL refuses to run as root, and pytest's own folders are closed to other users.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    init = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    subprocess.run(init, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)
    options = ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", *options], user=user, cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _await_server(folder, server)
        yield folder
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder)


def _postgres_url(folder: Path, name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={folder}"


def _postgres_create(folder: Path, name: str, template: str) -> None:
    with psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


@pytest.fixture(scope="session")
def postgres_migrated(postgres: Path) -> Path:
    _postgres_create(postgres, "migrated", "template1")
    store.upgrade(_postgres_url(postgres, "migrated"))
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
    folder = request.getfixturevalue("postgres_migrated")
    name = f"test_{next(_numbers)}"
    _postgres_create(folder, name, "migrated")
    return _postgres_url(folder, name)


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
