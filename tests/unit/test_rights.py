"""Who may do what: nobody gains a right by accident."""

import pytest

from callcenter.rights import RIGHTS, Right, may


def test_the_roles_are_those_of_the_contract() -> None:
    roles = {"operator", "supervisor", "officer", "agency_leader", "office", "admin", "integration"}
    assert set(RIGHTS) == roles


@pytest.mark.parametrize(
    ("right", "roles"),
    [
        ("recording.listen", {"supervisor", "office", "admin"}),
        ("number.see", {"supervisor", "admin"}),
        ("ticket.number.see", {"operator", "supervisor", "officer", "admin"}),
        ("operator.state.self", {"operator", "supervisor", "admin"}),
        ("operator.state.any", {"supervisor", "admin"}),
        ("ticket.create", {"operator", "supervisor", "admin", "integration"}),
        ("token.create", {"admin"}),
        ("people.manage", {"admin"}),
        ("audit.read", {"office", "admin"}),
    ],
)
def test_a_right_belongs_to_these_roles_and_no_others(right: Right, roles: set[str]) -> None:
    assert {role for role in RIGHTS if may(role, right)} == roles


def test_a_role_that_does_not_exist_may_nothing() -> None:
    assert not may("root", "call.list")
