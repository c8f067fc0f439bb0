"""Addresses of alerts."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.alerts.service import AlertAcknowledged, Alerts, NoSuchAlert
from gateway.alerts.wire import Acknowledgement, AlertQuery, AlertShown, RuleList, RuleShown
from gateway.audit import AuditUnavailable
from gateway.identity import Role
from gateway.web import Ask, Page, Reply, Route


async def list_audit_alerts(alerts: Alerts, ask: Ask[AlertQuery]) -> Reply:
    after, given = ask.after(), ask.given
    found = await alerts.listed(
        ask.principal, given.status == "open", UUID(after) if after else None, given.limit + 1
    )
    return ask.page(found, lambda one: str(one.id), AlertShown.of)


async def acknowledge_audit_alert(alerts: Alerts, ask: Ask[Acknowledgement]) -> Reply:
    done = await alerts.acknowledge(ask.principal, ask.uuid("alert_id"), ask.given.note)
    return Reply(AlertShown.of(done))


async def list_alert_rules(alerts: Alerts, ask: Ask[None]) -> Reply:
    return Reply(RuleList(items=[RuleShown.of(rule) for rule in alerts.rules]))


_READ: Final = frozenset({Role.AUDITOR, Role.SECURITY_ADMIN, Role.PLATFORM_ADMIN})
_route = partial(Route, tag="audit")

ROUTES: Final = [
    _route("GET", "/v1/audit/alerts", list_audit_alerts, _READ, "Alerts on the audit log", "审计告警",
           given=AlertQuery, returns=Page[AlertShown], problems=(AuditUnavailable,)),
    _route("POST", "/v1/audit/alerts/{alert_id}/acknowledge", acknowledge_audit_alert, frozenset({Role.SECURITY_ADMIN}),
           "Acknowledge an alert, saying what it was", "确认审计告警", given=Acknowledgement, returns=AlertShown,
           problems=(NoSuchAlert, AlertAcknowledged)),
    _route("GET", "/v1/audit/alert-rules", list_alert_rules, _READ, "The rules alerts follow from", "审计告警规则",
           returns=RuleList),
]  # fmt: skip
