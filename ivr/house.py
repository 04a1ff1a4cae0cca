"""Answers the menus' questions out of the database and the calendar; a failure is an answer, never an exception."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from callcenter.calendar import Calendar
from callcenter.calls.menu import MenuNote
from callcenter.errors import Invalid, NotFound, TooManyTries
from callcenter.phones import normalise
from callcenter.tickets.service import status_by_code
from callflows.steps import Found, Hours, Outcome
from ivr.notebook import Notebook

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the exchange said of the call when it came to the menu. `number` is as the carrier gave it."""

    linkedid: str
    number: str
    dialled: str
    at: datetime


@dataclass(frozen=True, slots=True)
class House:
    """Each question is one short transaction, so that none is open while a prompt plays."""

    sessions: sessionmaker[Session]
    calendar: Calendar
    clock: Callable[[], datetime]
    notebook: Notebook

    def hours(self) -> Hours:
        """Open when nobody can tell: the queue itself sends on a caller whom nobody answers."""
        try:
            opening = self.calendar.at(self.clock())
        except Exception:
            log.exception("the opening hours cannot be told")
            return Hours(True)
        return Hours(opening.open, opening.opens_at)

    def look_up(self, kind: str, arguments: Mapping[str, str], call: CallFacts) -> Found:
        if kind != "ticket":
            log.error("call %s: the flow asks for %r, which nobody knows", call.linkedid, kind)
            return Found("unavailable")
        try:
            asker = normalise(call.number).e164 or "anonymous"
            with self.sessions.begin() as session:
                return self._ticket(session, arguments.get("code", ""), asker)
        except Exception:
            log.exception("call %s: a look-up failed", call.linkedid)
            return Found("unavailable")

    def _ticket(self, session: Session, code: str, asker: str) -> Found:
        try:
            found = status_by_code(session, code=code, asker=asker, now=self.clock())
        except Invalid:
            return Found("invalid")
        except NotFound:
            return Found("not_found")
        except TooManyTries:
            return Found("limited")
        return Found("found", {"code": found.code, "state": found.state})

    def note(self, call: CallFacts, outcome: Outcome, reason: str) -> None:
        """Write down what the caller did in the menu; the exchange's own files carry the rest."""
        path = [{"node": visit.node, "key": visit.key} for visit in outcome.path]
        flow = f"{outcome.flow}@{outcome.flow_version}"
        self.notebook.add(
            MenuNote(call.linkedid, call.at, call.number, call.dialled, outcome.language, path, flow, reason)
        )
