"""How long what must be kept, and what a disposal goes through. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.audit.model import Cause

PROCESS_TYPES: Final = frozenset(
    {
        "system.started",
        "system.stopped",
        "health.changed",
        "access.refused",
        "notice.retried",
        "person.signed_in",
        "person.signed_out",
        "sign_in.refused",
        "sessions.ended",
    }
)
"""Records of how the system ran (网络日志); all others are evidence of supply and use. The database holds the same list."""


class Kind(StrEnum):
    """What a disposal takes away: a month's records, or the keys of its personal detail."""

    RECORDS = "records"
    KEYS = "keys"


class Stage(StrEnum):
    """Where a disposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RECORDED = "recorded"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Keep:
    """How many months records are kept after the end of their own: process records, and all others."""

    process_months: int
    evidence_months: int


@dataclass(frozen=True, slots=True)
class Month:
    """One month of records as it lies in the ledger.

    Args:
        month: its first day (UTC). ``ends`` is the first instant after it.
        first, beyond: the records in it: from this index up to, not including, that one; equal in an empty month.
        is_process: whether it holds process records only.
        is_held: whether a hold is on it.
    """

    month: date
    ends: datetime
    first: int
    beyond: int
    is_process: bool
    is_held: bool

    def kept_until(self, keep: Keep) -> datetime:
        """The first instant at which its records may go: when the last of their kinds may."""
        months = keep.process_months if self.is_process else max(keep.process_months, keep.evidence_months)
        return months_after(self.ends, months)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on the months from ``first_month`` to ``last_month``, both included; logins of who placed and lifted it."""

    id: UUID
    first_month: date
    last_month: date
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lifted_because: str | None = None


@dataclass(frozen=True, slots=True)
class Disposal:
    """One disposal. ``archive`` is the file's name, ``recorded_id`` the signed record that the month goes."""

    id: UUID
    kind: Kind
    month: date
    reason: str
    proposed_by: str
    proposed_at: datetime
    cause: Cause
    approved_by: str | None = None
    approved_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    first: int | None = None
    beyond: int | None = None
    archive: str | None = None
    archive_sha256: bytes | None = None
    recorded_id: UUID | None = None
    done_at: datetime | None = None

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        if self.withdrawn_at is not None:
            return Stage.WITHDRAWN
        if self.done_at is not None:
            return Stage.DONE
        if self.recorded_id is not None:
            return Stage.RECORDED
        return Stage.PROPOSED if self.approved_at is None else Stage.APPROVED


def months_after(instant: datetime, months: int) -> datetime:
    """The instant so many months later; for first instants of a month (UTC)."""
    count = instant.astimezone(UTC).year * 12 + instant.astimezone(UTC).month - 1 + months
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


def first_instant(month: date) -> datetime:
    """When a month begins (UTC)."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)
