"""The decision on one call: a pure function of a compiled grant, the call and the instant.

No I/O, no clock; the same rules in the same order serve calls, dry runs and explanations. What only the database can
say (is the grant still in force at this instant, is quota left) is asked in the same step that uses quota up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from gateway.authz.grants.compiled import Allowed, Compiled
from gateway.authz.grants.denials import (
    CaseMissing,
    ConsentMissing,
    FieldOutsideGrant,
    FieldWithdrawn,
    GrantEnded,
    GrantExpired,
    GrantNotYetValid,
    GrantRevoked,
    GrantSuspended,
    OperatorMissing,
    OutsideHours,
    ParameterOutsideGrant,
    ParameterWrong,
    SuspendedByAuthority,
    WrongClient,
    WrongMatter,
    WrongPurpose,
    WrongService,
)
from gateway.authz.grants.model import GrantState, Side
from gateway.errors import FieldFault, GatewayError


class Call(NamedTuple):
    """What a caller wants: ``fields`` None means all granted ones; ``parameters`` are texts as sent.

    A tuple, as whatever every call makes: a frozen dataclass costs four times as much to make.
    """

    client_id: str
    service: str
    purpose: str
    parameters: Mapping[str, str]
    fields: tuple[str, ...] | None = None
    matter: str | None = None
    case: str | None = None
    operator: str | None = None
    consent: str | None = None


# Asia/Shanghai has kept this offset since 1991-09-15 (tzdata); asking the zone costs several times as much.
_AHEAD_OF_UTC_MINUTES: Final = 8 * 60
_DAY_MINUTES: Final = 24 * 60

Rule = Callable[[Compiled, Call, datetime], GatewayError | None]


def decide(plan: Compiled, call: Call, now: datetime) -> Allowed | GatewayError:
    """Allow, or the refusal to raise: that of the first rule broken.

    Args:
        now: the present instant with its zone.

    Returns:
        ``Allowed``, or an instance of one of the classes in ``denials``; never raises for any input of these types.
    """
    for rule in _ALWAYS:
        if denial := rule(plan, call, now):
            return denial
    if plan.is_particular:
        for rule in _PARTICULAR:
            if denial := rule(plan, call, now):
                return denial
    for rule in _OF_THE_CALL:
        if denial := rule(plan, call, now):
            return denial
    return _allowed(plan, call)


def standing(plan: Compiled, now: datetime) -> GatewayError | None:
    """Why no call at all would be allowed at this instant, or None."""
    for rule in _STANDING_RULES:
        if denial := rule(plan, _NO_CALL, now):
            return denial
    return None


@dataclass(frozen=True, slots=True)
class Step:
    """One rule, and what it has to say against a call; None if the call keeps it."""

    rule: str
    denial: GatewayError | None


def explain(plan: Compiled, call: Call, now: datetime) -> tuple[Step, ...]:
    """Every rule in order, each tried by itself; the first broken one is what :func:`decide` refuses for."""
    return tuple(Step(name, rule(plan, call, now)) for name, rule in RULES.items())


def _state(plan: Compiled, _call: Call, _now: datetime) -> GatewayError | None:
    if plan.is_active:
        return None
    because = plan.grant.because
    if plan.grant.state is GrantState.REVOKED:
        return GrantRevoked(f"revoked: {because}", f"已撤销：{because}")
    if plan.grant.state is GrantState.ENDED:
        return GrantEnded(f"ended: {because}", f"已结束：{because}")
    if plan.grant.held_by is Side.AUTHORITY:
        return SuspendedByAuthority(f"suspended: {because}", f"已暂停：{because}")
    return GrantSuspended(f"suspended: {because}", f"已暂停：{because}")


def _period(plan: Compiled, _call: Call, now: datetime) -> GatewayError | None:
    if plan.begins <= now < plan.ends:
        return None
    terms = plan.grant.terms
    if now < plan.begins:
        return GrantNotYetValid(f"valid from {terms.valid_from}", f"自 {terms.valid_from} 起生效")
    return GrantExpired(f"valid until {terms.valid_until}", f"有效期至 {terms.valid_until}")


def _client(plan: Compiled, call: Call, _now: datetime) -> GatewayError | None:
    granted = plan.grant.client_id
    if call.client_id == granted:
        return None
    return WrongClient(f"the grant is for {granted}", f"授权属于 {granted}")


def _service(plan: Compiled, call: Call, _now: datetime) -> GatewayError | None:
    granted = plan.grant.service
    if call.service == granted:
        return None
    return WrongService(f"the grant is for {granted}", f"授权适用于 {granted}")


def _purpose(plan: Compiled, call: Call, _now: datetime) -> GatewayError | None:
    granted = plan.grant.purpose
    if call.purpose == granted:
        return None
    return WrongPurpose(f"the granted purpose is {granted}", f"授权场景为 {granted}")


def _matter(plan: Compiled, call: Call, _now: datetime) -> GatewayError | None:
    granted = plan.matter
    if granted is None or call.matter == granted:
        return None
    return WrongMatter(f"the granted matter is {granted}", f"授权事项为 {granted}")


def _naming(plan: Compiled, call: Call, _now: datetime) -> GatewayError | None:
    """事项编码 + 办件编号 + 操作人: what makes one call traceable to one case; and 授权同意 where the resource needs it."""
    if plan.case_required and not call.case:
        return CaseMissing("the grant asks for a case with every call", "授权要求每次调用注明办件编号")
    if plan.operator_required and not call.operator:
        return OperatorMissing("the grant asks for an operator with every call", "授权要求每次调用注明操作人")
    if plan.consent_required and not call.consent:
        return ConsentMissing(
            "the resource asks for the consent of the person with every call",
            "该资源要求每次调用注明当事人授权同意",
        )
    return None


def _hours(plan: Compiled, _call: Call, now: datetime) -> GatewayError | None:
    if plan.hours is None:
        return None
    start, end = plan.hours
    utc = now.astimezone(UTC)
    if start <= (utc.hour * 60 + utc.minute + _AHEAD_OF_UTC_MINUTES) % _DAY_MINUTES < end:
        return None
    said = f"{start // 60:02}:{start % 60:02}–{end // 60:02}:{end % 60:02}"
    return OutsideHours(f"calls are granted {said}", f"授权调用时段为 {said}")


def _resource(plan: Compiled, _call: Call, _now: datetime) -> GatewayError | None:
    return None if plan.obstacle is None else plan.obstacle.denial()


def _form(plan: Compiled, call: Call, _now: datetime) -> GatewayError | None:
    """Each parameter known, each required one there, each value well formed; all faults at once."""
    given, checks = call.parameters, plan.checks
    for name, value in given.items():
        check = checks.get(name)
        if check is None or check(value):
            return _malformed(plan, call)
    for name in plan.required:
        if name not in given:
            return _malformed(plan, call)
    return None


def _malformed(plan: Compiled, call: Call) -> GatewayError:
    faults = [
        FieldFault(f"/parameters/{_escaped(name)}", "not a parameter of this service", "该服务没有此参数")
        for name in call.parameters
        if name not in plan.checks
    ]
    for name, check in plan.checks.items():
        if name not in call.parameters:
            if name in plan.required:
                faults.append(FieldFault(f"/parameters/{name}", "this parameter is required", "缺少必填参数"))
        elif fault := check(call.parameters[name]):
            faults.append(FieldFault(f"/parameters/{name}", fault, "参数取值不正确"))
    return ParameterWrong(*faults)


def _escaped(name: str) -> str:
    """As a step of a JSON pointer (RFC 6901 section 3); a name nobody declared can hold any sign."""
    return name.replace("~", "~0").replace("/", "~1")


def _bounds(plan: Compiled, call: Call, _now: datetime) -> GatewayError | None:
    for name, allows in plan.bounds:
        value = call.parameters.get(name)
        if value is None or not allows(value):
            return ParameterOutsideGrant(
                f"the grant does not allow this value of {name}",
                f"授权不允许参数 {name} 的该取值",
                parameter=name,
            )
    return None


def _fields(plan: Compiled, call: Call, _now: datetime) -> GatewayError | None:
    if call.fields is None:
        return None
    wanted = frozenset(call.fields)
    if outside := sorted(wanted - plan.granted):
        said = ", ".join(outside)[:200]
        return FieldOutsideGrant(f"not granted: {said}", f"未授权字段：{said}", granted=sorted(plan.granted))
    if gone := sorted(wanted.difference(plan.order)):
        said = ", ".join(gone)
        return FieldWithdrawn(f"the resource no longer has: {said}", f"资源已不含字段：{said}")
    return None


def _allowed(plan: Compiled, call: Call) -> Allowed:
    if call.fields is None:
        return plan.everything
    wanted = call.fields
    return Allowed(tuple(name for name in plan.order if name in wanted))


_EVERY_PLAN: Final[Mapping[str, Rule]] = {
    "state": _state,
    "period": _period,
    "client": _client,
    "service": _service,
    "purpose": _purpose,
}
_PARTICULAR_PLANS: Final[Mapping[str, Rule]] = {
    "matter": _matter,
    "case, operator, consent": _naming,
    "hours": _hours,
    "resource": _resource,
}
_EVERY_CALL: Final[Mapping[str, Rule]] = {
    "form of parameters": _form,
    "bounds of parameters": _bounds,
    "fields": _fields,
}
RULES: Final[Mapping[str, Rule]] = {**_EVERY_PLAN, **_PARTICULAR_PLANS, **_EVERY_CALL}
"""All rules by name, in the order in which they are tried: what stands first is nearest to the grant itself."""

_ALWAYS: Final = tuple(_EVERY_PLAN.values())
_PARTICULAR: Final = tuple(_PARTICULAR_PLANS.values())
_OF_THE_CALL: Final = tuple(_EVERY_CALL.values())
_STANDING_RULES: Final = (_state, _period, _hours, _resource)
_NO_CALL: Final = Call("", "", "", {})
