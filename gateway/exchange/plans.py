"""Plans: a grant with its resource, ready to serve calls.

A plan is kept by (grant id, grant version, resource version) and never changes; whether these versions are still
the present ones is asked on every call in the statement that takes quota, so a kept plan cannot outlive a
revocation.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from gateway.audit import SubjectKind
from gateway.authz import Compiled, Grant, Grants, compiled
from gateway.catalog import Catalog, Description, ParameterKind, Resource, TableMount
from gateway.names import GrantId
from gateway.storage import Database

_MOST: Final = 10000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call under one grant needs; ``dsn`` only for tables.

    ``subjects`` are the parameters that name whom a call is about, in the order of the description; ``masked`` the
    fields that leave masked only.
    """

    grant: Grant
    resource: Resource
    compiled: Compiled
    personal: frozenset[str]
    subjects: tuple[tuple[str, SubjectKind], ...]
    dsn: str | None
    masked: tuple[str, ...]

    @property
    def versions(self) -> tuple[int, int]:
        """Of grant and resource."""
        return self.grant.version, self.resource.version


class Plans:
    """The plans of this process, at most ten thousand, oldest use out first."""

    def __init__(self, database: Database, grants: Grants, catalog: Catalog) -> None:
        self._database = database
        self._grants = grants
        self._catalog = catalog
        self._kept: OrderedDict[GrantId, Plan] = OrderedDict()

    async def get(self, grant: GrantId) -> Plan | None:
        """The plan as last seen, or loaded; None if there is no such grant."""
        if plan := self._kept.get(grant):
            self._kept.move_to_end(grant)
            return plan
        return await self.load(grant)

    async def load(self, grant: GrantId) -> Plan | None:
        """The plan as it is in the database now."""
        async with self._database.connection() as connection:
            found = await self._grants.at(connection, grant)
            if found is None:
                return None
            resource = await self._catalog.at(connection, found.resource_id)
        what = resource.description
        plan = Plan(
            found, resource, compiled(found, what), _personal(resource), _subjects(what), self._dsn(resource),
            tuple(found.terms.rules.masked),
        )  # fmt: skip
        self._kept[grant] = plan
        self._kept.move_to_end(grant)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return plan

    def _dsn(self, resource: Resource) -> str | None:
        return self._catalog.address_of(resource) if isinstance(resource.mount, TableMount) else None


def _personal(resource: Resource) -> frozenset[str]:
    """An id number is personal whatever the description says."""
    found = resource.description.parameters
    return frozenset(one.name for one in found if one.personal or one.kind is ParameterKind.ID_NUMBER)


def _subjects(description: Description) -> tuple[tuple[str, SubjectKind], ...]:
    named = ((one.name, one.names) for one in description.parameters)
    return tuple((name, kind) for name, kind in named if kind is not None)
