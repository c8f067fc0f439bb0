"""Plans: a grant with its resource, ready to serve calls.

A process keeps the plans it has used, each compiled once and never changed. A change of the grant, of its application
system or of its resource drops the plan (``changes``), so that the next call reads it anew; a process that has not heard
for thirty seconds whether anything changed admits nothing.
"""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakValueDictionary

from gateway.audit import SubjectKind
from gateway.authz import Compiled, Grant, Grants, compiled
from gateway.catalog import BucketMount, Catalog, Description, ParameterKind, Resource, TableMount
from gateway.exchange import store
from gateway.exchange.changes import Changes
from gateway.names import GrantId
from gateway.storage import Connection, Database

_MOST: Final = 10000
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call under one grant needs; ``dsn`` is the mount's secret: of tables and stores.

    ``subjects`` are the parameters that name whom a call is about, in the order of the description; ``masked`` the fields
    that leave masked only; ``is_live`` says that neither the application system is disabled nor the resource withdrawn;
    ``made`` is what connectors made for calls under this plan, by the fields wanted.
    """

    grant: Grant
    resource: Resource
    compiled: Compiled
    personal: frozenset[str]
    subjects: tuple[tuple[str, SubjectKind], ...]
    dsn: str | None
    masked: tuple[str, ...]
    is_live: bool
    made: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def versions(self) -> tuple[int, int]:
        """Of grant and resource."""
        return self.grant.version, self.resource.version

    def subject_in(self, parameters: Mapping[str, str]) -> tuple[SubjectKind, str] | None:
        """Whom a question with these parameters is about: by the first of them that names somebody."""
        for name, kind in self.subjects:
            if name in parameters:
                return kind, parameters[name]
        return None


class Plans:
    """The plans of this process, at most ten thousand, oldest use out first; :meth:`run` is one of its workers.

    Args:
        seconds: a clock that only runs forward.
    """

    def __init__(
        self,
        database: Database,
        grants: Grants,
        catalog: Catalog,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._grants = grants
        self._catalog = catalog
        self._changes = Changes(database, self._changed, self._forget, seconds)
        self._kept: OrderedDict[GrantId, Plan] = OrderedDict()
        self._of: defaultdict[tuple[str, str], set[GrantId]] = defaultdict(set)
        self._locks: WeakValueDictionary[GrantId, asyncio.Lock] = WeakValueDictionary()
        self._loading = 0
        self._count = 0
        self._heard: dict[tuple[str, str], int] = {}
        self._forgotten = 0

    async def begin(self) -> None:
        """Before the first call. Raises DatabaseDown, DatabaseBusy."""
        await self._changes.begin()

    async def run(self) -> None:
        """Hear of changes until cancelled."""
        await self._changes.run()

    def now(self, grant: GrantId) -> Plan | None:
        """The plan if it is at hand; None if it must be loaded first.

        Raises:
            SnapshotStale: this process does not know whether grants have changed.
        """
        self._changes.check()
        plan = self._kept.get(grant)
        if plan is not None:
            self._kept.move_to_end(grant)
        return plan

    async def get(self, grant: GrantId) -> Plan | None:
        """The plan at hand, or loaded once for all calls that ask at the same time; None if there is no such grant.

        Raises:
            SnapshotStale: as :meth:`now`. DatabaseDown, DatabaseBusy.
        """
        if plan := self.now(grant):
            return plan
        async with self._locks.setdefault(grant, asyncio.Lock()):
            return self.now(grant) or await self.load(grant)

    async def load(self, grant: GrantId) -> Plan | None:
        """The plan as it is in the database now. Raises DatabaseDown, DatabaseBusy."""
        self._loading += 1
        try:
            return await self._loaded(grant)
        finally:
            self._loading -= 1
            if not self._loading:
                self._heard.clear()

    async def _loaded(self, grant: GrantId) -> Plan | None:
        """What changes while it is read is read again, and kept only if nothing did."""
        plan = None
        for _ in range(_TRIES):
            began = self._count
            async with self._database.connection() as connection:
                plan = await self._read(connection, grant)
            if plan is None:
                self._drop(grant)
                return None
            if not self._has_changed(plan, began):
                self._keep(plan)
                return plan
        return plan

    def _has_changed(self, plan: Plan, since: int) -> bool:
        return self._forgotten > since or any(self._heard.get(key, 0) > since for key in _keys(plan))

    async def _read(self, connection: Connection, grant: GrantId) -> Plan | None:
        found = await self._grants.at(connection, grant)
        if found is None:
            return None
        resource = await self._catalog.at(connection, found.resource_id)
        is_live = await store.is_live(connection, found.client_id, found.resource_id)
        region = await self._grants.region_of(connection, found.consumer_org)
        what = resource.description
        return Plan(
            found, resource, compiled(found, what, region), _personal(resource), _subjects(what), self._dsn(resource),
            tuple(found.terms.rules.masked), is_live,
        )  # fmt: skip

    def _keep(self, plan: Plan) -> None:
        grant = plan.grant.id
        self._drop(grant)
        self._kept[grant] = plan
        for key in _keys(plan):
            self._of[key].add(grant)
        if len(self._kept) > _MOST:
            self._drop(next(iter(self._kept)))

    def _drop(self, grant: GrantId) -> None:
        plan = self._kept.pop(grant, None)
        if plan is None:
            return
        for key in _keys(plan):
            self._of[key].discard(grant)
            if not self._of[key]:
                del self._of[key]

    def _changed(self, kind: str, key: str) -> None:
        self._count += 1
        if self._loading:
            self._heard[kind, key] = self._count
        for grant in tuple(self._of.get((kind, key), ())):
            self._drop(grant)

    def _forget(self) -> None:
        self._count += 1
        self._forgotten = self._count
        self._kept.clear()
        self._of.clear()

    def _dsn(self, resource: Resource) -> str | None:
        return (
            self._catalog.address_of(resource)
            if isinstance(resource.mount, TableMount | BucketMount)
            else None
        )


def _keys(plan: Plan) -> tuple[tuple[str, str], ...]:
    """What a change may name for the plan to be no longer true."""
    grant = plan.grant
    return ("grant", str(grant.id)), ("client", grant.client_id), ("resource", str(grant.resource_id))


def _personal(resource: Resource) -> frozenset[str]:
    """An id number is personal whatever the description says."""
    found = resource.description.parameters
    return frozenset(one.name for one in found if one.personal or one.kind is ParameterKind.ID_NUMBER)


def _subjects(description: Description) -> tuple[tuple[str, SubjectKind], ...]:
    named = ((one.name, one.names) for one in description.parameters)
    return tuple((name, kind) for name, kind in named if kind is not None)
