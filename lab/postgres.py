"""A PostgreSQL server of the tests' own: in a folder, on a socket in it, on no network address."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

START_DEADLINE_S = 60


class PostgresError(Exception):
    """It cannot be started; `str()` says why."""


def programs() -> Path:
    """The folder of PostgreSQL's programs. Raises `PostgresError` where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise PostgresError("PostgreSQL's programs are missing; install them with: apt-get install postgresql")
    return found[-1].parent if found else Path(str(on_path)).parent


class Postgres:
    """User postgres, no password. PostgreSQL refuses to run as root, so root starts it as the user postgres."""

    def __init__(self) -> None:
        user = "postgres" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if user:
            shutil.chown(self.folder, user)
        data = self.folder / "data"
        init: list[str | Path] = [
            programs() / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        subprocess.run([*init, "-N"], check=True, user=user, cwd=self.folder, stdout=subprocess.DEVNULL)
        options: list[str | Path] = ["-D", data, "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [programs() / "postgres", *options, "-c", "max_connections=200"],
                user=user,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres").close()
                return
            except psycopg.OperationalError as error:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    said = (self.folder / "log").read_text("utf-8")
                    raise PostgresError(f"PostgreSQL did not start:\n{said}") from error
            with suppress(subprocess.TimeoutExpired):  # it tells nobody when it is ready, so it is asked again
                self._server.wait(0.05)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, name: str, template: str = "template1") -> str:
        """A new database; its URL."""
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        self._server.wait(30)
        shutil.rmtree(self.folder)
