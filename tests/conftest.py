"""A PostgreSQL server that is really started, once for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from lab.postgres import Postgres

settings.register_profile("hotline", deadline=None)
settings.load_profile("hotline")
"""How long an example takes says something of the machine, not of the code."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()
