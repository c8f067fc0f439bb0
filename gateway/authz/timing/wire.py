"""JSON shapes of acts on clocks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gateway.authz.applications.wire import ClockShown, shown_clocks
from gateway.authz.timing.model import ExtensionRequest, ExtensionState
from gateway.authz.timing.service import Timed
from gateway.deadlines import PauseReason
from gateway.web import Line, Model, Note

RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}$")]


def _half(days: float) -> float:
    """The library's own check of multiples lets through what is very near to one."""
    if days * 2 % 1:
        raise PydanticCustomError("half_days", "working days are whole or half numbers")
    return days


class NewExtension(Model):
    """More time for one clock (延期); ``notice`` is what the requester will be told (Decree 809 Art. 21)."""

    rule: RuleId
    days: Annotated[float, Field(strict=True, ge=0.5, le=1000, multiple_of=0.5), AfterValidator(_half)]
    """Working days, whole or half."""
    reason: Note
    notice: Note | None = None


class ExtensionDecision(Model):
    """Whether the authority consents; an opinion is needed where it does not."""

    consent: Annotated[bool, Field(strict=True)]
    opinion: Note | None = None


class NewPause(Model):
    """Why the clocks stop (暂停计时), and the provision or document that says so."""

    reason: PauseReason
    basis: Note


class Transfer(Model):
    """Who has the case from now on: a handler or a unit of the same department (移交)."""

    to: Line
    reason: Note


class ExtensionShown(Model):
    """An extension and what became of it."""

    id: UUID
    rule: str
    days: float | int
    reason: str
    notice: str | None = None
    state: ExtensionState
    asked_by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    opinion: str | None = None
    told_at: datetime | None = None

    @classmethod
    def of(cls, one: ExtensionRequest) -> "ExtensionShown":
        return cls(
            id=one.id, rule=one.rule, days=one.days.count, reason=one.reason, notice=one.notice, state=one.state,
            asked_by=one.asked_by, asked_at=one.asked_at, decided_by=one.decided_by, decided_at=one.decided_at,
            opinion=one.opinion, told_at=one.told_at,
        )  # fmt: skip


class TimingShown(Model):
    """The clocks of an application with every day explained, and the extensions asked for."""

    application_id: UUID
    clocks: list[ClockShown]
    extensions: list[ExtensionShown]

    @classmethod
    def of(cls, timed: Timed) -> "TimingShown":
        return cls(
            application_id=timed.standing.application.id,
            clocks=shown_clocks(timed.standing.clocks),
            extensions=[ExtensionShown.of(one) for one in timed.extensions],
        )
