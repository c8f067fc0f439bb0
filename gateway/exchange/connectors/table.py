"""库表: a table or view in the providing department's database."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from gateway.catalog import TableMount
from gateway.settings import Exchange as Limits
from gateway.storage.foreign import ForeignAddress, ForeignDatabase, ForeignFault, Selection
from gateway.web.egress import Egress
from gateway.web.outbound import UpstreamInvalid, UpstreamTimeout, UpstreamUnreachable


class Tables:
    """Connections to departments' databases, one pool per address."""

    def __init__(self, limits: Limits, egress: Egress) -> None:
        self._limits = limits
        self._egress = egress
        self._open: dict[tuple[ForeignAddress, str], ForeignDatabase] = {}

    async def close(self) -> None:
        """Let go of all."""
        for database in self._open.values():
            await database.close()

    async def read(
        self, dsn: str, fields: Sequence[str], mount: TableMount, parameters: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        """Read the columns of these fields, of the rows that match.

        Raises:
            Upstream: in one of its kinds.
        """
        given = {column: parameters[name] for name, column in mount.filters.items() if name in parameters}
        columns = tuple(mount.sources.get(name, name) for name in fields)
        selection = Selection(mount.schema_name, mount.relation, columns, tuple(given), self._limits.rows + 1)
        try:
            async with asyncio.timeout(self._limits.upstream_total_seconds):
                database = await self._database(dsn)
                return await database.read(selection, list(given.values()))
        except ForeignFault as fault:
            _raise(str(fault))
        except TimeoutError:
            _raise("timeout")
        except (OSError, ValueError):
            _raise("unreachable")

    async def _database(self, dsn: str) -> ForeignDatabase:
        """By the address the name has now: a database that moved is found again, a name cannot lead outside."""
        address = ForeignAddress.of(dsn)
        ip = await self._egress.resolve(address.host, address.port)
        if (address, ip) not in self._open:
            seconds = self._limits.upstream_total_seconds
            self._open[address, ip] = ForeignDatabase(address, ip, seconds)
        return self._open[address, ip]


def _raise(how: str) -> NoReturn:
    if how == "timeout":
        raise UpstreamTimeout("the department's database did not answer in time", "提供部门数据库应答超时")
    if how == "refused":
        raise UpstreamInvalid(
            "the department's database refused the query: table, columns or rights differ from the mount",
            "提供部门数据库拒绝查询：表、列或权限与挂接信息不符",
        )
    raise UpstreamUnreachable("the department's database cannot be reached", "无法连接提供部门数据库")
