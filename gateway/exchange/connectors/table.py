"""库表: a table or view in the providing department's database, read whole in one answer or page by page.

Pages go by a key (keyset), each in a statement of its own, so that a long answer holds neither memory nor a transaction
of the department's; a key that is empty or stands twice would lose rows between pages, and ends the answer instead.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from gateway.catalog import TableMount
from gateway.errors import Conflict
from gateway.settings import Exchange as Limits
from gateway.storage.foreign import ForeignAddress, ForeignFault, KeyPage, Page, Selection
from gateway.storage.foreign_mysql import AnyForeign, foreign_database
from gateway.web.egress import Egress
from gateway.web.outbound import UpstreamInvalid, UpstreamTimeout, UpstreamUnreachable

_FIRST_ROWS: Final = 100
_MOST_ROWS: Final = 10000


class LoginMayWrite(UpstreamInvalid):
    """The login of a mounted database may change data（挂接数据库账号具有写权限）."""

    remedy = (
        "The providing department gives the gateway a login that may only read, and mounts the table again.",
        "请提供部门为网关配置只读账号后重新挂接。",
    )


class NoKeyToPageBy(Conflict):
    """The table names no key, so long answers cannot be read page by page（库表未指定主键，无法分页读取）."""

    remedy = (
        "Ask for JSON, or have the providing department name the mount's key: a column unique and never empty.",
        "请改用 JSON 应答，或由提供部门在挂接信息中指定 key（唯一且非空的列）。",
    )


@dataclass(frozen=True, slots=True)
class Query:
    """What is read of a table: fields by the catalogue's names, and the parameters of the call."""

    mount: TableMount
    fields: Sequence[str]
    parameters: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's names of the fields."""
        return tuple(self.mount.sources.get(name, name) for name in self.fields)

    @property
    def filters(self) -> dict[str, str]:
        """Columns with the values they must equal."""
        named = self.mount.filters.items()
        return {column: self.parameters[name] for name, column in named if name in self.parameters}


class Tables:
    """Connections to departments' databases, one pool per address."""

    def __init__(self, limits: Limits, egress: Egress) -> None:
        self._limits = limits
        self._egress = egress
        self._open: dict[tuple[ForeignAddress, str], AnyForeign] = {}
        self._read_only: set[tuple[AnyForeign, str, str]] = set()

    async def close(self) -> None:
        """Let go of all."""
        for database in self._open.values():
            await database.close()

    async def read(
        self, dsn: str, fields: Sequence[str], mount: TableMount, parameters: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        """Read the columns of these fields, of the rows that match.

        Raises:
            Upstream: in one of its kinds; LoginMayWrite.
        """
        query = Query(mount, fields, parameters)
        given = query.filters
        rows = self._limits.rows + 1
        selection = Selection(mount.schema_name, mount.relation, query.columns, tuple(given), rows)
        async with self._asking():
            database = await self._database(dsn)
            await self._check_read_only(database, mount)
            return await database.read(selection, list(given.values()))

    async def pages(self, dsn: str, query: Query) -> AsyncIterator[list[dict[str, Any]]]:
        """All rows that match, in the order of the key, in pages of about a segment each.

        Raises:
            NoKeyToPageBy: the mount names no key and the table has none of its own.
            Upstream: in one of its kinds; LoginMayWrite; a key empty or twice.
        """
        mount, given = query.mount, query.filters
        async with self._asking():
            database = await self._database(dsn)
            await self._check_read_only(database, mount)
            key = mount.key or await database.own_key(mount.schema_name, mount.relation)
        if key is None:
            raise NoKeyToPageBy("the mount names no key to page by", "挂接信息未指定用于分页的主键")
        values, after, size, more = list(given.values()), None, _FIRST_ROWS, True
        while more:
            wanted = KeyPage(mount.schema_name, mount.relation, query.columns, key, size + 1, tuple(given))
            async with self._asking():
                page = await database.page(wanted, after, values)
                more = len(page.rows) > size
                if not more and mount.key is not None and await database.has_keyless(wanted, values):
                    _bad_key()
            _check_keys(page)
            rows = page.rows[:size]
            after = page.keys[size - 1] if more else None
            size = _next_size(rows, size, self._limits.segment_bytes)
            yield rows

    async def _check_read_only(self, database: AnyForeign, mount: TableMount) -> None:
        """Once for a table and a connection's life: the gateway only reads, but a login that leaks should be no use."""
        asked = (database, mount.schema_name, mount.relation)
        if asked in self._read_only:
            return
        if await database.may_write(mount.schema_name, mount.relation):
            raise LoginMayWrite(
                "the login of the mount may change the table", "挂接所用数据库账号可以修改该表"
            )
        self._read_only.add(asked)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Raises Upstream for whatever a question to a department's database can end in."""
        try:
            async with asyncio.timeout(self._limits.upstream_total_seconds):
                yield
        except ForeignFault as fault:
            _raise(str(fault))
        except TimeoutError:
            _raise("timeout")
        except (OSError, ValueError):
            _raise("unreachable")

    async def _database(self, dsn: str) -> AnyForeign:
        """By the address the name has now: a database that moved is found again, a name cannot lead outside."""
        address = ForeignAddress.of(dsn)
        ip = await self._egress.resolve(address.host, address.port)
        if (address, ip) not in self._open:
            seconds = self._limits.upstream_total_seconds
            self._open[address, ip] = foreign_database(address, ip, seconds)
        return self._open[address, ip]


def _check_keys(page: Page) -> None:
    if None in page.keys or any(one == other for one, other in zip(page.keys, page.keys[1:], strict=False)):
        _bad_key()


def _bad_key() -> NoReturn:
    raise UpstreamInvalid(
        "the mount's key is empty or not unique; rows would be lost between pages",
        "挂接所用主键存在空值或重复值，分页读取会遗漏数据",
    )


def _next_size(rows: Sequence[Mapping[str, Any]], size: int, wanted_bytes: int) -> int:
    """Rows of the next page, so that it holds about a segment; never more than four times as many as of this one."""
    if not rows:
        return size
    average = sum(len(str(value)) + 8 for row in rows for value in row.values()) / len(rows)
    return max(1, min(int(wanted_bytes / max(average, 1)), size * 4, _MOST_ROWS))


def _raise(how: str) -> NoReturn:
    if how == "timeout":
        raise UpstreamTimeout("the department's database did not answer in time", "提供部门数据库应答超时")
    if how == "refused":
        raise UpstreamInvalid(
            "the department's database refused the query: table, columns or rights differ from the mount",
            "提供部门数据库拒绝查询：表、列或权限与挂接信息不符",
        )
    raise UpstreamUnreachable("the department's database cannot be reached", "无法连接提供部门数据库")
