"""Tickets: one code each, one ticket a request, found again, and nothing given away to those who guess."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from callcenter import people
from callcenter.errors import IdempotencyMismatch, Invalid, NotFound, TooManyTries
from callcenter.tables import Ticket
from callcenter.tickets import codes, service
from callcenter.tickets.service import Filter, NewTicket

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LIGHT = NewTicket(
    content="Đèn đường hỏng trước số 12", title="Đèn đường", category="lighting", citizen_phone="0905 123 456"
)  # fmt: skip


def make(session: Session, new: NewTicket = LIGHT, now: datetime = NOW, **values: object) -> Ticket:
    return service.create(session, new=new, source="call", author="op1", now=now, **values)  # type: ignore[arg-type]


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions.begin() as session:
        yield session


def test_a_ticket_has_a_code_of_its_year_in_vietnam_and_a_history(session: Session) -> None:
    ticket = make(session, now=datetime(2026, 12, 31, 18, 0, tzinfo=UTC))
    assert codes.parse(ticket.code)[:2] == "27"
    assert (ticket.state, ticket.citizen_phone, ticket.version) == ("new", "+84905123456", 1)
    assert [note.kind for note in service.get_by_code(session, code=codes.show(ticket.code)).notes] == ["created"]


def test_a_code_that_is_taken_is_drawn_again(session: Session) -> None:
    drawn = iter([7, 7, 7, 8])
    first = make(session, draw=lambda _: next(drawn))
    second = make(session, draw=lambda _: next(drawn))
    assert (first.code[2:8], second.code[2:8]) == ("000007", "000008")
    with pytest.raises(RuntimeError, match="full"):
        make(session, draw=lambda _: 7)


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("content", NewTicket(content=" \n ")),
        ("content", NewTicket(content="x" * 20_001)),
        ("title", NewTicket(content="x", title="x" * 301)),
        ("category", NewTicket(content="x", category="nonsense")),
        ("citizen_phone", NewTicket(content="x", citizen_phone="12")),
        ("citizen_phone", NewTicket(content="x", citizen_phone="113")),
    ],
)
def test_what_cannot_be_a_ticket_is_refused(session: Session, field: str, new: NewTicket) -> None:
    with pytest.raises(Invalid) as caught:
        make(session, new)
    assert caught.value.field == field


def test_text_is_kept_composed_and_without_control_characters(session: Session) -> None:
    ticket = make(session, NewTicket(content="Ho\u0323c\x00\r\nphi\u0301\u202e\ttrễ", title="a\x1bb", linkedid="\x00"))
    assert (ticket.content, ticket.title, ticket.linkedid) == ("Học\nphí\ttrễ", "ab", None)


def test_the_same_request_gives_the_same_ticket(session: Session) -> None:
    ann = people.create(session, login="ann", name="x", role="integration", password="long enough", now=NOW)
    bob = people.create(session, login="bob", name="x", role="integration", password="long enough", now=NOW)

    def once(person_id: int, key: str, new: NewTicket = LIGHT) -> tuple[str, bool]:
        ticket, made = service.create_once(
            session, new=new, source="integration", author="ann", person_id=person_id, key=key, now=NOW
        )  # fmt: skip
        return ticket.code, made

    code, made = once(ann.id, "k")
    assert made
    assert once(ann.id, "k") == (code, False)
    assert once(bob.id, "k")[1] and once(ann.id, "l")[1]
    with pytest.raises(IdempotencyMismatch):
        once(ann.id, "k", NewTicket(content="something else"))
    for key in ("", "x" * 201, "\x00"):
        with pytest.raises(Invalid):
            once(ann.id, key)


def test_the_same_request_twice_at_once_makes_one_ticket(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        person_id = people.create(
            session, login="ann", name="x", role="integration", password="long enough", now=NOW
        ).id
    together = threading.Barrier(4)
    made: list[str] = []

    def request() -> None:
        together.wait(30)
        with sessions.begin() as session:
            ticket, _ = service.create_once(
                session, new=LIGHT, source="integration", author="ann", person_id=person_id, key="k", now=NOW
            )
            made.append(ticket.code)

    threads = [threading.Thread(target=request) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 4 and len(set(made)) == 1
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1


def test_one_message_one_ticket(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        make(session, message_linkedid="1.1")
    with sessions() as session, pytest.raises(IntegrityError):
        make(session, message_linkedid="1.1")


def test_pages_are_filtered_and_newest_first(session: Session) -> None:
    made = [
        make(session, now=NOW),
        make(session, NewTicket(content="Ngập 100% đường_hẻm", category="water"), NOW + timedelta(hours=1)),
        make(
            session,
            NewTicket(content="Rác", category="environment", citizen_phone="0905000002"),
            NOW + timedelta(hours=2),
        ),
    ]

    def found(wanted: Filter, limit: int = 10) -> list[int]:
        return [made.index(ticket) for ticket in service.page(session, wanted=wanted, limit=limit)]

    assert found(Filter()) == [2, 1, 0]
    assert found(Filter(), limit=2) == [2, 1]
    assert found(Filter(before_id=made[1].id)) == [0]
    assert found(Filter(category="water")) == [1]
    assert found(Filter(phone="0084905123456")) == [0]
    assert found(Filter(text="100%")) == [1]
    assert found(Filter(text="%")) == [1]
    assert found(Filter(text="_")) == [1]
    assert found(Filter(text="\\")) == []
    assert found(Filter(text="Đèn")) == [0]
    assert found(Filter(state="closed")) == []
    assert found(Filter(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=2))) == [1]
    assert found(Filter(state="\x00", text="\x00x")) == []


def test_a_note_is_added_to_the_history(session: Session) -> None:
    ticket = make(session)
    service.add_note(session, ticket=ticket, text="Đã gọi lại\x00 ", author="op2", now=NOW + timedelta(hours=1))
    assert [(note.kind, note.text) for note in ticket.notes] == [("created", ""), ("note", "Đã gọi lại")]
    assert (ticket.version, ticket.updated_at) == (2, NOW + timedelta(hours=1))
    with pytest.raises(Invalid):
        service.add_note(session, ticket=ticket, text="\x00", author="op2", now=NOW)


def test_open_tickets_of_a_number(session: Session) -> None:
    first, second = make(session), make(session)
    first.state = "closed"
    session.flush()
    assert service.open_of_phone(session, e164="+84905123456") == [second]
    assert service.open_of_phone(session, e164="") == []


def test_there_is_no_ticket_with_a_code_never_given_out(session: Session) -> None:
    with pytest.raises(NotFound):
        service.get_by_code(session, code="264810935")


@pytest.mark.parametrize(
    ("asker", "tries"),
    [("+84905123456", service.TRIES_PER_HOUR), ("anonymous", service.ANONYMOUS_TRIES_PER_HOUR)],
)
def test_codes_cannot_be_guessed_without_end(session: Session, asker: str, tries: int) -> None:
    code = make(session).code
    unused = [candidate for n in range(tries + 2) if (candidate := codes.make(2026, lambda _, n=n: n)) != code]  # type: ignore[misc]

    def status(asked: str, who: str = asker, now: datetime = NOW) -> str:
        return service.status_by_code(session, code=asked, asker=who, now=now).state

    assert status(code) == "new"
    with pytest.raises(Invalid):
        status("264810930")
    for candidate in unused[:tries]:
        with pytest.raises(NotFound):
            status(candidate)
    with pytest.raises(TooManyTries):
        status(code)
    assert status(code, "somebody else") == "new"
    assert status(code, now=NOW + timedelta(hours=1)) == "new"
