"""JSON shapes of comparisons and reports."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.catalog.description import FieldName
from gateway.names import ResourceId
from gateway.quality.comparisons.model import Comparison, Report, Run, Side
from gateway.quality.comparisons.service import Standing
from gateway.web import Model, Note


class NewSide(Model):
    """A published resource and the item that is its key."""

    resource_id: UUID
    key: FieldName


class Pair(Model):
    """An item of the left side and the item of the right side it should agree with."""

    left: FieldName
    right: FieldName


class NewComparison(Model):
    """What is compared, and how often; without ``every_days`` only on request."""

    left: NewSide
    right: NewSide
    pairs: Annotated[list[Pair], Field(min_length=1, max_length=20)]
    every_days: Annotated[int, Field(ge=1, le=366)] | None = None
    reason: Note

    def sides(self) -> tuple[Side, Side]:
        """As the service takes them."""
        lefts, rights = tuple(one.left for one in self.pairs), tuple(one.right for one in self.pairs)
        return (
            Side(ResourceId(self.left.resource_id), self.left.key, lefts),
            Side(ResourceId(self.right.resource_id), self.right.key, rights),
        )


class RunShown(Model):
    """A run: its report, or in one word why there is none."""

    id: UUID
    started_at: datetime
    ended_at: datetime
    fault: str | None = None
    report: Report | None = None

    @classmethod
    def of(cls, run: Run) -> "RunShown":
        return cls(
            id=run.id, started_at=run.started_at, ended_at=run.ended_at, fault=run.fault, report=run.report
        )


class ComparisonShown(Model):
    """A comparison; ``next_run_at`` is absent when it runs on request only."""

    id: UUID
    left: NewSide
    right: NewSide
    pairs: list[Pair]
    provider_org: str
    other_org: str
    every_days: int | None = None
    reason: str
    made_by: str
    made_at: datetime
    next_run_at: datetime | None = None
    ended_at: datetime | None = None
    runs: list[RunShown] | None = None
    audit_id: UUID

    @classmethod
    def of(cls, one: Comparison) -> "ComparisonShown":
        pairs = [Pair(left=a, right=b) for a, b in zip(one.left.items, one.right.items, strict=True)]
        return cls(
            id=one.id, left=NewSide(resource_id=one.left.resource, key=one.left.key),
            right=NewSide(resource_id=one.right.resource, key=one.right.key), pairs=pairs,
            provider_org=one.left_org, other_org=one.right_org, every_days=one.every_days, reason=one.reason,
            made_by=one.made_by, made_at=one.made_at, next_run_at=one.next_run_at, ended_at=one.ended_at,
            audit_id=one.cause.event_id,
        )  # fmt: skip

    @classmethod
    def standing(cls, standing: Standing) -> "ComparisonShown":
        runs = [RunShown.of(run) for run in standing.runs]
        return cls.of(standing.comparison).model_copy(update={"runs": runs})
