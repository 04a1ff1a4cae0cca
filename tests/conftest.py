"""A PostgreSQL server that is really started, once for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()
