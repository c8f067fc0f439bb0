"""What of a change may go to whom: what a call under the grant would give, masked like there, and nothing more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import orjson

from gateway.authz import Allowed, Call, Grant, compiled, decide
from gateway.authz.grants.decide import standing
from gateway.authz.grants.denials import QuotaUsedUp, RateExceeded
from gateway.catalog import Description, Resource
from gateway.errors import FieldFault, GatewayError
from gateway.exchange.admission import obstacle
from gateway.exchange.project import value_of
from gateway.exchange.projection import Projection
from gateway.storage import Connection
from gateway.subscriptions.refusals import SubscriptionNotPossible
from gateway.web.outbound import UpstreamInvalid


def check_possible(grant: Grant, what: Description) -> None:
    """Changes come when they happen, and nobody stands at a counter.

    Raises:
        SubscriptionNotPossible: the grant or the resource asks for something only a call can give.
    """
    rules = grant.terms.rules
    if rules.case_required or rules.operator_required:
        raise SubscriptionNotPossible(
            "the grant asks for a case or an operator with every call", "授权要求每次调用注明办件编号或操作人"
        )
    if what.consent_required:
        raise SubscriptionNotPossible(
            "the resource asks for a consent with every call", "该资源要求每次调用注明当事人授权同意"
        )
    if rules.hours is not None:
        raise SubscriptionNotPossible("the grant is bound to hours", "授权限定了调用时段")
    if what.licence is not None:
        raise SubscriptionNotPossible("licences are asked for one by one", "电子证照须逐件查询")


def record_faults(what: Description, record: Mapping[str, str]) -> list[FieldFault]:
    """What is wrong with a published record: it is made of the resource's items, each of its type."""
    faults = []
    for name in record:
        item = what.item(name)
        if item is None:
            faults.append(FieldFault(f"/record/{name}", "not an item of the resource", "该资源没有此信息项"))
            continue
        try:
            value_of(record, item, {})
        except UpstreamInvalid as wrong:
            faults.append(FieldFault(f"/record/{name}", wrong.detail, wrong.detail_zh))
    return faults


def parameter_faults(what: Description, given: Mapping[str, str]) -> list[FieldFault]:
    """What is wrong with the parameters of a change."""
    known, faults = {one.name: one for one in what.parameters}, []
    for name, value in given.items():
        if name not in known:
            faults.append(
                FieldFault(f"/parameters/{name}", "not a parameter of this service", "该服务没有此参数")
            )
        elif fault := known[name].fault(value):
            faults.append(FieldFault(f"/parameters/{name}", fault, "参数取值不正确"))
    return faults


def carried(
    grant: Grant, resource: Resource, parameters: Mapping[str, str], record: Mapping[str, str], now: datetime
) -> tuple[tuple[str, ...], bytes] | None:
    """The granted fields of a change and their JSON, masked; None if the grant lets nothing of it out."""
    plan = compiled(grant, resource.description)
    call = Call(grant.client_id, grant.service, grant.purpose, parameters, None, grant.terms.matter)
    verdict = decide(plan, call, now)
    if not isinstance(verdict, Allowed):
        return None
    fields = tuple(name for name in verdict.fields if name in record)
    if not fields:
        return None
    projection = Projection(replace(resource, mount=None), fields, tuple(grant.terms.rules.masked), 1)
    return fields, orjson.dumps(orjson.loads(projection.of_records([record]).records)[0])


async def hindrance(
    tx: Connection, grant: Grant | None, resource: Resource, now: datetime
) -> GatewayError | None:
    """Why nothing may leave under a grant at this instant; None if nothing hinders. Messages take no quota."""
    if grant is None:
        return SubscriptionNotPossible("the grant is gone", "授权已不存在")
    found = standing(compiled(grant, resource.description), now) or await obstacle(tx, grant.id, now)
    return None if isinstance(found, QuotaUsedUp | RateExceeded) else found
