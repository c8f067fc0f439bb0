"""An application: its form (Decree 809 Art. 20), its life by the seed rule, and what an approval may narrow.

Rule: 庆政办发〔2018〕132号 item 22. The platform reviews; it provides itself what is unconditional without controlled
parameters; everything else goes to the providing department; what is not shared has no route.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.audit import Cause
from gateway.authz.grants.model import Constraint, Terms
from gateway.catalog import Description, ModeKind, SharingClass
from gateway.catalog.description import FieldName
from gateway.errors import FieldFault
from gateway.names import ApplicationId, ClientId, OrgCode, ResourceId
from gateway.web import Code, Day, Line, Model, Note, Slug


class Route(StrEnum):
    """平台直接提供, 部门受理."""

    DIRECT = "direct"
    DEPARTMENT = "department"


class State(StrEnum):
    """已提交, 已受理, 不予受理, 已同意, 已提供, 不同意, 已撤回."""

    FILED = "filed"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    APPROVED = "approved"
    PROVIDED = "provided"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


MOVES: Final = {
    "accept": (frozenset({State.FILED}), State.ACCEPTED),
    "not_accept": (frozenset({State.FILED}), State.NOT_ACCEPTED),
    "provide": (frozenset({State.ACCEPTED}), State.PROVIDED),
    "approve": (frozenset({State.ACCEPTED}), State.APPROVED),
    "refuse": (frozenset({State.ACCEPTED}), State.REFUSED),
    "withdraw": (frozenset({State.FILED, State.ACCEPTED}), State.WITHDRAWN),
}
"""Each act: the states it is possible in, and the state after it."""


class ReviewFault(StrEnum):
    """What the conformity review found (规范性审查)."""

    BASIS = "basis_missing_or_unsuitable"
    """使用依据缺失或不适用."""
    SCENE = "scene_unclear"
    """使用场景不明确."""
    SCOPE = "scope_excessive"
    """使用范围超出履职需要."""
    PERIOD = "period_unreasonable"
    """使用时限不合理."""
    SIGN_OFF = "sign_off_unsuitable"
    """负责人审核意见不符合要求."""
    OTHER = "other"
    """其他."""


class RefusalReason(StrEnum):
    """Why a provider does not agree (Decree 809 Art. 21: reasons must be stated)."""

    NO_BASIS = "no_legal_basis"
    """缺乏法定依据."""
    CONDITIONS = "conditions_not_met"
    """不符合目录所列共享条件."""
    NOT_NECESSARY = "not_necessary_for_duty"
    """非履职必需."""
    SECURITY = "security_risk"
    """存在安全风险."""
    OTHER = "other"
    """其他."""


class SignOff(Model):
    """The consent of the head of a department's 共享工作机构 (Decree 809 Art. 20)."""

    name: Line
    position: Line
    on: Day


class Form(Model):
    """共享申请表: what Decree 809 Art. 20 asks for, and the technical bounds."""

    resource_id: UUID
    client: Slug
    """应用系统 that will call; of the applying department."""
    basis: Note
    """使用依据."""
    purpose: Slug
    """使用场景 as one word, bound into tokens and checked on every call."""
    scene: Note
    """使用场景 in words."""
    scope: Note
    """使用范围."""
    mode: ModeKind
    """共享方式."""
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=200)]
    """信息项 asked for."""
    parameters: dict[FieldName, Constraint] = {}
    """Bounds the applicant proposes for parameters."""
    daily_quota: Annotated[int, Field(ge=1, le=10000000)]
    valid_from: Day
    valid_until: Day
    """使用时限."""
    matter: Code | None = None
    """事项编码."""
    sign_off: SignOff

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.valid_until < self.valid_from:
            raise PydanticCustomError("period", "valid_until lies before valid_from")
        if len(set(self.fields)) != len(self.fields):
            raise PydanticCustomError("duplicate", "a field stands twice")
        return self

    def terms(self) -> Terms:
        """The bounds as asked for."""
        return Terms(
            fields=self.fields, parameters=self.parameters, daily_quota=self.daily_quota,
            valid_from=self.valid_from, valid_until=self.valid_until, matter=self.matter,
        )  # fmt: skip


class Narrowed(Model):
    """What an approval changes; what is left out stays as asked. It can only narrow."""

    fields: Annotated[list[FieldName], Field(min_length=1, max_length=200)] | None = None
    parameters: dict[FieldName, Constraint] | None = None
    daily_quota: Annotated[int, Field(ge=1, le=10000000)] | None = None
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if self.fields is not None and len(set(self.fields)) != len(self.fields):
            raise PydanticCustomError("duplicate", "a field stands twice")
        return self

    def applied_to(self, asked: Terms) -> Terms:
        """The asked terms with the changes put in; only for what has no :func:`widenings`."""
        given = {name: value for name in Narrowed.model_fields if (value := getattr(self, name)) is not None}
        if self.parameters is not None:
            given["parameters"] = {**asked.parameters, **self.parameters}
        return Terms.model_validate({**dict(asked), **given})


@dataclass(frozen=True, slots=True)
class Application:
    """共享申请 as stored; ``cause`` is the audit record of its last step."""

    id: ApplicationId
    resource_id: ResourceId
    resource_version: int
    consumer_org: OrgCode
    provider_org: OrgCode
    client_id: ClientId
    sharing_class: SharingClass
    route: Route
    state: State
    rule_sets: tuple[str, ...]
    form: Form
    review: dict[str, object] | None
    decision: dict[str, object] | None
    filed_by: str
    filed_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    provided_at: datetime | None
    closed_at: datetime | None
    version: int
    cause: Cause

    @property
    def was_accepted(self) -> bool:
        """Whether it passed the review, whatever became of it; before, the provider is no party to it."""
        return self.reviewed_at is not None and self.state is not State.NOT_ACCEPTED


def route_of(description: Description) -> Route | None:
    """The route of applications for a resource; None for 不予共享."""
    if description.sharing_class is SharingClass.NOT_SHARED:
        return None
    conditional = description.sharing_class is SharingClass.CONDITIONAL
    return Route.DEPARTMENT if conditional or description.has_controlled_parameters else Route.DIRECT


def form_faults(form: Form, description: Description, today: date) -> list[FieldFault]:
    """What is wrong with a form for this resource; empty if it may be filed."""
    faults = _field_faults(form.fields, description)
    faults += _constraint_faults("/parameters", form.parameters, description)
    if form.mode is not description.mode:
        faults.append(
            FieldFault("/mode", f"the resource is shared as {description.mode}", "与资源共享方式不一致")
        )
    if form.daily_quota > description.daily_quota_limit:
        limit = description.daily_quota_limit
        faults.append(
            FieldFault("/daily_quota", f"at most {limit} for this resource", f"该资源上限为 {limit}")
        )
    if form.valid_until < today:
        faults.append(FieldFault("/valid_until", "lies in the past", "使用时限已过"))
    if form.sign_off.on > today:
        faults.append(FieldFault("/sign_off/on", "lies in the future", "审核日期晚于今日"))
    return faults


def _field_faults(fields: list[str], description: Description) -> list[FieldFault]:
    return [
        FieldFault(f"/fields/{at}", "not an item of the resource", "该资源没有此信息项")
        for at, name in enumerate(fields)
        if description.item(name) is None
    ]


def _constraint_faults(
    place: str, constraints: Mapping[str, Constraint], description: Description
) -> list[FieldFault]:
    faults = []
    parameters = {parameter.name: parameter for parameter in description.parameters}
    for name, constraint in constraints.items():
        if name not in parameters:
            faults.append(
                FieldFault(f"{place}/{name}", "not a parameter of the resource", "该资源没有此参数")
            )
            continue
        for at, value in enumerate(constraint.values or ()):
            if fault := parameters[name].fault(value):
                faults.append(FieldFault(f"{place}/{name}/values/{at}", fault, "参数取值不正确"))
    return faults


def widenings(narrowed: Narrowed, asked: Terms, description: Description) -> list[FieldFault]:
    """Where an approval would give more than was asked, or bounds the resource has no place for; it must not."""
    faults = [
        FieldFault(f"/narrowed/fields/{at}", "was not asked for", "超出申请字段")
        for at, name in enumerate(narrowed.fields or ())
        if name not in asked.fields
    ]
    constraints = narrowed.parameters or {}
    faults += _constraint_faults("/narrowed/parameters", constraints, description)
    for name, constraint in constraints.items():
        if name in asked.parameters and not constraint.is_within(asked.parameters[name]):
            faults.append(
                FieldFault(f"/narrowed/parameters/{name}", "wider than asked", "超出申请的参数范围")
            )
    if narrowed.daily_quota is not None and narrowed.daily_quota > asked.daily_quota:
        faults.append(FieldFault("/narrowed/daily_quota", "more than asked", "超出申请的配额"))
    if narrowed.valid_until is not None and not asked.valid_from <= narrowed.valid_until <= asked.valid_until:
        faults.append(FieldFault("/narrowed/valid_until", "outside the period asked for", "超出申请的时限"))
    return faults
