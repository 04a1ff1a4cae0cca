"""Which role may do what: one table. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

Right = Literal[
    "call.list",
    "recording.listen",
    "ticket.create",
    "ticket.read",
    "ticket.note",
    "queue.read",
    "operator.state.self",
    "operator.state.any",
    "number.see",
    "ticket.number.see",
    "people.manage",
    "token.create",
    "audit.read",
]
"""`number.see`: full numbers of calls; without it they are masked, but for the pop of the operator's own call.
`ticket.number.see`: full numbers on tickets, for those who have to call the citizen back."""

_OPERATOR: frozenset[Right] = frozenset(
    (
        "call.list",
        "ticket.create",
        "ticket.read",
        "ticket.note",
        "queue.read",
        "operator.state.self",
        "ticket.number.see",
    )
)
_SUPERVISOR: frozenset[Right] = _OPERATOR | {"recording.listen", "operator.state.any", "number.see"}
_OFFICER: frozenset[Right] = frozenset(("ticket.read", "ticket.note", "ticket.number.see"))

RIGHTS: MappingProxyType[str, frozenset[Right]] = MappingProxyType(
    {
        "operator": _OPERATOR,
        "supervisor": _SUPERVISOR,
        "officer": _OFFICER,
        "agency_leader": frozenset(("ticket.read", "ticket.note")),
        "office": frozenset(
            ("call.list", "recording.listen", "ticket.read", "ticket.note", "queue.read", "audit.read")
        ),
        "admin": _SUPERVISOR | {"people.manage", "token.create", "audit.read"},
        "integration": frozenset(("call.list", "ticket.create", "ticket.read", "ticket.note", "queue.read")),
    }
)
"""Role → rights. The keys are all the roles there are."""
WITH_PHONE = frozenset({"operator", "supervisor"})
"""Roles whose people have phones and are shown on the wall."""
OWN_AGENCY_ONLY = frozenset({"officer", "agency_leader"})
"""Roles that see the tickets of their own agency only."""


def may(role: str, right: Right) -> bool:
    """False for a role that does not exist."""
    return right in RIGHTS.get(role, frozenset())
