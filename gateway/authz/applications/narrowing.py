"""What an approval may change of what was asked: it can only narrow."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.authz.applications.form import constraint_faults
from gateway.authz.grants.constraint import Constraint
from gateway.authz.grants.model import CallRules, Terms
from gateway.catalog import Description
from gateway.catalog.description import FieldName
from gateway.errors import FieldFault
from gateway.web import Day, Model


class Narrowed(Model):
    """What an approval changes; what is left out stays as asked. It can only narrow."""

    fields: Annotated[list[FieldName], Field(min_length=1, max_length=200)] | None = None
    parameters: dict[FieldName, Constraint] | None = None
    daily_quota: Annotated[int, Field(ge=1, le=10000000)] | None = None
    valid_until: Day | None = None
    rules: CallRules | None = None
    """How calls must be made: hours, rate, what each call must name."""

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


def widenings(narrowed: Narrowed, asked: Terms, description: Description) -> list[FieldFault]:
    """Where an approval would give more than was asked, or bounds the resource has no place for; it must not."""
    faults = [
        FieldFault(f"/narrowed/fields/{at}", "was not asked for", "超出申请字段")
        for at, name in enumerate(narrowed.fields or ())
        if name not in asked.fields
    ]
    constraints = narrowed.parameters or {}
    faults += constraint_faults("/narrowed/parameters", constraints, description)
    for name, constraint in constraints.items():
        if name in asked.parameters and not constraint.is_within(asked.parameters[name]):
            faults.append(
                FieldFault(f"/narrowed/parameters/{name}", "wider than asked", "超出申请的参数范围")
            )
    if narrowed.daily_quota is not None and narrowed.daily_quota > asked.daily_quota:
        faults.append(FieldFault("/narrowed/daily_quota", "more than asked", "超出申请的配额"))
    left = narrowed.fields if narrowed.fields is not None else asked.fields
    masked = narrowed.rules.masked if narrowed.rules is not None else []
    faults += [
        FieldFault(f"/narrowed/rules/masked/{at}", "is not among the granted fields", "不在授权字段之内")
        for at, name in enumerate(masked)
        if name not in left
    ]
    if narrowed.valid_until is not None and not asked.valid_from <= narrowed.valid_until <= asked.valid_until:
        faults.append(FieldFault("/narrowed/valid_until", "outside the period asked for", "超出申请的时限"))
    return faults
