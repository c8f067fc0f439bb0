"""Whose rows a reader of reports may see."""

from typing import Final

from gateway.identity import Role
from gateway.web import Principal

SEE_ALL: Final = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR})
"""Roles that see every department's figures; others see those of their own."""


def scope_of(actor: Principal, wanted: str | None = None) -> str | None:
    """The department whose rows are read; None is every department's."""
    return wanted if actor.roles & SEE_ALL else actor.org
