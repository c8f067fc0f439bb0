"""三权分立: which sets of roles one person may hold (GB/T 22239)."""

from itertools import combinations

import pytest

from gateway.identity import Role
from gateway.identity.model import SEPARATED, are_separated

SETS = [set(chosen) for size in range(len(Role) + 1) for chosen in combinations(Role, size)]


def test_the_three_powers_are_those_of_the_standard() -> None:
    assert {Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR} == SEPARATED


@pytest.mark.parametrize("roles", SETS, ids=lambda roles: "+".join(sorted(roles)) or "none")
def test_a_person_may_hold_at_most_one_of_the_three_powers(roles: set[Role]) -> None:
    powers = sum(role in ("platform_admin", "security_admin", "auditor") for role in roles)
    assert are_separated(roles) is (powers <= 1)
