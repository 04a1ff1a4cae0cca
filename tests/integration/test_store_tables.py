"""Models and migrations agree, and both databases behave as the store promises."""

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session, sessionmaker

from callcenter import audit, store
from callcenter.tables import Audit, Base, Call, JournalPosition, OperatorState

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_models_and_migrations_agree(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_is_harmless(
    database_url: str, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    with sessions.begin() as session:
        session.add(JournalPosition(source="cel", position=5))
    store.upgrade(database_url)
    with sessions() as session:
        assert session.get_one(JournalPosition, "cel").position == 5


def test_a_file_of_many_gigabytes_can_be_read_on(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(JournalPosition(source="cel", position=2**40))
    with sessions() as session:
        assert session.get_one(JournalPosition, "cel").position == 2**40


def test_times_come_back_aware_and_naive_ones_are_refused(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(Call(linkedid="1.1", started_at=NOW))
    with sessions() as session:
        assert session.get_one(Call, "1.1").started_at == NOW
    with sessions() as session, pytest.raises(sa.exc.StatementError, match="without a zone"):
        session.add(Call(linkedid="1.2", started_at=NOW.replace(tzinfo=None)))
        session.flush()


def test_foreign_keys_are_enforced(sessions: sessionmaker[Session]) -> None:
    with sessions() as session, pytest.raises(sa.exc.IntegrityError):
        session.add(OperatorState(login="nobody", state="ready", since=NOW))
        session.flush()


def call_row(linkedid: str, **values: object) -> dict[str, object]:
    return {"linkedid": linkedid, "started_at": NOW, "menu_path": [], **values}


def test_upsert_changes_what_it_is_told_and_fills_only_what_is_empty(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        store.upsert(session, Call, [call_row("1.1", caller="+84905123456", queue="a", dialled="")], ["linkedid"])
        new = call_row("1.1", caller="+84900000000", queue="b", dialled="1022")
        store.upsert(session, Call, [new], ["linkedid"])
        assert session.get_one(Call, "1.1").queue == "a"
        session.expire_all()
        store.upsert(session, Call, [new], ["linkedid"], ["queue"], fill=["caller", "dialled"])
        call = session.get_one(Call, "1.1")
        assert (call.caller, call.queue, call.dialled) == ("+84905123456", "b", "1022")


def test_writers_side_by_side_wait_for_one_another(sessions: sessionmaker[Session]) -> None:
    """Read, then write, in many threads at once: with SQLite's deferred transactions some would fail at once."""
    with sessions.begin() as session:
        session.add(JournalPosition(source="count", position=0))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                with sessions.begin() as session:
                    row = session.get_one(JournalPosition, "count", with_for_update=True)
                    row.position += 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    with sessions() as session:
        assert session.get_one(JournalPosition, "count").position == 80


def test_readers_do_not_wait_for_a_writer(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as writer:
        writer.add(JournalPosition(source="cel", position=1))
        writer.flush()
        with store.reading(sessions)() as reader:
            assert reader.get(JournalPosition, "cel") is None


def test_what_was_done_is_kept_for_the_audit(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        audit.write(
            session,
            at=NOW,
            actor="sup1",
            action="recording.listen",
            subject="1.1" * 200,
            origin="127.0.0.1",
            bytes="0-",
        )
    with sessions() as session:
        row = session.scalars(sa.select(Audit)).one()
    assert (row.at, row.actor, row.action, row.origin) == (NOW, "sup1", "recording.listen", "127.0.0.1")
    assert (row.data, len(row.subject)) == ({"bytes": "0-"}, 200)


def test_an_audit_row_takes_any_text(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        audit.write(
            session, at=NOW, actor="\x00", action="sign_in_failed", subject="a\x00b", origin="\x00", tried="\x00"
        )
