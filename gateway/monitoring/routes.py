"""Addresses of this room: reading only; what changes it are probes and calls."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.catalog import NoSuchResource
from gateway.monitoring.service import Monitor
from gateway.monitoring.wire import AlarmQuery, AlarmShown, HealthShown, MonitorQuery
from gateway.names import ResourceId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route


async def list_monitored_resources(monitor: Monitor, ask: Ask[MonitorQuery]) -> Reply:
    found = await monitor.resources(ask.principal, ask.given.state, ask.after(), ask.given.limit + 1)
    return ask.page(found, lambda one: one.code, lambda one: HealthShown.of(one, monitor.policy))


async def show_monitored_resource(monitor: Monitor, ask: Ask[None]) -> Reply:
    found = await monitor.resource(ask.principal, ResourceId(ask.uuid("resource_id")))
    return Reply(HealthShown.of(found, monitor.policy))


async def list_alarms(monitor: Monitor, ask: Ask[AlarmQuery]) -> Reply:
    after, given = ask.after(), ask.given
    found = await monitor.alarms(
        ask.principal, given.status == "open", given.side, UUID(after) if after else None, given.limit + 1
    )
    return ask.page(found, lambda one: str(one.id), AlarmShown.of)


_route = partial(Route, "GET", access=SIGNED_IN, tag="monitoring")

ROUTES: Final = [
    _route("/v1/monitor/resources", list_monitored_resources, summary="How the published resources do",
           summary_zh="共享服务运行监测", given=MonitorQuery, returns=Page[HealthShown]),
    _route("/v1/monitor/resources/{resource_id}", show_monitored_resource, summary="How a published resource does",
           summary_zh="查看单个资源运行状况", returns=HealthShown, problems=(NoSuchResource,)),
    _route("/v1/monitor/alarms", list_alarms, summary="Alarms, each with the side at fault", summary_zh="告警及故障责任方",
           given=AlarmQuery, returns=Page[AlarmShown]),
]  # fmt: skip
