"""Trying the mount of an entry: one act, one audit record; nothing is stored."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from gateway.audit import AuditLog, EventType
from gateway.audit.model import JSON
from gateway.catalog.acts import Acts, MustNotEnter, event
from gateway.catalog.description import DataItem
from gateway.catalog.model import Resource
from gateway.catalog.mount import BucketMount, TableMount
from gateway.catalog.service import Catalog
from gateway.catalog.trials.model import Trial, judged, parameter_faults
from gateway.errors import Conflict, GatewayError, Invalid, NotFound, Unavailable, Upstream
from gateway.identity import Role
from gateway.names import ResourceId
from gateway.storage import Database
from gateway.web import Principal


class Source(Protocol):
    """Reads from where a resource is mounted, as a call would; made by the room that makes calls."""

    async def sample(
        self, resource: Resource, dsn: str | None, parameters: Mapping[str, str]
    ) -> Sequence[Mapping[str, Any]] | None:
        """The records for these parameters; None of a file that is given as it is. Raises Upstream, NotFound, Unavailable."""

    def value(self, item: DataItem, record: Mapping[str, Any], sources: Mapping[str, str]) -> Any:
        """The value of an item as a call would release it; raises Upstream."""


class NotMounted(Conflict):
    """The resource is not mounted（资源尚未挂接）."""

    remedy = ("PUT its mount first, then test it.", "请先提交挂接信息，再进行测试。")


class Trials(Acts):
    """The act of trying a mount."""

    def __init__(
        self, database: Database, log: AuditLog, now: Callable[[], datetime], catalog: Catalog, source: Source
    ) -> None:
        super().__init__(database, log, now)
        self._catalog = catalog
        self._source = source

    async def run(self, actor: Principal, resource: ResourceId, parameters: Mapping[str, str]) -> Trial:
        """Ask the source of an entry of the own department with sample parameters.

        Raises:
            NotMounted, MustNotEnter.
            Invalid: the parameters are not those of the description.
        """
        async with self._database.transaction() as tx:
            found = await self._own(tx, actor, resource)
        if found.description.must_not_enter is not None:
            raise MustNotEnter(
                "the resource is marked as a secret and is not read", "该资源已标注涉密，不得读取"
            )
        if found.mount is None:
            raise NotMounted("there is nothing to test", "没有可测试的挂接")
        if faults := parameter_faults(found.description, parameters):
            raise Invalid(*faults)
        trial = await self._tried(found, parameters)
        told: dict[str, JSON] = {
            "records": trial.records,
            "misfits": [f"{one.code} {one.item}".strip() for one in trial.misfits],
            "problem": trial.problem.slug() if trial.problem else "",
        }
        await self._log.append(
            event(
                EventType.RESOURCE_TRIED, actor, Role.PROVIDER, resource, found.provider_org, found.version,
                found.description, cause=found, more=told,
            )
        )  # fmt: skip
        return trial

    async def _tried(self, found: Resource, parameters: Mapping[str, str]) -> Trial:
        has_secret = isinstance(found.mount, TableMount | BucketMount)
        dsn = self._catalog.address_of(found) if has_secret else None
        sources = found.mount.sources if found.mount is not None else {}
        try:
            records = await self._source.sample(found, dsn, parameters)
            if records is None:
                return Trial(1, [], [])
            return judged(records, found.description, sources, self._source.value)
        except (Upstream, Invalid, NotFound, Unavailable) as problem:
            fault: GatewayError = problem
            return Trial(0, [], [], fault)
