"""A grant (授权): what one application system may call, and within which bounds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.audit import Cause
from gateway.authz.grants.constraint import Constraint
from gateway.catalog.description import FieldName
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId, ServiceName
from gateway.web import Code, Day, Model


class GrantState(StrEnum):
    """生效, 暂停, 撤销, 已结束. Expiry is a matter of dates, not a state."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    """Terminated by the provider or the authority."""
    ENDED = "ended"
    """Given back by the requester."""

    @property
    def is_over(self) -> bool:
        """Whether nothing can bring it back."""
        return self in (GrantState.REVOKED, GrantState.ENDED)


class Side(StrEnum):
    """Who acts against a grant: 提供部门, or 主管部门 (platform or security administrator)."""

    PROVIDER = "provider"
    AUTHORITY = "authority"


class TerminationGround(StrEnum):
    """Why a grant is terminated for good (Decree 809 Art. 27)."""

    BREACH = "breach"
    """拒不整改或者整改不到位: after a suspension with an order to rectify."""
    FILED = "filed"
    """协商并备案: the provider consulted the requester and filed the ending with the authority."""
    DECISION = "decision"
    """主管部门决定: of the authority alone."""


class EndReason(StrEnum):
    """Why the requester needs it no longer (Decree 809 Art. 27)."""

    MET = "purpose_met"
    """共享目的已实现."""
    IMPOSSIBLE = "purpose_impossible"
    """共享目的无法实现."""
    UNNEEDED = "no_longer_needed"
    """为实现共享目的不再必要."""


class Hours(Model):
    """The hours of each day in which calls may be made, Asia/Shanghai: from ``start`` until before ``end``."""

    start: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    end: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError("period", "end must lie after start, on the same day")
        return self

    def minutes(self) -> tuple[int, int]:
        """Both as minutes since midnight."""
        return _minute(self.start), _minute(self.end)


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


class CallRules(Model):
    """How calls must be made, beside what they may ask for (管控).

    They bound the way of calling; they are no conditions of sharing, which only the catalogue may set (Decree 809
    Art. 15).
    """

    hours: Hours | None = None
    """时段."""
    case_required: bool = False
    """Each call names its 办件编号."""
    operator_required: bool = False
    """Each call names its 操作人."""
    per_minute: Annotated[int, Field(ge=1, le=1000000)] | None = None
    """频次: a bucket of so many calls that fills evenly over a minute, over all processes."""
    records_max: Annotated[int, Field(ge=1, le=100000)] | None = None
    """Records in one answer; an answer with more is refused whole."""
    masked: Annotated[list[FieldName], Field(max_length=200)] = []
    """脱敏: fields of which only a masked form leaves."""
    provider_errors: bool = False
    """What the provider's system says to a failure (JSON) goes on to the caller; without it, only that it failed."""


class Terms(Model):
    """The bounds of a grant (管控参数 included); days are days in Asia/Shanghai, both ends inside."""

    fields: Annotated[list[FieldName], Field(min_length=1, max_length=200)]
    parameters: dict[FieldName, Constraint] = {}
    daily_quota: Annotated[int, Field(ge=1, le=10000000)]
    valid_from: Day
    valid_until: Day
    matter: Code | None = None
    rules: CallRules = CallRules()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.valid_until < self.valid_from:
            raise PydanticCustomError("period", "valid_until lies before valid_from")
        if len(set(self.fields)) != len(self.fields):
            raise PydanticCustomError("duplicate", "a field stands twice")
        return self


@dataclass(frozen=True, slots=True)
class Grant:
    """授权 as stored.

    ``held_by`` says whose suspension holds it, the authority's before the provider's; ``version`` counts every change;
    ``cause`` is its last audit record.
    """

    id: GrantId
    application_id: ApplicationId
    consumer_org: OrgCode
    provider_org: OrgCode
    client_id: ClientId
    resource_id: ResourceId
    service: ServiceName
    purpose: str
    terms: Terms
    state: GrantState
    because: str | None
    held_by: Side | None
    version: int
    issued_at: datetime
    cause: Cause
