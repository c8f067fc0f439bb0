"""A department's own database: one table or view, read only, by construction.

The statement is written by the department's database itself from bound names, which it quotes; values are bound as
well; the session can only read and every statement has its time. Apart from the pools, because nothing of ours lies there.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import asyncpg

from gateway.storage.queries import Queries

_SQL: Final = Queries("gateway.storage")
_IDLE_SECONDS: Final = 60
CIVIL: Final = timezone(timedelta(hours=8))
_PORTS: Final = {"postgres": 5432, "mysql": 3306}
_NO_WAY_IN: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class ForeignFault(Exception):
    """The department's database did not answer; the text says in one word how."""


@dataclass(frozen=True, slots=True)
class ForeignAddress:
    """Where it is and as whom; the password never appears in texts."""

    kind: str
    """``postgres`` or ``mysql``, which MariaDB speaks too."""
    host: str
    port: int
    user: str
    database: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, dsn: str) -> Self:
        """Read a ``postgresql://user:password@host:port/database`` address, or one of ``mysql://``.

        Raises:
            ValueError: another scheme; no host, user or database is named, or options are, which would not be followed.
        """
        parts = urlsplit(dsn)
        if not (parts.hostname and parts.username and len(parts.path) > 1) or parts.query or parts.fragment:
            raise ValueError("the address must name user, host and database, and nothing else")
        kind = parts.scheme.replace("postgresql", "postgres")
        if kind not in _PORTS:
            raise ValueError("the address must begin with postgresql:// or mysql://")
        user, password = unquote(parts.username), unquote(parts.password or "")
        return cls(kind, parts.hostname, parts.port or _PORTS[kind], user, unquote(parts.path[1:]), password)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read: ``columns`` of ``schema.relation`` where each of ``filters`` equals its value, as text."""

    schema: str
    relation: str
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class KeyPage:
    """What to read a page of: ``columns`` of ``schema.relation`` in the order of the column ``key``, where each of
    ``filters`` equals its value, as text.
    """  # fmt: skip

    schema: str
    relation: str
    columns: tuple[str, ...]
    key: str
    rows: int
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the key of each as text; None where a row has none, which stand last."""

    rows: list[dict[str, Any]]
    keys: list[str | None]


class ForeignDatabase:
    """Connections to one department's database."""

    def __init__(self, address: ForeignAddress, ip: str, seconds: float) -> None:
        self._address = address
        self._ip = ip
        self._seconds = seconds
        self._pool: asyncpg.Pool | None = None
        self._lock = asyncio.Lock()
        self._texts: dict[Selection, str] = {}

    async def read(self, selection: Selection, values: Sequence[str]) -> list[dict[str, Any]]:
        """The rows, at most ``selection.rows``. The caller sets the deadline; the server cancels what outlasts it.

        Args:
            values: of the filters, in their order.

        Raises:
            ForeignFault: ``unreachable``, ``timeout`` or ``refused``.
        """
        async with self._asking() as connection:
            rows = await connection.fetch(await self._text(connection, selection), *values)
        return [dict(row) for row in rows]

    async def page(self, wanted: KeyPage, after: str | None, values: Sequence[str] = ()) -> Page:
        """The next ``wanted.rows`` rows whose key lies beyond ``after``, from the first without one; null keys last.

        Args:
            values: of the filters, in their order.

        Raises:
            ForeignFault: ``unreachable``, ``timeout`` or ``refused``.
        """
        async with self._asking() as connection:
            text = await connection.fetchval(
                _SQL["select_page"],
                wanted.columns,
                wanted.schema,
                wanted.relation,
                wanted.key,
                wanted.rows,
                wanted.filters,
            )
            if text is None:
                raise ForeignFault("refused")
            rows = await connection.fetch(text, after, *values)
        last = len(wanted.columns)
        names = wanted.columns
        return Page(
            [dict(zip(names, row.values(), strict=False)) for row in rows], [row[last] for row in rows]
        )

    async def has_keyless(self, wanted: KeyPage, values: Sequence[str]) -> bool:
        """Whether rows that match have no key, which pages pass over. Raises ForeignFault."""
        async with self._asking() as connection:
            text = await connection.fetchval(
                _SQL["select_keyless"], wanted.schema, wanted.relation, wanted.key, wanted.filters
            )
            return bool(await connection.fetchval(text, *values))

    async def own_key(self, schema: str, relation: str) -> str | None:
        """The column whose values the database itself keeps unique and not null; views have none. Raises ForeignFault."""
        async with self._asking() as connection:
            found = await connection.fetchval(_SQL["own_key"], schema, relation)
        return None if found is None else str(found)

    async def may_write(self, schema: str, relation: str) -> bool:
        """Whether our login could change the relation. Raises ForeignFault: ``refused`` too if there is none."""
        async with self._asking() as connection:
            found = await connection.fetchval(_SQL["may_write"], schema, relation)
        if found is None:
            raise ForeignFault("refused")
        return bool(found)

    async def columns(self, schema: str, relation: str) -> set[str]:
        """The columns our login may read; empty if there is no such relation. Raises ForeignFault."""
        async with self._asking() as connection:
            rows = await connection.fetch(_SQL["readable_columns"], schema, relation)
        return {str(row["name"]) for row in rows}

    async def newest(self, schema: str, relation: str, column: str) -> datetime | None:
        """The greatest value of a column of dates or times; days and times without a zone are those of Asia/Shanghai.

        Raises:
            ForeignFault.
        """
        async with self._asking() as connection:
            found = await connection.fetchval(
                await connection.fetchval(_SQL["select_newest"], schema, relation, column)
            )
        if isinstance(found, date) and not isinstance(found, datetime):
            found = datetime.combine(found, time.max)
        if not isinstance(found, datetime):
            return None
        return found if found.tzinfo else found.replace(tzinfo=CIVIL)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            pool = await self._connected()
            async with pool.acquire(timeout=self._seconds) as connection:
                yield connection
        except (TimeoutError, asyncpg.QueryCanceledError):
            raise ForeignFault("timeout") from None
        except _NO_WAY_IN:
            raise ForeignFault("unreachable") from None
        except asyncpg.PostgresError:
            raise ForeignFault("refused") from None

    async def _text(self, connection: asyncpg.Connection, wanted: Selection) -> str:
        if wanted not in self._texts:
            self._texts[wanted] = await connection.fetchval(
                _SQL["select_from"],
                wanted.columns,
                wanted.schema,
                wanted.relation,
                wanted.filters,
                wanted.rows,
            )
        return self._texts[wanted]

    async def close(self) -> None:
        """Let go of all connections."""
        if self._pool is not None:
            self._pool.terminate()

    async def _connected(self) -> asyncpg.Pool:
        async with self._lock:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    host=self._ip,
                    port=self._address.port,
                    user=self._address.user,
                    password=self._address.password,
                    database=self._address.database,
                    min_size=0,
                    max_size=4,
                    timeout=self._seconds,
                    max_inactive_connection_lifetime=_IDLE_SECONDS,
                    statement_cache_size=0,
                    server_settings={
                        "application_name": "data-sharing-gateway",
                        "default_transaction_read_only": "on",
                        "statement_timeout": str(int(self._seconds * 1000)),
                    },
                )
        return self._pool
