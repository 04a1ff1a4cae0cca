"""Queues and operators: how they are, what the day has brought, and asking for calls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from sqlalchemy.orm import Session

from api.deps import Deps, Me, Principal, Reading, TheDeps, require
from api.fields import Line
from api.schemas import (
    OperatorOut,
    OperatorsOut,
    OperatorStateIn,
    OperatorStateOut,
    QueueOut,
    QueuesOut,
    QueueToday,
    Waiting,
)
from callcenter import audit, operators
from callcenter.calls import queries
from callcenter.errors import Forbidden
from callcenter.queues import QUEUES
from callcenter.tickets.service import ZONE

router = APIRouter(prefix="/api/v1", tags=["call centre"])
Watcher = Annotated[Principal, Depends(require("queue.read"))]


@router.get("/queues", operation_id="listQueues", summary="The queues now and today")
def list_queues(_me: Watcher, session: Reading, deps: TheDeps) -> QueuesOut:
    now, state = deps.clock(), deps.desk.state()
    opening = deps.calendar.at(now)
    names = list(QUEUES) + [name for name in state["queues"] if name not in QUEUES]
    empty: dict[str, Any] = {"waiting": [], "members": 0, "ready": 0}
    return QueuesOut(
        items=[_queue(session, deps, name, state["queues"].get(name, empty), now) for name in names],
        stale_since=state["stale_since"],
        open=opening.open,
        opens_at=opening.opens_at,
        service_level_s=deps.service_level_s,
        short_abandon_s=deps.short_abandon_s,
    )


def _queue(session: Session, deps: Deps, name: str, live: dict[str, Any], now: datetime) -> QueueOut:
    waiting = [Waiting(**caller) for caller in live["waiting"]]
    name_vi, name_en = QUEUES.get(name, (name, name))
    return QueueOut(
        name=name,
        name_vi=name_vi,
        name_en=name_en,
        waiting=waiting,
        members=live["members"],
        ready=live["ready"],
        longest_wait_s=max((max(0.0, (now - caller.joined_at).total_seconds()) for caller in waiting), default=0.0),
        today=_today(session, deps, name, now),
    )


def _today(session: Session, deps: Deps, queue: str, now: datetime) -> QueueToday:
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = queries.Filter(since=midnight, queue=queue)
    level = queries.level(session, wanted=wanted, x_s=deps.service_level_s, y_s=deps.short_abandon_s)
    return QueueToday(
        answered=level.answered,
        answered_in_time=level.answered_in_time,
        abandoned=level.abandoned,
        short_abandoned=level.short_abandoned,
        service_level=level.level,
    )


@router.get("/operators", operation_id="listOperators", summary="The operators now")
def list_operators(_me: Watcher, deps: TheDeps) -> OperatorsOut:
    state = deps.desk.state()
    items = sorted(state["operators"].values(), key=lambda operator: str(operator["login"]))
    return OperatorsOut(items=[OperatorOut(**item) for item in items], stale_since=state["stale_since"])


@router.put("/operators/{login}/state", operation_id="setOperatorState", summary="Ready, paused or offline")
def set_state(
    login: Annotated[Line, Path(max_length=64, description="`me` for oneself.")],
    asked: OperatorStateIn,
    me: Me,
    deps: TheDeps,
) -> OperatorStateOut:
    """Ready puts the operator's registered phone into the queues: 409 `phone_not_registered` when there is none."""
    login = me.login if login == "me" else login
    if not me.may("operator.state.any") and not (login == me.login and me.may("operator.state.self")):
        raise Forbidden("you cannot change the state of others" if me.may("operator.state.self") else "not your task")
    now = deps.clock()
    wanted = operators.set_state(
        deps.sessions, deps.telephony, login=login, state=asked.state, reason=asked.reason, now=now
    )
    with deps.sessions.begin() as session:
        audit.write(
            session,
            at=now,
            actor=me.login,
            action="operator.state",
            subject=login,
            origin=me.origin,
            state=wanted.state,
            reason=wanted.reason,
        )
    return OperatorStateOut(
        login=login,
        state=asked.state,
        reason=wanted.reason,
        interface=wanted.interface,
        queues=sorted(wanted.penalties) if wanted.interface else [],
    )
