"""Where each sink stands."""

from gateway.storage import Connection, Queries

_SQL = Queries("gateway.siem")


async def position(connection: Connection, sink: str) -> int | None:
    found: int | None = await connection.fetchval(_SQL["position"], sink)
    return found


async def move(connection: Connection, sink: str, next_idx: int) -> None:
    await connection.execute(_SQL["move"], sink, next_idx)
