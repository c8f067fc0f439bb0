"""JSON shapes of this room."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.federation.model import Cascade, CascadeState, Flow
from gateway.federation.platforms import Platform
from gateway.web import Code, Line, Model, Note, PageQuery

_PlatformName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]


class CascadeQuery(PageQuery):
    """A page of cascades."""

    platform: _PlatformName | None = None
    flow: Flow | None = None
    state: CascadeState | None = None


class ClassQuery(PageQuery):
    """A page of class codes of one platform."""

    platform: _PlatformName = "national"


class CascadeStart(Model):
    """Where an application goes up, and for which resource of the upper catalogue."""

    platform: _PlatformName
    upper_resource_code: Code
    note: Note | None = None


class CorrectionStart(Model):
    """What is wrong with an upper entry or its data. Say what, not whose record it is: no names, no id numbers."""

    platform: _PlatformName
    upper_resource_code: Code
    item: Line | None = None
    problem: Note


class PlatformKey(Model):
    """The key an upper platform gave us; stored wrapped, never shown."""

    key: Annotated[str, StringConstraints(pattern=r"^[!-~]{8,200}$")]


class PlatformShown(Model):
    """上级平台 as configured here."""

    id: str
    name: str
    level: str
    style: str
    enabled: bool
    reports_catalogue: bool
    reports_resources: bool
    operations: list[str]
    key_set_at: datetime | None = None

    @classmethod
    def of(cls, one: Platform, key_set_at: datetime | None) -> "PlatformShown":
        return cls(
            id=one.id, name=one.name, level=one.level, style=one.style, enabled=one.enabled,
            reports_catalogue=one.report_catalogue, reports_resources=one.report_resources,
            operations=sorted(one.operations), key_set_at=key_set_at,
        )  # fmt: skip


class CascadeShown(Model):
    """上报记录: how one thing stands above. ``upper_*`` is what the platform said, in its own words."""

    id: UUID
    platform: str
    flow: Flow
    object_id: Annotated[str, Field(description="Resource code, application id or correction number here.")]
    object_version: int
    upper_resource_code: str | None = None
    org: str
    state: CascadeState
    upper_id: str | None = None
    upper_code: str | None = None
    upper_status: str | None = None
    upper_said: str | None = None
    started_by: str
    started_at: datetime
    reported_at: datetime | None = None
    answered_at: datetime | None = None
    attempts: Annotated[int, Field(description="Failures in a row; 0 when the last attempt went well.")]
    fault: str | None = None
    next_try_at: datetime | None = None
    audit_id: UUID | None = None

    @classmethod
    def of(cls, one: Cascade) -> "CascadeShown":
        told = one.told
        return cls(
            id=one.id, platform=one.platform, flow=one.flow, object_id=one.object_id, object_version=one.object_version,
            upper_resource_code=one.payload.get("resourceCode"), org=one.org, state=one.state,
            upper_id=told.upper_id or None, upper_code=told.upper_code or None, upper_status=told.upper_status or None,
            upper_said=told.said or None, started_by=one.started_by, started_at=one.started_at,
            reported_at=one.reported_at, answered_at=one.answered_at, attempts=one.attempts, fault=one.fault or None,
            next_try_at=one.next_at if one.state is CascadeState.QUEUED or one.is_asked_after else None,
            audit_id=one.cause.event_id if one.cause else None,
        )  # fmt: skip


class ClassShown(Model):
    """目录分类 as an upper platform gives it out."""

    code: str
    name: str
    parent: str | None = None
