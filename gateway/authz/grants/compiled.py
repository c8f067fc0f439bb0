"""A grant and the description it is for, turned once into what deciding a call needs.

Compiled when a plan is loaded, not per call: periods become instants, lists become sets, and each parameter gets its
check and its bound in one place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from gateway.authz.grants.constraint import Constraint
from gateway.authz.grants.denials import CoreData, GrantOutdated, ResourceNotShared
from gateway.authz.grants.model import Grant, GrantState
from gateway.catalog import Description, SharingClass
from gateway.catalog.description import Grade, Parameter, ParameterKind
from gateway.deadlines import SHANGHAI
from gateway.errors import GatewayError
from gateway.names import is_org_code

_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
_ORG_CODE_LENGTH: Final = 18
_FOREVER: Final = datetime.max.replace(tzinfo=UTC)

Fault = Callable[[str], str]
"""Why a text is no value of a parameter; empty if it is one."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The call may be made; these fields may leave, in the order of the description."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What of the resource itself forbids every call: the refusal and its two texts."""

    kind: type[GatewayError]
    detail: str
    detail_zh: str

    def denial(self) -> GatewayError:
        """A refusal to raise; a new one each time, because raising writes into it."""
        return self.kind(self.detail, self.detail_zh)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A grant ready to decide calls.

    Attributes:
        begins, ends: the period as instants; ``ends`` is the first that is too late.
        consent_required: the resource asks for the consent of the person a call is about.
        hours: minutes since midnight in Asia/Shanghai, from and before; None for the whole day.
        is_particular: matter, case, operator, consent, hours or obstacle stand against some calls; most grants have none.
        checks: every parameter of the service with its check.
        required: the parameters a call must give.
        bounds: the parameters the grant bounds.
        granted: all fields of the grant; ``order`` those the resource still has and shares, in its order.
        everything: the verdict for a call that names no fields.
    """

    grant: Grant
    is_active: bool
    begins: datetime
    ends: datetime
    matter: str | None
    case_required: bool
    operator_required: bool
    consent_required: bool
    hours: tuple[int, int] | None
    obstacle: Obstacle | None
    is_particular: bool
    checks: dict[str, Fault]
    required: tuple[str, ...]
    bounds: tuple[tuple[str, Callable[[str], bool]], ...]
    granted: frozenset[str]
    order: tuple[str, ...]
    everything: Allowed


def compiled(grant: Grant, description: Description, region: str = "") -> Compiled:
    """Compile a grant for the version of the resource that ``description`` describes; never raises.

    Args:
        region: the calling department's division code; without it nothing bound to the own region is allowed.
    """
    terms, rules = grant.terms, grant.terms.rules
    granted = frozenset(terms.fields)
    order = tuple(
        item.name
        for item in description.items
        if item.name in granted and description.class_of(item) is not SharingClass.NOT_SHARED
    )
    hours, obstacle = rules.hours.minutes() if rules.hours else None, _obstacle(grant, description, order)
    named = terms.matter is not None or rules.case_required or rules.operator_required
    consent = description.consent_required
    return Compiled(
        grant=grant,
        is_active=grant.state is GrantState.ACTIVE,
        begins=_midnight(terms.valid_from, _ALWAYS),
        ends=_FOREVER if terms.valid_until == date.max else _midnight(terms.valid_until + timedelta(1), _FOREVER),
        matter=terms.matter,
        case_required=rules.case_required,
        operator_required=rules.operator_required,
        consent_required=consent,
        hours=hours,
        obstacle=obstacle,
        is_particular=named or consent or hours is not None or obstacle is not None,
        checks={each.name: _check_of(each) for each in description.parameters},
        required=tuple(each.name for each in description.parameters if each.required),
        bounds=tuple((name, _allows(bound, region)) for name, bound in terms.parameters.items()),
        granted=granted,
        order=order,
        everything=Allowed(order),
    )  # fmt: skip


def _midnight(day: date, beyond: datetime) -> datetime:
    """The first instant of a day in Asia/Shanghai, in UTC; ``beyond`` where no instant can say it."""
    try:
        return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)
    except OverflowError:
        return beyond


def _obstacle(grant: Grant, description: Description, order: tuple[str, ...]) -> Obstacle | None:
    if description.sharing_class is SharingClass.NOT_SHARED:
        basis = description.not_shared_basis
        cited = basis.citation if basis else ""
        return Obstacle(ResourceNotShared, f"not shared: {cited}", f"不予共享：{cited}")
    if description.grade is Grade.CORE:
        return Obstacle(CoreData, "the resource is graded core", "该资源分级为核心")
    declared = {each.name for each in description.parameters}
    if gone := sorted(grant.terms.parameters.keys() - declared):
        said = ", ".join(gone)[:200]
        return Obstacle(
            GrantOutdated, f"the service has no parameter {said} any more", f"服务已无参数 {said}"
        )
    if not order:
        return Obstacle(
            GrantOutdated, "the resource has none of the granted fields any more", "资源已无任何已授权字段"
        )
    return None


def _check_of(parameter: Parameter) -> Fault:
    """What the description says of a value; the commonest kind is asked without its detours."""
    if parameter.kind is ParameterKind.ORG_CODE and parameter.longest >= _ORG_CODE_LENGTH:
        return lambda value: "" if is_org_code(value) else parameter.fault(value)
    return parameter.fault


def _allows(bound: Constraint, region: str) -> Callable[[str], bool]:
    if bound.values is not None:
        return frozenset(bound.values).__contains__
    if bound.is_prefix:
        prefix = bound.prefix or ""
        return lambda value: value.startswith(prefix)
    return lambda value: bound.allows(value, region)
