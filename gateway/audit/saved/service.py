"""Keeping queries, running and deleting them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.audit.model import Event, Outcome, Who
from gateway.audit.saved import store
from gateway.audit.saved.errors import NoSuchSavedQuery
from gateway.audit.saved.model import SavedQuery
from gateway.audit.search.model import Filter, Page
from gateway.audit.service import AuditReader
from gateway.audit.types import EventType
from gateway.audit.writer import AuditLog
from gateway.names import new_id
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal

AUDITOR = "auditor"


class SavedQueries:
    """The auditors' kept queries.

    Args:
        database: the control zone's.
        log: takes the records of saving and deleting.
        reader: runs a query, and records that it ran.
        now: the present instant with its zone.
    """

    def __init__(
        self, database: Database, log: AuditLog, reader: AuditReader, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._log = log
        self._reader = reader
        self._now = now

    async def save(
        self, actor: Principal, name: str, wanted: Mapping[str, Any], *, shared: bool, once: Once | None
    ) -> SavedQuery:
        """Keep a query.

        Raises:
            QueryNameTaken: the actor has one under this name.
        """
        new = SavedQuery(new_id(), actor.id, name, shared, wanted, self._now())
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new.id):
                return await self._seen(tx, actor, earlier)
            await store.add(tx, new)
            await self._log.emit(tx, _event(EventType.AUDIT_QUERY_SAVED, actor, new))
        return new

    async def listed(self, actor: Principal, after: UUID | None, count: int) -> list[SavedQuery]:
        """The actor's own and the shared ones, newest first."""
        async with self._database.connection() as connection:
            return await store.listed(connection, actor.id, after, count)

    async def delete(self, actor: Principal, query: UUID) -> SavedQuery:
        """Keep a query no longer; as it was.

        Raises:
            NoSuchSavedQuery: also for queries of others.
        """
        async with self._database.transaction() as tx:
            found = await store.at(tx, query)
            if found is None or found.owner != actor.id:
                raise _unknown(query)
            await store.remove(tx, query)
            await self._log.emit(tx, _event(EventType.AUDIT_QUERY_DELETED, actor, found))
            return found

    async def seen(self, actor: Principal, query: UUID) -> SavedQuery:
        """A query the actor may run.

        Raises:
            NoSuchSavedQuery.
        """
        async with self._database.connection() as connection:
            return await self._seen(connection, actor, query)

    async def run(
        self, actor: Principal, wanted: Filter, *, limit: int, before: int | None, request_id: str
    ) -> Page:
        """The records a kept query finds, see :meth:`AuditReader.find`.

        Raises:
            AuditUnavailable: the search could not be recorded.
        """
        who = Who.of(actor, AUDITOR)
        return await self._reader.find(who, wanted, limit=limit, before=before, request_id=request_id)

    async def _seen(self, connection: Connection, actor: Principal, query: UUID) -> SavedQuery:
        found = await store.at(connection, query)
        if found is None or not found.is_seen_by(actor.id):
            raise _unknown(query)
        return found


def _unknown(query: UUID) -> NoSuchSavedQuery:
    return NoSuchSavedQuery(f"no saved query {query}", f"没有已存查询 {query}")


def _event(kind: EventType, actor: Principal, query: SavedQuery) -> Event:
    return Event(
        kind, Outcome.DONE, Who.of(actor, AUDITOR), object_kind="saved_query", object_id=str(query.id),
        detail={"name": query.name, "shared": query.shared, "wanted": dict(query.wanted)},
    )  # fmt: skip
