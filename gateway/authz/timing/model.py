"""An extension from the asking to the decision, and who may act on the clocks of an application."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.audit import Cause
from gateway.deadlines import WorkingDays
from gateway.errors import Conflict, NotFound
from gateway.names import ApplicationId


class NoSuchExtension(NotFound):
    """There is no such extension（没有该延期申请）."""


class ExtensionDecided(Conflict):
    """This extension is decided already（该延期申请已有决定）."""


class ExtensionPending(Conflict):
    """An extension of this clock waits for its decision（该时限的延期申请正在办理）."""

    remedy = ("Wait for the decision of the platform authority.", "请等待主管部门决定。")


class NotTheHolder(Conflict):
    """Another department has the application now（该申请当前由其他部门办理）."""

    remedy = (
        "Only the department that must act now may pause the clock or hand the case over.",
        "仅当前办理部门可以暂停计时或移交。",
    )


class ExtensionState(StrEnum):
    """待同意, 已同意, 不同意."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ExtensionRequest:
    """An extension of one rule's clock; ``notice`` is what the requester is told, ``told_at`` when it was."""

    id: UUID
    application_id: ApplicationId
    rule: str
    days: WorkingDays
    reason: str
    notice: str | None
    asked_by: str
    asked_at: datetime
    state: ExtensionState
    decided_by: str | None
    decided_at: datetime | None
    opinion: str | None
    told_at: datetime | None
    cause: Cause
