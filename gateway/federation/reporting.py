"""目录级联, 资源级联: queues what the catalogue published or withdrew since the last look, once per version.

Looks at the catalogue instead of being told by it, so that nothing is missed while this part is not running.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog, EventType
from gateway.catalog import Catalog, Resource, State, TableMount
from gateway.federation import shapes, store
from gateway.federation.evidence import SELF, cascade_event
from gateway.federation.model import Cascade, CascadeState, Flow, Told
from gateway.federation.platforms import Platform, Platforms
from gateway.federation.store import AlreadyCascaded
from gateway.names import OrgCode, ResourceId, new_id
from gateway.storage import Connection, Database

_AT_ONCE: Final = 50


class Reporting:
    """Queues reports. ``calls_url`` is where upper platforms reach this gateway's services, None for nowhere;
    ``name_of`` gives a department's name.
    """  # fmt: skip

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        catalog: Catalog,
        platforms: Platforms,
        calls_url: str | None,
        name_of: Callable[[OrgCode], Awaitable[str]],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._catalog = catalog
        self._platforms = platforms
        self._calls_url = calls_url
        self._name_of = name_of
        self._now = now

    async def look(self) -> int:
        """Queue what enabled platforms have not been told of; how many entries were looked at."""
        looked = 0
        for platform in self._platforms.enabled:
            if not platform.report_catalogue:
                continue
            async with self._database.connection() as connection:
                found = await store.unreported(connection, platform.id, _AT_ONCE)
            for resource in found:
                await self._queue(platform, resource)
            looked += len(found)
        return looked

    async def _queue(self, platform: Platform, resource_id: ResourceId) -> None:
        """One entry and what is mounted behind it; somebody who was faster has done it already."""
        async with self._database.connection() as connection:
            org = (await self._catalog.at(connection, resource_id)).provider_org
        name = await self._name_of(org)
        try:
            async with self._database.transaction() as tx:
                resource = await self._catalog.at(tx, resource_id)
                for flow, payload in self._told(platform, resource, name):
                    await self._add(tx, platform, resource, flow, payload)
        except AlreadyCascaded:
            return

    def _told(self, platform: Platform, resource: Resource, name: str) -> list[tuple[Flow, dict[str, Any]]]:
        told = [(Flow.CATALOGUE, shapes.catalogue_entry(resource, name))]
        live = resource.state is State.PUBLISHED and resource.mount is not None
        if not platform.report_resources or not live:
            return told
        if isinstance(resource.mount, TableMount) and Flow.TABLE in platform.operations:
            told.append((Flow.TABLE, shapes.table(resource, name)))
        elif self._calls_url is not None and Flow.SERVICE in platform.operations:
            told.append((Flow.SERVICE, shapes.service(resource, name, self._calls_url)))
        return told

    async def _add(
        self, tx: Connection, platform: Platform, resource: Resource, flow: Flow, payload: dict[str, Any]
    ) -> None:
        now = self._now()
        new = Cascade(
            id=new_id(), platform=platform.id, flow=flow, scope=f"resource:{resource.description.code}",
            object_id=resource.description.code, object_version=resource.version, org=resource.provider_org,
            payload=payload, state=CascadeState.QUEUED, attempts=0, next_at=now, fault="", told=Told(),
            started_by="cascade", started_at=now, reported_at=None, answered_at=None, cause=resource.cause,
        )  # fmt: skip
        written = await self._log.emit(tx, cascade_event(EventType.CASCADE_STARTED, SELF, new))
        await store.add(tx, new, written)
