"""A department's own MySQL or MariaDB: one table or view, read only, by construction.

The statement is written by the department's database itself, which quotes names and turns values into hexadecimal literals
(``mysql.sql``); the session can only read, files of this machine are never sent (``LOCAL INFILE`` is off) and every statement
has its time. Values compare byte by byte, as in PostgreSQL.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from typing import Any, Final, TypeAlias

import aiomysql

from gateway.storage.foreign import (
    CIVIL,
    ForeignAddress,
    ForeignDatabase,
    ForeignFault,
    KeyPage,
    Page,
    Selection,
)
from gateway.storage.queries import Queries

_SQL: Final = Queries("gateway.storage", "mysql.sql")
_IDLE_SECONDS: Final = 60
_TIMED_OUT: Final = frozenset({1205, 1317, 1969, 3024})
"""A lock not had in time, a statement interrupted, or over its time (MariaDB, MySQL)."""
_NO_WAY_IN: Final = frozenset(
    {1040, 1044, 1045, 1049, 1129, 1130, 1203, 1226, 1698, 2003, 2006, 2013, 2014, 2059, 2061}
)
"""Too many connections, wrong login or database, host refused, cut off."""
_KINDS: Final = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), "whole"),
    **dict.fromkeys(("char", "varchar"), "text"),
    **dict.fromkeys(("date", "datetime", "timestamp"), "time"),
}
_UNNAMED: Final = "public"


AnyForeign: TypeAlias = "ForeignDatabase | MySqlDatabase"


def foreign_database(address: ForeignAddress, ip: str, seconds: float) -> AnyForeign:
    """The database at an address, of whichever kind; nothing is connected yet.

    Args:
        ip: of the address's host, checked.
        seconds: for each question.
    """
    return (MySqlDatabase if address.kind == "mysql" else ForeignDatabase)(address, ip, seconds)


class MySqlDatabase:
    """Connections to one department's database, asked the same questions as :class:`ForeignDatabase`.

    ``public``, which stands in mounts that name no schema, is the database that the address names.
    """

    def __init__(self, address: ForeignAddress, ip: str, seconds: float) -> None:
        self._address = address
        self._ip = ip
        self._seconds = seconds
        self._pool: aiomysql.Pool | None = None
        self._lock = asyncio.Lock()
        self._kinds: dict[tuple[str, str, str], str] = {}

    async def read(self, selection: Selection, values: Sequence[str]) -> list[dict[str, Any]]:
        """As :meth:`ForeignDatabase.read`. Raises ForeignFault."""
        wanted, schema = selection, self._schema(selection.schema)
        async with self._asking() as cursor:
            where = await _conditions(cursor, wanted.filters, values)
            columns = ",".join(wanted.columns)
            text = await _value(cursor, "select_from", columns, schema, wanted.relation, where, wanted.rows)
            rows = await _rows(cursor, str(text))
        return [dict(zip(wanted.columns, row, strict=True)) for row in rows]

    async def page(self, wanted: KeyPage, after: str | None, values: Sequence[str] = ()) -> Page:
        """As :meth:`ForeignDatabase.page`, but null keys stand first.

        Raises:
            ForeignFault: ``refused`` also where the key's order is not certain: of texts that no index keeps unique,
                because collations hold different texts for equal, and of types other than numbers, texts and times.
        """
        schema, columns = self._schema(wanted.schema), ",".join(wanted.columns)
        async with self._asking() as cursor:
            kind = await self._kind(cursor, schema, wanted)
            where = await _conditions(cursor, wanted.filters, values)
            if after is not None:
                where += str(await _value(cursor, "beyond", wanted.key, after, kind))
            given = (columns, schema, wanted.relation, wanted.key, where, wanted.rows)
            rows = await _rows(cursor, str(await _value(cursor, "select_page", *given)))
        return Page(
            [dict(zip(wanted.columns, row, strict=False)) for row in rows],
            [None if row[-1] is None else str(row[-1]) for row in rows],
        )

    async def has_keyless(self, wanted: KeyPage, values: Sequence[str]) -> bool:
        """Whether rows that match have no key, which pages pass over. Raises ForeignFault."""
        async with self._asking() as cursor:
            where = await _conditions(cursor, wanted.filters, values)
            given = (self._schema(wanted.schema), wanted.relation, wanted.key, where)
            rows = await _rows(cursor, str(await _value(cursor, "select_keyless", *given)))
        return bool(rows[0][0])

    async def own_key(self, schema: str, relation: str) -> str | None:
        """The column whose values the database itself keeps unique and not null; views have none. Raises ForeignFault."""
        async with self._asking() as cursor:
            found = await _value(cursor, "own_key", self._schema(schema), relation)
        return None if found is None else str(found)

    async def may_write(self, schema: str, relation: str) -> bool:
        """Whether our login could change the relation. Raises ForeignFault: ``refused`` too if there is none."""
        async with self._asking() as cursor:
            found = await _value(cursor, "may_write", self._schema(schema), relation)
        if found is None:
            raise ForeignFault("refused")
        return bool(found)

    async def columns(self, schema: str, relation: str) -> set[str]:
        """The columns our login may read; empty if there is no such relation. Raises ForeignFault."""
        async with self._asking() as cursor:
            rows = await _asked(cursor, "readable_columns", self._schema(schema), relation)
        return {str(row[0]) for row in rows}

    async def newest(self, schema: str, relation: str, column: str) -> datetime | None:
        """As :meth:`ForeignDatabase.newest`. Raises ForeignFault."""
        async with self._asking() as cursor:
            text = await _value(cursor, "select_newest", self._schema(schema), relation, column)
            found = (await _rows(cursor, str(text)))[0][0]
        if isinstance(found, date) and not isinstance(found, datetime):
            found = datetime.combine(found, time.max)
        return found.replace(tzinfo=CIVIL) if isinstance(found, datetime) else None

    async def close(self) -> None:
        """Let go of all connections."""
        if self._pool is not None:
            self._pool.terminate()
            await self._pool.wait_closed()  # only this closes the connections that idle

    def _schema(self, named: str) -> str:
        return self._address.database if named == _UNNAMED else named

    async def _kind(self, cursor: aiomysql.Cursor, schema: str, wanted: KeyPage) -> str:
        at = (schema, wanted.relation, wanted.key)
        if at not in self._kinds:
            kind = _KINDS.get(str(await _value(cursor, "key_type", *at)).lower(), "")
            own = await _value(cursor, "own_key", schema, wanted.relation)
            if not kind or (kind == "text" and own != wanted.key):
                raise ForeignFault("refused")
            self._kinds[at] = kind
        return self._kinds[at]

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[aiomysql.Cursor]:
        try:
            pool = await self._connected()
            async with (
                asyncio.timeout(self._seconds),
                pool.acquire() as connection,
                connection.cursor() as cursor,
            ):
                await self._begin(cursor, str(connection.get_server_info()))
                yield cursor
        except TimeoutError:
            raise ForeignFault("timeout") from None
        except OSError:
            raise ForeignFault("unreachable") from None
        except aiomysql.MySQLError as fault:
            raise ForeignFault(_how(fault)) from None

    async def _begin(self, cursor: aiomysql.Cursor, version: str) -> None:
        """Each time: what a session remembers of an earlier question is not relied on."""
        await _asked(cursor, "known_mode")
        await _asked(cursor, "read_only")
        if "mariadb" in version.lower():
            await _asked(cursor, "mariadb_seconds", self._seconds)
        else:
            await _asked(cursor, "mysql_milliseconds", int(self._seconds * 1000))

    async def _connected(self) -> aiomysql.Pool:
        async with self._lock:
            if self._pool is None:
                self._pool = await aiomysql.create_pool(
                    minsize=0,
                    maxsize=4,
                    pool_recycle=_IDLE_SECONDS,
                    host=self._ip,
                    port=self._address.port,
                    user=self._address.user,
                    password=self._address.password,
                    db=self._address.database,
                    charset="utf8mb4",
                    autocommit=True,
                    local_infile=False,
                    connect_timeout=self._seconds,
                    program_name="data-sharing-gateway",
                )
        return self._pool


def _how(fault: aiomysql.MySQLError) -> str:
    code = fault.args[0] if fault.args else 0
    if code in _TIMED_OUT:
        return "timeout"
    return "unreachable" if code in _NO_WAY_IN or not isinstance(code, int) else "refused"


async def _conditions(cursor: aiomysql.Cursor, filters: Sequence[str], values: Sequence[str]) -> str:
    """`` WHERE …``, always with at least one condition, so that more can follow."""
    found = [str(await _value(cursor, "equal", *pair)) for pair in zip(filters, values, strict=True)]
    return " WHERE 1 = 1" + "".join(found)


async def _value(cursor: aiomysql.Cursor, name: str, *values: Any) -> Any:
    rows = await _asked(cursor, name, *values)
    return rows[0][0] if rows else None


async def _asked(cursor: aiomysql.Cursor, name: str, *values: Any) -> Sequence[tuple[Any, ...]]:
    """Ask a block; the driver writes ``%s`` for what our blocks call ``$1``."""
    order = [int(number) - 1 for number in re.findall(r"\$(\d+)", _SQL[name])]
    text = re.sub(r"\$\d+", "%s", _SQL[name].replace("%", "%%"))
    await cursor.execute(text, [values[place] for place in order])
    return await _fetched(cursor)


async def _rows(cursor: aiomysql.Cursor, text: str) -> Sequence[tuple[Any, ...]]:
    """Ask what the database wrote itself."""
    await cursor.execute(text)
    return await _fetched(cursor)


async def _fetched(cursor: aiomysql.Cursor) -> Sequence[tuple[Any, ...]]:
    found: Sequence[tuple[Any, ...]] = await cursor.fetchall()
    return found
