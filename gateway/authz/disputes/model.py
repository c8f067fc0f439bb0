"""A dispute between two departments: about what, at which stage, with whom, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.audit import Cause
from gateway.deadlines import Clock, Clockwork, Event, Subject, history_of
from gateway.names import ApplicationId, GrantId, OrgCode
from gateway.supervision import Case, CaseKind


class Stage(StrEnum):
    """协商中, 协调中, 报政府决定, 已解决, 已撤回."""

    NEGOTIATING = "negotiating"
    COORDINATING = "coordinating"
    REFERRED = "referred"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


MOVES: Final[Mapping[str, frozenset[Stage]]] = {
    "propose": frozenset({Stage.NEGOTIATING, Stage.COORDINATING}),
    "agree": frozenset({Stage.NEGOTIATING, Stage.COORDINATING}),
    "escalate": frozenset({Stage.NEGOTIATING}),
    "refer": frozenset({Stage.COORDINATING}),
    "decide": frozenset({Stage.REFERRED}),
    "withdraw": frozenset({Stage.NEGOTIATING, Stage.COORDINATING, Stage.REFERRED}),
}
"""Each act and the stages it is possible at."""


class Effect(StrEnum):
    """What an outcome binds both parties to."""

    SHARE = "share"
    """提供部门应予共享: the application is to be approved, or a new one."""
    CONTINUE = "continue"
    """继续提供: the grant stays, or is resumed."""
    END = "end"
    """终止共享: the grant is to be ended."""
    STAND = "stand"
    """维持原处理: what was decided stands."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """争议 as stored.

    ``against`` is the other party; ``common_superior`` says that the two are of different regions or levels, so that their
    common superior authority coordinates (Art. 28); ``outcome`` is what a party proposed last or what it ended with.
    """

    id: UUID
    application_id: ApplicationId
    grant_id: GrantId | None
    raised_by_org: OrgCode
    against: OrgCode
    common_superior: bool
    claim: str
    stage: Stage
    rule_sets: tuple[str, ...]
    raised_by: str
    raised_at: datetime
    escalated_at: datetime | None
    referred_at: datetime | None
    closed_at: datetime | None
    outcome: dict[str, Any] | None
    version: int
    cause: Cause

    @property
    def parties(self) -> tuple[OrgCode, OrgCode]:
        """Who raised it, and the other."""
        return self.raised_by_org, self.against

    def holder(self, platform: OrgCode) -> OrgCode:
        """Who must act: the other party while they negotiate, then the authority, also for the government."""
        return self.against if self.stage is Stage.NEGOTIATING else platform


def clocks_of(work: Clockwork, dispute: Dispute, now: datetime) -> list[Clock]:
    """Every clock of a dispute; they are this platform's own, for the law gives none."""
    marks = {
        Event.RAISED: dispute.raised_at,
        Event.ESCALATED: dispute.escalated_at,
        Event.REFERRED: dispute.referred_at,
        Event.SETTLED: dispute.closed_at if dispute.stage is Stage.SETTLED else None,
        Event.CLOSED: dispute.closed_at,
    }
    history = history_of({event: at for event, at in marks.items() if at is not None})
    return work.of(dispute.rule_sets, history, now, subject=Subject.DISPUTE)


def case_of(dispute: Dispute, platform: OrgCode) -> Case:
    """The dispute as supervision knows it."""
    return Case(
        kind=CaseKind.DISPUTE,
        id=dispute.id,
        subject=f"争议 {dispute.grant_id or dispute.application_id}",
        holder=dispute.holder(platform),
        parties=(*dispute.parties, platform),
        holders={"provider": dispute.against, "platform": platform, "government": platform},
    )
