"""The decision on one call: a pure function of grant, description, call and day.

No I/O, no clock; the same function serves calls, dry runs and explanations. What only the database can say (is
the grant still in force at this instant, is quota left) is asked in the same step that uses quota up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gateway.authz.grants.denials import (
    FieldOutsideGrant,
    GrantExpired,
    GrantNotYetValid,
    GrantRevoked,
    GrantSuspended,
    ParameterOutsideGrant,
    ParameterWrong,
    WrongClient,
    WrongMatter,
    WrongPurpose,
    WrongService,
)
from gateway.authz.grants.model import Grant, GrantState
from gateway.catalog import Description
from gateway.errors import FieldFault, GatewayError


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller wants: ``fields`` None means all granted ones; ``parameters`` are texts as sent."""

    client_id: str
    service: str
    purpose: str
    parameters: Mapping[str, str]
    fields: tuple[str, ...] | None = None
    matter: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The call may be made; these fields may leave, in the order of the description."""

    fields: tuple[str, ...]


def decide(grant: Grant, description: Description, call: Call, today: date) -> Allowed | GatewayError:
    """Allow, or the refusal to raise.

    Args:
        today: the day in Asia/Shanghai.

    Returns:
        ``Allowed``, or an instance of one of the classes in ``denials``; never raises for any input of these types.
    """
    return (
        _standing(grant, today)
        or _binding(grant, call)
        or _parameters(grant, description, call)
        or _fields(grant, description, call)
    )


def _standing(grant: Grant, today: date) -> GatewayError | None:
    if grant.state is GrantState.REVOKED:
        return GrantRevoked(f"revoked: {grant.because}", f"已撤销：{grant.because}")
    if grant.state is GrantState.SUSPENDED:
        return GrantSuspended(f"suspended: {grant.because}", f"已暂停：{grant.because}")
    if today < grant.terms.valid_from:
        return GrantNotYetValid(f"valid from {grant.terms.valid_from}", f"自 {grant.terms.valid_from} 起生效")
    if today > grant.terms.valid_until:
        return GrantExpired(f"valid until {grant.terms.valid_until}", f"有效期至 {grant.terms.valid_until}")
    return None


def _binding(grant: Grant, call: Call) -> GatewayError | None:
    if call.client_id != grant.client_id:
        return WrongClient(f"the grant is for {grant.client_id}", f"授权属于 {grant.client_id}")
    if call.service != grant.service:
        return WrongService(f"the grant is for {grant.service}", f"授权适用于 {grant.service}")
    if call.purpose != grant.purpose:
        return WrongPurpose(f"the granted purpose is {grant.purpose}", f"授权场景为 {grant.purpose}")
    if grant.terms.matter is not None and call.matter != grant.terms.matter:
        return WrongMatter(f"the granted matter is {grant.terms.matter}", f"授权事项为 {grant.terms.matter}")
    return None


def _parameters(grant: Grant, description: Description, call: Call) -> GatewayError | None:
    declared = {parameter.name: parameter for parameter in description.parameters}
    faults = [
        FieldFault(f"/parameters/{_escaped(name)}", "not a parameter of this service", "该服务没有此参数")
        for name in call.parameters
        if name not in declared
    ]
    for name, parameter in declared.items():
        if name not in call.parameters:
            if parameter.required:
                faults.append(FieldFault(f"/parameters/{name}", "this parameter is required", "缺少必填参数"))
        elif fault := parameter.fault(call.parameters[name]):
            faults.append(FieldFault(f"/parameters/{name}", fault, "参数取值不正确"))
    if faults:
        return ParameterWrong(*faults)
    for name, constraint in grant.terms.parameters.items():
        if name not in call.parameters or not constraint.allows(call.parameters[name]):
            return ParameterOutsideGrant(
                f"the grant does not allow this value of {name}",
                f"授权不允许参数 {name} 的该取值",
                parameter=name,
            )
    return None


def _escaped(name: str) -> str:
    """As a step of a JSON pointer (RFC 6901 section 3); a name nobody declared can hold any sign."""
    return name.replace("~", "~0").replace("/", "~1")


def _fields(grant: Grant, description: Description, call: Call) -> Allowed | GatewayError:
    granted = frozenset(grant.terms.fields)
    wanted = granted if call.fields is None else frozenset(call.fields)
    if outside := sorted(wanted - granted):
        return FieldOutsideGrant(
            f"not granted: {', '.join(outside)[:200]}", f"未授权字段：{', '.join(outside)[:200]}",
            granted=sorted(granted),
        )  # fmt: skip
    return Allowed(tuple(item.name for item in description.items if item.name in wanted))
