"""Run as a process: the least that FastAPI and SQLAlchemy need to put a ticket into SQLite."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Ticket(Base):
    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str]
    citizen_phone: Mapped[str]
    category: Mapped[str]


class TicketIn(BaseModel):
    content: str
    citizen_phone: str = ""
    category: str = ""


class TicketOut(TicketIn):
    id: int


def application(file: Path) -> FastAPI:
    engine = sa.create_engine(f"sqlite:///{file}")

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    Base.metadata.create_all(engine)
    app = FastAPI()

    @app.post("/api/v1/tickets", status_code=201)
    def create(asked: TicketIn) -> TicketOut:
        with Session(engine) as session, session.begin():
            ticket = Ticket(**asked.model_dump())
            session.add(ticket)
            session.flush()
            return TicketOut(id=ticket.id, **asked.model_dump())

    return app


if __name__ == "__main__":
    app = application(Path(sys.argv[2]))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False, server_header=False)
