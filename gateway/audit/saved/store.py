"""SQL of kept queries; the constraint on names as its refusal."""

from uuid import UUID

import orjson

from gateway.audit.saved.errors import QueryNameTaken
from gateway.audit.saved.model import SavedQuery
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.audit.saved")
_WRITES = Writes({"an_auditor_names_a_query_once": QueryNameTaken("this name is taken", "该名称已被使用")})


async def add(tx: Connection, new: SavedQuery) -> None:
    """Store a query.

    Raises:
        QueryNameTaken.
    """
    wanted = orjson.dumps(dict(new.wanted)).decode()
    with _WRITES.guarded():
        await tx.execute(_SQL["add_query"], new.id, new.owner, new.name, new.shared, wanted, new.saved_at)


async def at(tx: Connection, query: UUID) -> SavedQuery | None:
    """One query, whoever owns it."""
    row = await tx.fetchrow(_SQL["query_at"], query)
    return _query(row) if row else None


async def listed(tx: Connection, owner: str, after: UUID | None, count: int) -> list[SavedQuery]:
    """An auditor's own queries and the shared ones, newest first."""
    return [_query(row) for row in await tx.fetch(_SQL["queries_of"], owner, after, count)]


async def remove(tx: Connection, query: UUID) -> None:
    """Delete a query."""
    await tx.execute(_SQL["remove_query"], query)


def _query(row: Row) -> SavedQuery:
    return SavedQuery(**dict(row) | {"wanted": orjson.loads(row["wanted"])})
