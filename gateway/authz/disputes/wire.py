"""JSON shapes of disputes."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gateway.authz.applications.wire import ClockShown, shown_clocks
from gateway.authz.disputes.model import Effect, Stage
from gateway.authz.disputes.service import DisputeStanding
from gateway.web import Line, Model, Note, PageQuery


class Raising(Model):
    """About what, and what is claimed; exactly one of application and grant."""

    application_id: UUID | None = None
    grant_id: UUID | None = None
    claim: Note

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.application_id is None) == (self.grant_id is None):
            raise PydanticCustomError("parameter", "give either application_id or grant_id")
        return self


class Proposal(Model):
    """How a party would settle it."""

    effect: Effect
    text: Note


class Decision(Model):
    """The government's decision with the number of its document."""

    effect: Effect
    document: Line
    text: Note


class DisputeQuery(PageQuery):
    """A page of disputes."""

    stage: Stage | None = None


class OutcomeShown(Model):
    """What was proposed last, or what it ended with: then ``binds`` names who is bound by it."""

    by: str
    effect: Effect
    text: str
    document: str | None = None
    agreed: bool
    reached_at: Stage | None = None
    binds: list[str] | None = None


class DisputeShown(Model):
    """A dispute: who raised it against whom, at which stage, and who must act until when."""

    id: UUID
    application_id: UUID
    grant_id: UUID | None = None
    raised_by_org: str
    against: str
    common_superior: bool
    claim: str
    stage: Stage
    holder: str
    raised_by: str
    raised_at: datetime
    escalated_at: datetime | None = None
    referred_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: OutcomeShown | None = None
    clocks: list[ClockShown]
    version: int
    audit_id: UUID

    @classmethod
    def of(cls, standing: DisputeStanding) -> "DisputeShown":
        one = standing.dispute
        return cls(
            id=one.id, application_id=one.application_id, grant_id=one.grant_id, raised_by_org=one.raised_by_org,
            against=one.against, common_superior=one.common_superior, claim=one.claim,
            stage=one.stage, holder=standing.holder, raised_by=one.raised_by, raised_at=one.raised_at,
            escalated_at=one.escalated_at, referred_at=one.referred_at, closed_at=one.closed_at,
            outcome=_outcome(one.outcome),
            clocks=shown_clocks(standing.clocks), version=one.version, audit_id=one.cause.event_id,
        )  # fmt: skip


def _outcome(stored: dict[str, object] | None) -> OutcomeShown | None:
    return OutcomeShown.model_validate(stored, strict=False) if stored else None
