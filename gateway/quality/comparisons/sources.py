"""Reading a side whole, page by page: tables by keyset, files and interfaces without parameters in one answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from gateway.catalog import Catalog, FileMount, HttpMount, Resource, TableMount
from gateway.exchange.connectors.file import read_file
from gateway.exchange.connectors.http import read_http
from gateway.exchange.connectors.upper import UpperServices
from gateway.quality.comparisons.model import Side, taken
from gateway.settings import Exchange as Limits
from gateway.storage.foreign import ForeignAddress, ForeignFault, KeyPage
from gateway.storage.foreign_mysql import foreign_database
from gateway.web.egress import Egress
from gateway.web.outbound import (
    Outbound,
    UpstreamInvalid,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)

Taken = list[tuple[str, tuple[str, ...]]]
_PAGE_ROWS: Final = 2000
_FAULTS: Final = {
    "timeout": UpstreamTimeout("the department's database did not answer in time", "提供部门数据库应答超时"),
    "refused": UpstreamInvalid("the department's database refused the query", "提供部门数据库拒绝查询"),
}
_UNREACHABLE: Final = UpstreamUnreachable(
    "the department's database cannot be reached", "无法连接提供部门数据库"
)


def can_be_read_whole(resource: Resource) -> bool:
    """Whether the mount gives all records without being asked for one."""
    mount = resource.mount
    return isinstance(mount, TableMount | FileMount) or (isinstance(mount, HttpMount) and not mount.places())


class Sources:
    """Reads sides; use ``outbound`` and ``egress`` of the process."""

    def __init__(
        self,
        catalog: Catalog,
        outbound: Outbound,
        egress: Egress,
        uppers: UpperServices,
        limits: Limits,
        rows_max: int,
    ) -> None:
        self._catalog = catalog
        self._outbound = outbound
        self._egress = egress
        self._uppers = uppers
        self._limits = limits
        self._rows_max = rows_max

    async def read(self, resource: Resource, side: Side) -> AsyncIterator[Taken]:
        """Pages of keys with compared values.

        Raises:
            Upstream: in one of its kinds; UpstreamTooLarge beyond ``rows_max``.
        """
        count = 0
        async for page in self._pages(resource, side):
            count += len(page)
            if count > self._rows_max:
                raise UpstreamTooLarge(f"more than {self._rows_max} records", f"超过 {self._rows_max} 条记录")
            yield page

    async def _pages(self, resource: Resource, side: Side) -> AsyncIterator[Taken]:
        mount = resource.mount
        match mount:
            case TableMount():
                async for page in self._table(resource, mount, side):
                    yield page
            case FileMount():
                yield _kept(await read_file(self._outbound, mount, {}, {}, self._limits), mount, side)
            case HttpMount():
                yield _kept(
                    await read_http(self._outbound, mount, {}, {}, self._limits, self._uppers), mount, side
                )
            case None:
                raise UpstreamInvalid("the resource is not mounted", "资源未挂接")

    async def _table(self, resource: Resource, mount: TableMount, side: Side) -> AsyncIterator[Taken]:
        key, columns = _named(mount, side)
        wanted = KeyPage(mount.schema_name, mount.relation, (key, *columns), key, _PAGE_ROWS)
        address = ForeignAddress.of(self._catalog.address_of(resource))
        seconds = self._limits.upstream_total_seconds
        try:
            ip = await self._egress.resolve(address.host, address.port)
        except OSError:
            raise _UNREACHABLE from None
        database, after = foreign_database(address, ip, seconds), None
        try:
            while True:
                async with asyncio.timeout(seconds):
                    page = await database.page(wanted, after)
                yield [found for row in page.rows if (found := taken(row, key, columns))]
                if len(page.rows) < _PAGE_ROWS or page.keys[-1] is None:
                    return
                after = page.keys[-1]
        except ForeignFault as fault:
            raise _FAULTS.get(str(fault), _UNREACHABLE) from None
        except TimeoutError:
            raise _FAULTS["timeout"] from None
        finally:
            await database.close()


def _kept(records: list[dict[str, Any]], mount: FileMount | HttpMount, side: Side) -> Taken:
    key, columns = _named(mount, side)
    return [found for record in records if (found := taken(record, key, columns))]


def _named(mount: TableMount | FileMount | HttpMount, side: Side) -> tuple[str, list[str]]:
    """The provider's names of key and items."""
    return mount.sources.get(side.key, side.key), [mount.sources.get(item, item) for item in side.items]
