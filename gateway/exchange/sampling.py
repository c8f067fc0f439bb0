"""Reading a few records for a trial of a mount, by the same connectors and the same checks as a call."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.catalog import BucketMount, DataItem, FolderMount, Resource
from gateway.exchange.connectors import Connectors
from gateway.exchange.project import value_of


class Sampling:
    """What the catalogue's trials read from."""

    def __init__(self, connectors: Connectors) -> None:
        self._connectors = connectors

    async def sample(
        self, resource: Resource, dsn: str | None, parameters: Mapping[str, str]
    ) -> Sequence[Mapping[str, Any]] | None:
        """The records of a resource for these parameters, with every described item.

        None of a file that is given as it is: it was read through and scanned, but holds no records to look at.

        Raises:
            Upstream, FileNotThere, FileNotScanned.
        """
        if isinstance(resource.mount, FolderMount | BucketMount):
            async with self._connectors.opened(resource, dsn, parameters):
                return None
        fields = [item.name for item in resource.description.items]
        return await self._connectors.read_from(resource, dsn, fields, parameters, {})

    def value(self, item: DataItem, record: Mapping[str, Any], sources: Mapping[str, str]) -> Any:
        """The value of an item as a call would release it. Raises UpstreamInvalid."""
        return value_of(record, item, sources)
