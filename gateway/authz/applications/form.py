"""The form of an application (共享申请表), as Decree 809 Art. 20 asks for it, and what can be wrong with it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.authz.grants.model import Constraint, Terms
from gateway.catalog import Description, ModeKind, SharingClass
from gateway.catalog.description import FieldName
from gateway.errors import FieldFault
from gateway.web import Code, Day, Line, Model, Note, Slug


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


def form_faults(form: Form, description: Description, today: date) -> list[FieldFault]:
    """What is wrong with a form for this resource; empty if it may be filed."""
    faults = _field_faults(form.fields, description)
    faults += constraint_faults("/parameters", form.parameters, description)
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
    faults = []
    for at, name in enumerate(fields):
        item = description.item(name)
        if item is None:
            faults.append(FieldFault(f"/fields/{at}", "not an item of the resource", "该资源没有此信息项"))
        elif description.class_of(item) is SharingClass.NOT_SHARED and (basis := description.basis_of(item)):
            faults.append(
                FieldFault(
                    f"/fields/{at}",
                    f"{name} is not shared, by {basis.citation}: {basis.reason}",
                    f"“{item.title}”不予共享，依据{basis.citation}：{basis.reason}",
                )
            )
    return faults


def constraint_faults(
    place: str, constraints: Mapping[str, Constraint], description: Description
) -> list[FieldFault]:
    """What is wrong with bounds of parameters; ``place`` is the pointer of the object that holds them."""
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
