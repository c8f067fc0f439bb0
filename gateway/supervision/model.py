"""Cases and their clocks as supervision sees them: who holds what, until when."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from gateway.deadlines import Clock, ClockState, binding, told
from gateway.names import OrgCode
from gateway.supervision.ladder import Desk, Light, Watched


class CaseKind(StrEnum):
    """What is under clocks."""

    APPLICATION = "application"
    """共享申请."""
    CATALOGUE = "catalogue"
    """目录编制更新."""
    CORRECTION = "correction"
    """数据校核."""
    DISPUTE = "dispute"
    """争议协调."""
    COMPLAINT = "complaint"
    """投诉举报."""
    DISPOSAL = "disposal"
    """数据处置."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands after a step.

    Attributes:
        subject: one line that a leader recognises it by; no names or numbers of persons.
        holder: the department that must act now.
        parties: further departments that may see it.
        holders: who must act where that differs by the actor of a clock's rule.
    """

    kind: CaseKind
    id: UUID
    subject: str
    holder: OrgCode
    parties: tuple[OrgCode, ...] = ()
    holders: Mapping[str, OrgCode] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptClock:
    """A clock as it is stored.

    Attributes:
        is_open: somebody has to act, now or when a pause ends.
        is_binding: the open clock of the case that is due first; while all are paused, the first of these.
        overdue: the due instant passed while it ran, as of the step it was stored with.
        reckoned: the history its deadline follows from, as JSON text; the check for drift computes from it.
    """

    rule: str
    actor: str
    holder: OrgCode
    state: str
    is_open: bool
    is_binding: bool
    started_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    provisional: bool
    calendar_version: str | None
    rest_day: str | None
    overdue: bool
    reckoned: str

    @classmethod
    def of(cls, clock: Clock, case: Case, is_binding: bool) -> Self:
        """What is kept of a computed clock."""
        due = clock.deadline
        return cls(
            rule=clock.rule.id,
            actor=clock.rule.actor,
            holder=case.holders.get(clock.rule.actor, case.holder),
            state=clock.state,
            is_open=due is not None and (clock.is_open or clock.state is ClockState.PAUSED),
            is_binding=is_binding,
            started_at=clock.started_at,
            due_at=due.due_at if due else None,
            ended_at=clock.ended_at,
            provisional=bool(due and due.provisional),
            calendar_version=due.calendar_version if due else None,
            rest_day=due.rest_day if due else None,
            overdue=clock.overdue,
            reckoned=json.dumps(told(clock.history), ensure_ascii=False),
        )


def kept(case: Case, clocks: Iterable[Clock]) -> list[KeptClock]:
    """The clocks of a case as they are stored."""
    clocks = list(clocks)
    bound = binding(clocks) or min(
        (each for each in clocks if each.state is ClockState.PAUSED and each.deadline),
        key=lambda each: (each.deadline.due_at if each.deadline else datetime.max, each.rule.id),
        default=None,
    )
    return [
        KeptClock.of(clock, case, bound is not None and clock.rule.id == bound.rule.id) for clock in clocks
    ]


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case in the list of those to watch, with its binding clock."""

    kind: CaseKind
    id: UUID
    subject: str
    holder: OrgCode
    rule: str
    state: str
    due_at: datetime
    provisional: bool
    light: Light
    desk: Desk


@dataclass(frozen=True, slots=True)
class TimedClock:
    """A stored clock whose next step is looked for; ``taken`` are the steps taken for its present due instant."""

    kind: CaseKind
    id: UUID
    rule: str
    subject: str
    holder: OrgCode
    parties: tuple[OrgCode, ...]
    state: str
    watched: Watched
    light: Light
    desk: Desk
    taken: frozenset[str]

    @property
    def due_at(self) -> datetime:
        """The due instant."""
        return self.watched.due_at
