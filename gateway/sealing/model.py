"""Seals as this gateway knows them: who holds one, and how it stood at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.audit import Cause
from gateway.names import OrgCode


class SealStatus(StrEnum):
    """在用, 停用, 挂失, 注销."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    LOST = "lost"
    REVOKED = "revoked"


STATUS_ZH: Final = {
    SealStatus.IN_FORCE: "在用",
    SealStatus.SUSPENDED: "停用",
    SealStatus.LOST: "挂失",
    SealStatus.REVOKED: "注销",
}

FOLLOWS: Final = {
    SealStatus.IN_FORCE: frozenset({SealStatus.SUSPENDED, SealStatus.LOST, SealStatus.REVOKED}),
    SealStatus.SUSPENDED: frozenset({SealStatus.IN_FORCE, SealStatus.LOST, SealStatus.REVOKED}),
    SealStatus.LOST: frozenset({SealStatus.REVOKED}),
    SealStatus.REVOKED: frozenset(),
}
"""What may follow a status: a lost seal is never used again, a revoked one is over."""

BACKDATED: Final = frozenset({SealStatus.LOST, SealStatus.REVOKED})
"""What may hold from an earlier moment than it was reported at."""


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One entry of a seal's history; ``number`` 1 is its registration."""

    number: int
    status: SealStatus
    since: datetime
    reason: str
    changed_by: str
    changed_at: datetime
    event_id: UUID


def status_at(changes: Sequence[StatusChange], at: datetime) -> SealStatus | None:
    """How a seal stood at a time by what is known now; None before it was registered.

    The latest report that reaches back to that time decides: a loss reported today counts from when the seal was lost.
    """
    reaching = [each for each in changes if each.since <= at]
    return max(reaching, key=lambda each: each.number).status if reaching else None


@dataclass(frozen=True, slots=True)
class NewSeal:
    """A seal to be registered: what it says, its bytes, and the report of its verification."""

    es_id: str
    vid: str
    name: str
    format: str
    maker: str
    signers: tuple[bytes, ...]
    """SM3 of the certificates that may stamp with it."""
    content: bytes
    sha256: bytes
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RegisteredSeal:
    """A department's electronic seal (电子印章) with its history; ``es_id`` and ``vid`` are those in the seal."""

    id: UUID
    es_id: str
    vid: str
    org: OrgCode
    name: str
    format: str
    maker: str
    signers: tuple[bytes, ...]
    sha256: bytes
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    status: SealStatus
    changes: tuple[StatusChange, ...]
    registered_by: str
    registered_at: datetime
    cause: Cause
