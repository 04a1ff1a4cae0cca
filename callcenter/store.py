"""Engines, sessions and the few statements that differ between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

MIGRATIONS = Path(__file__).parent.parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite writer waits for another one's short transaction."""

CONNECT_TIMEOUT_S = 5
"""How long a PostgreSQL that does not answer at all is waited for: a caller may be listening to the silence."""


def create_engine(url: str) -> sa.Engine:
    """An engine for `url`: SQLite in WAL mode whose transactions take the write lock at their begin, so that none
    fails half-way for want of it, or PostgreSQL with a checked pool."""
    if not url.startswith("sqlite"):
        limits = {"connect_timeout": CONNECT_TIMEOUT_S, "tcp_user_timeout": CONNECT_TIMEOUT_S * 1000}
        return sa.create_engine(
            url, pool_pre_ping=True, pool_size=10, max_overflow=20, pool_timeout=5, connect_args=limits
        )
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def session_factory(engine: sa.Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def reading(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """The same sessions for reading only: on SQLite they never wait for a writer."""
    engine: sa.Engine = sessions.kw["bind"]
    return sessionmaker(engine.execution_options(reading=True), expire_on_commit=False)


def upgrade(url: str) -> None:
    """Bring the tables up to date; safe to repeat."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def upsert(
    session: Session,
    table: type[DeclarativeBase],
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    update: Sequence[str] = (),
    fill: Sequence[str] = (),
) -> None:
    """Insert `rows`, which have the same columns; where `key` is there already change the `update` columns, and those
    of `fill` (texts) that are still "". With neither, what is there stays."""
    if rows:
        target = cast(sa.Table, sa.inspect(table).local_table)
        statement = _upsert(target, session.get_bind().dialect.name, tuple(key), tuple(update), tuple(fill))
        session.connection().execute(statement, [dict(row) for row in rows])


@lru_cache(maxsize=64)
def _upsert(
    table: sa.Table, dialect: str, key: tuple[str, ...], update: tuple[str, ...], fill: tuple[str, ...]
) -> sa.Insert:
    """For one row at a time, so that it is compiled once however many rows there are."""
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    if not update and not fill:
        return cast(sa.Insert, insert.on_conflict_do_nothing(index_elements=key))
    new, old = insert.excluded, table.columns
    changes = {column: new[column] for column in update}
    changes |= {column: sa.case((old[column] == "", new[column]), else_=old[column]) for column in fill}
    return cast(sa.Insert, insert.on_conflict_do_update(index_elements=key, set_=changes))
