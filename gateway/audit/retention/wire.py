"""JSON shapes of months, holds and disposals. A month is written ``2026-11``, and is one of UTC."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from gateway.audit.retention.model import Disposal, Hold, Keep, Kind, Month, Stage
from gateway.web import Model, Note, disagreement

MonthName = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


def month_of(name: str) -> date:
    """The first day of a month."""
    return date.fromisoformat(f"{name}-01")


def _name(month: date) -> str:
    return f"{month:%Y-%m}"


class MonthShown(Model):
    """A month that is over: its records are ``first`` up to, not including, ``beyond``."""

    month: MonthName
    first: Annotated[int, Field(ge=0)]
    beyond: Annotated[int, Field(ge=0)]
    is_process: bool
    """It holds process records only."""
    is_held: bool
    kept_until: datetime

    @classmethod
    def of(cls, one: Month, keep: Keep) -> "MonthShown":
        return cls(
            month=_name(one.month), first=one.first, beyond=one.beyond, is_process=one.is_process, is_held=one.is_held,
            kept_until=one.kept_until(keep),
        )  # fmt: skip


class MonthsShown(Model):
    """The months still in the ledger, oldest first."""

    months: list[MonthShown]


class NewDisposal(Model):
    """What is to go, and why."""

    kind: Kind
    month: MonthName
    reason: Note


class Because(Model):
    """Why."""

    reason: Note


class DisposalShown(Model):
    """A disposal; ``recorded_id`` is the signed record that the month goes."""

    id: UUID
    kind: Kind
    month: MonthName
    stage: Stage
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    first: int | None = None
    beyond: int | None = None
    archive: str | None = None
    archive_sha256: str | None = None
    recorded_id: UUID | None = None
    done_at: datetime | None = None

    @classmethod
    def of(cls, one: Disposal) -> "DisposalShown":
        digest = one.archive_sha256.hex() if one.archive_sha256 else None
        return cls(
            id=one.id, kind=one.kind, month=_name(one.month), stage=one.stage, reason=one.reason,
            proposed_by=one.proposed_by, proposed_at=one.proposed_at, approved_by=one.approved_by,
            approved_at=one.approved_at, withdrawn_by=one.withdrawn_by, withdrawn_at=one.withdrawn_at, first=one.first,
            beyond=one.beyond, archive=one.archive, archive_sha256=digest, recorded_id=one.recorded_id,
            done_at=one.done_at,
        )  # fmt: skip


class NewHold(Model):
    """Months to keep, both included, and why."""

    first_month: MonthName
    last_month: MonthName
    reason: Note

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.last_month < self.first_month:
            raise disagreement("hold", "last_month lies before first_month", "last_month 早于 first_month")
        return self


class HoldShown(Model):
    """A hold."""

    id: UUID
    first_month: MonthName
    last_month: MonthName
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lifted_because: str | None = None

    @classmethod
    def of(cls, one: Hold) -> "HoldShown":
        return cls(
            id=one.id, first_month=_name(one.first_month), last_month=_name(one.last_month), reason=one.reason,
            placed_by=one.placed_by, placed_at=one.placed_at, lifted_by=one.lifted_by, lifted_at=one.lifted_at,
            lifted_because=one.lifted_because,
        )  # fmt: skip
