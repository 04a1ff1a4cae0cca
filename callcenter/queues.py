"""The queues there are, and who serves them."""

from __future__ import annotations

from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from callcenter.store import upsert
from callcenter.tables import QueueMembership

QUEUES = MappingProxyType(
    {
        "assistance": ("Tổng đài chung", "General enquiries"),
        "reports": ("Phản ánh sự cố", "Problem reports"),
        "procedures": ("Thủ tục hành chính", "Administrative procedures"),
    }
)
"""Name (as in `queues.conf`, where "general" is taken) → (Vietnamese, English)."""


def ensure_memberships(session: Session, *, login: str) -> None:
    """Somebody new serves every queue; memberships that are there stay as they are."""
    known = sa.select(QueueMembership.queue).where(QueueMembership.login == login).limit(1)
    if session.scalar(known) is None:
        rows = [{"login": login, "queue": queue, "penalty": 0} for queue in QUEUES]
        upsert(session, QueueMembership, rows, ["login", "queue"])


def memberships(session: Session, *, login: str) -> dict[str, int]:
    """Queue → penalty."""
    query = sa.select(QueueMembership).where(QueueMembership.login == login).order_by(QueueMembership.queue)
    return {row.queue: row.penalty for row in session.scalars(query)}
