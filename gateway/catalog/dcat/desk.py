"""Who may see what as DCAT is what the catalogue says; here only departments' names are added."""

from collections.abc import Iterable, Sequence

from gateway.catalog.dcat.graph import Node, Place, catalog, dataset
from gateway.catalog.finding import Search
from gateway.catalog.model import Resource, State
from gateway.catalog.service import Catalog
from gateway.identity import Identity
from gateway.names import OrgCode, ResourceId
from gateway.web import Principal


class DcatDesk:
    """Entries as JSON-LD documents.

    Args:
        base_url: the address all nodes are named under.
    """

    def __init__(
        self, entries: Catalog, identity: Identity, base_url: str, platform: str, platform_name: str
    ) -> None:
        self._entries = entries
        self._identity = identity
        self._place = Place(base_url, platform, platform_name)

    async def page(
        self, actor: Principal, search: Search, after: str | None, count: int
    ) -> tuple[Node, Sequence[Resource], bool]:
        """Published entries by code as a catalogue, the entries themselves, and whether there are more."""
        found = await self._entries.search(actor, search, after, count + 1)
        shown = found[:count]
        public = [one for one in shown if one.state is State.PUBLISHED]
        return catalog(self._place, public, await self._names(public)), shown, len(found) > count

    async def one(self, actor: Principal, resource: ResourceId) -> Node:
        """One entry as far as the actor may see it. Raises NoSuchResource."""
        found = await self._entries.show(actor, resource)
        return dataset(self._place, found, await self._names([found]))

    async def _names(self, resources: Iterable[Resource]) -> dict[str, str]:
        codes = {one.provider_org for one in resources}
        return {code: (await self._identity.org(OrgCode(code))).name for code in sorted(codes)}
