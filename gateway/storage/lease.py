"""A lease: of all processes one at a time does a work that goes on, by a row and the database's clock.

Not a lock of a session, because connections of a pool carry nothing from one use to the next. Who holds a lease works on
without asking until it ends; so what two may do at once for a moment must be safe to do twice.
"""

from uuid import UUID

from gateway.names import new_id
from gateway.storage.pool import Database
from gateway.storage.queries import Queries

_SQL = Queries("gateway.storage")


class Lease:
    """One process's claim to a work.

    Args:
        name: of the work.
        seconds: for which a claim holds without being renewed.
    """

    def __init__(self, database: Database, name: str, seconds: float) -> None:
        self._database = database
        self._name = name
        self._seconds = seconds
        self._holder: UUID = new_id()

    async def held(self) -> bool:
        """Take or renew the lease; whether it is ours.

        Raises:
            DatabaseDown, DatabaseBusy.
        """
        async with self._database.connection() as connection:
            return bool(await connection.fetchval(_SQL["hold"], self._name, self._holder, self._seconds))

    async def release(self) -> None:
        """Let the next one have it at once, if it is ours. Raises DatabaseDown, DatabaseBusy."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["let_go"], self._name, self._holder)
