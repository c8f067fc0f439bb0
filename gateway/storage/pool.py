"""A zone's connections. Rooms see ``Database``, ``Connection`` and ``Row``; only stores touch the driver."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Self, TypeAlias
from uuid import UUID

import asyncpg
import orjson
from asyncpg.pgproto import pgproto

from gateway.errors import GatewayError, Unavailable
from gateway.settings import Storage

Connection: TypeAlias = asyncpg.Connection
Row: TypeAlias = Mapping[str, Any]
RowId: Final[Callable[[bytes], UUID]] = pgproto.UUID
"""A UUID from its sixteen bytes, as the driver makes them of rows: equal to any other, and made and sent in a tenth of the time."""

_DOWN = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
# A server that cuts the connection in mid-statement reaches the driver at any point of its own state machine;
# which of these rises is a matter of timing.
_CUT = (asyncpg.InterfaceError, asyncpg.InternalClientError)
# Waited too long for others, or in a circle with them: nothing was done, and a second attempt may well go through.
_BUSY = (
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
_NOT_LET_IN = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)


class DatabaseDown(Unavailable):
    """The database cannot be reached（数据库暂不可用）."""


class DatabaseBusy(Unavailable):
    """The database took too long（数据库繁忙，操作超时）."""


def heed_cancellation() -> None:
    """Rise as CancelledError where the present task was told to end.

    ``asyncio.wait_for`` of Python 3.11, by which the driver bounds its waits, gives back a failure that comes at the same
    moment as the cancellation, which is then lost: a worker that tries again for ever would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def constraint_of(error: asyncpg.PostgresError) -> str:
    """The name of the constraint an error reports, or an empty string."""
    return getattr(error, "constraint_name", None) or ""


async def _prepare(connection: Connection) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=lambda v: orjson.dumps(v).decode(), decoder=orjson.loads
        )


async def _leave(_connection: Connection) -> None:
    """Nothing: an open transaction has been rolled back by the driver, and no statement leaves more behind than that.

    Settings and locks are of transactions (``set_config(…, true)``, ``pg_advisory_xact_lock``); so each use of a
    connection is spared the round trip in which the driver would reset it.
    """


class Writes:
    """Turns the names of violated constraints into the errors a room has given them.

    Args:
        named: constraint name to a ready error; a constraint without a name here is our own fault and rises.
    """

    def __init__(self, named: Mapping[str, GatewayError]) -> None:
        self._named = named

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Run statements; a known constraint's violation rises as its error."""
        try:
            yield
        except asyncpg.IntegrityConstraintViolationError as violation:
            known = self._named.get(constraint_of(violation))
            if known is None:
                raise
            raise known from None


class Database:
    """A pool of one zone.

    Every statement has the server-side ``statement_timeout`` of the settings; a connection that cannot be had
    raises :class:`DatabaseDown`.
    """

    def __init__(self, pool: asyncpg.Pool, wait_seconds: float) -> None:
        self._pool = pool
        self._wait_seconds = wait_seconds

    @classmethod
    async def open(cls, dsn: str, settings: Storage, *, size: int | None = None) -> Self:
        """Connect.

        Raises:
            DatabaseDown: no connection within ``connect_seconds``.
        """
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=size or settings.pool_max,
                timeout=settings.connect_seconds,
                init=_prepare,
                reset=_leave,
                server_settings={
                    "application_name": "gateway",
                    "timezone": "UTC",
                    "statement_timeout": str(int(settings.statement_timeout_seconds * 1000)),
                },
            )
        except (*_DOWN, *_NOT_LET_IN, TimeoutError) as fault:
            raise DatabaseDown(
                f"no connection to the database: {type(fault).__name__}", "无法连接数据库"
            ) from fault
        return cls(pool, settings.connect_seconds)

    async def close(self) -> None:
        """Close in order; a connection that hangs is cut after five seconds."""
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit.

        Raises:
            DatabaseDown: none within ``connect_seconds``, or it broke while in use.
            DatabaseBusy: a statement took longer than allowed, or waited in a circle with others.
        """
        held = await self._acquire()
        try:
            try:
                yield held
            finally:
                await self._pool.release(held)
        except (*_DOWN, *_CUT) as fault:
            heed_cancellation()
            raise DatabaseDown("the database cannot be reached", "数据库暂不可用") from fault
        except _BUSY as fault:
            raise DatabaseBusy("nothing was stored; try again", "本次未保存任何内容，请稍后重试") from fault

    async def _acquire(self) -> Connection:
        try:
            return await self._pool.acquire(timeout=self._wait_seconds)
        except (*_DOWN, *_CUT, asyncpg.PostgresError, TimeoutError) as fault:
            heed_cancellation()
            raise DatabaseDown("the database cannot be reached", "数据库暂不可用") from fault

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside one transaction; committed when the block ends, rolled back when it raises."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    def in_use(self) -> tuple[int, int]:
        """(connections open, of which idle), for the metrics."""
        return self._pool.get_size(), self._pool.get_idle_size()
