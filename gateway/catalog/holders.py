"""Who uses a published entry, as the rooms above tell it: this room knows no grants."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from gateway.catalog.changes import Narrowing
from gateway.names import ResourceId
from gateway.storage import Connection


@dataclass(frozen=True, slots=True)
class Holder:
    """A grant that has not ended: whose, for which system, on which items, with which bounded parameters."""

    grant_id: UUID
    consumer_org: str
    client_id: str
    state: str
    fields: frozenset[str]
    parameters: frozenset[str]

    def is_touched(self, by: Narrowing) -> bool:
        """Whether a narrowing takes from this grant; a parameter concerns every one, because every call sends it."""
        return by.everyone or bool(self.fields & by.items) or bool(by.parameters)


HoldersOf: TypeAlias = Callable[[Connection, ResourceId], Awaitable[list[Holder]]]
"""The grants on an entry that have not ended, inside the caller's transaction."""
