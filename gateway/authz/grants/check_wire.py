"""JSON shapes of dry runs and permissions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.authz.grants.checking import Finding, Left, Permission
from gateway.authz.grants.constraint import Constraint
from gateway.authz.grants.decide import Call, Step
from gateway.authz.grants.denials import Coarse
from gateway.authz.grants.model import CallRules
from gateway.web import Code, Day, Line, Model, PageQuery, Slug


class Check(Model):
    """A call to try: what its token would say, and what its body would hold."""

    grant_id: UUID | None = None
    """The grant its token would be for; without it every grant of the system for the service is tried."""
    client: Slug
    service: Slug
    purpose: Slug
    parameters: Annotated[dict[Line, Line], Field(max_length=50)] = {}
    fields: Annotated[list[Line], Field(min_length=1, max_length=200)] | None = None
    matter: Code | None = None
    case: Code | None = None
    operator: Line | None = None
    consent: Code | None = None

    def call(self) -> Call:
        """As the value real calls are decided by."""
        return Call(
            client_id=self.client, service=self.service, purpose=self.purpose, parameters=self.parameters,
            fields=tuple(self.fields) if self.fields is not None else None, matter=self.matter, case=self.case,
            operator=self.operator, consent=self.consent,
        )  # fmt: skip


class DenialShown(Model):
    """An exact reason: the problem type a real call would answer with, and what to do."""

    reason: str
    title: str
    detail: str
    detail_zh: str
    remedy: str
    remedy_zh: str
    errors: list[dict[str, str]] | None = None


class StepShown(Model):
    """One rule: kept, or broken with its reason."""

    rule: str
    kept: bool
    reason: str | None = None
    detail: str | None = None
    detail_zh: str | None = None

    @classmethod
    def of(cls, step: Step) -> "StepShown":
        denial = step.denial
        if denial is None:
            return cls(rule=step.rule, kept=True)
        return cls(
            rule=step.rule, kept=False, reason=denial.slug(), detail=denial.detail, detail_zh=denial.detail_zh
        )


class CheckShown(Model):
    """What would happen: ``coarse`` for anybody, ``denial`` and ``steps`` for the parties to the grant."""

    allowed: bool
    coarse: Coarse | None = None
    grant_id: UUID | None = None
    fields: list[str] | None = None
    denial: DenialShown | None = None
    steps: list[StepShown]

    @classmethod
    def of(cls, finding: Finding) -> "CheckShown":
        denial = finding.denial
        return cls(
            allowed=denial is None,
            coarse=finding.coarse,
            grant_id=finding.grant.id if finding.grant else None,
            fields=None if denial else list(finding.fields),
            denial=DenialShown(
                reason=denial.slug(), title=denial.title(), detail=denial.detail, detail_zh=denial.detail_zh,
                remedy=denial.remedy[0], remedy_zh=denial.remedy[1], errors=denial.extra.get("errors"),
            ) if denial else None,
            steps=[StepShown.of(step) for step in finding.steps],
        )  # fmt: skip


class PermissionQuery(PageQuery):
    """A page of what may be called now."""

    client: Slug | None = None
    service: Slug | None = None


class PermissionShown(Model):
    """Calls that succeed at this instant: by which system, for what, within which bounds."""

    grant_id: UUID
    consumer_org: str
    provider_org: str
    client: str
    service: str
    purpose: str
    fields: list[str]
    parameters: dict[str, Constraint]
    matter: str | None = None
    rules: CallRules
    valid_until: Day
    daily_quota: int
    quota_left: int

    @classmethod
    def of(cls, permission: Permission) -> "PermissionShown":
        grant, terms = permission.grant, permission.grant.terms
        return cls(
            grant_id=grant.id, consumer_org=grant.consumer_org, provider_org=grant.provider_org,
            client=grant.client_id, service=grant.service, purpose=grant.purpose, fields=list(permission.fields),
            parameters=terms.parameters, matter=terms.matter, rules=terms.rules, valid_until=terms.valid_until,
            daily_quota=terms.daily_quota, quota_left=max(0, terms.daily_quota - permission.used),
        )  # fmt: skip


class QuotaShown(Model):
    """What is left of today's calls (Asia/Shanghai). Calls that a process has set aside for the next second count as used.

    ``per_minute`` bounds them as well: a bucket of so many calls that fills evenly over a minute.
    """

    grant_id: UUID
    daily_quota: int
    used: int
    remaining: int
    resets_at: datetime
    per_minute: int | None = None

    @classmethod
    def of(cls, left: Left) -> "QuotaShown":
        terms = left.grant.terms
        return cls(
            grant_id=left.grant.id, daily_quota=terms.daily_quota, used=left.used,
            remaining=max(0, terms.daily_quota - left.used), resets_at=left.resets_at,
            per_minute=terms.rules.per_minute,
        )  # fmt: skip
