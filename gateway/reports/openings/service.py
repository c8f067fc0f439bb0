"""Acts on recipients: each method is one act, one transaction, one audit record; the report is read."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.catalog import Catalog, NoSuchResource, Resource
from gateway.errors import Conflict, FieldFault, Invalid, NotFound
from gateway.identity import Role, who
from gateway.names import ResourceId, new_id
from gateway.reports.openings import store
from gateway.reports.openings.model import Opening, Recipient, Terms, is_outside_government
from gateway.reports.scope import scope_of
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal


class NoSuchRecipient(NotFound):
    """There is no such recipient（没有该接收方登记）."""


class RecipientEnded(Conflict):
    """The recipient's entry is over（该接收方登记已终止）."""


class Openings:
    """The acts on recipients outside government. ``now`` gives the present instant with its zone."""

    def __init__(
        self, database: Database, log: AuditLog, catalog: Catalog, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._log = log
        self._catalog = catalog
        self._now = now

    async def register(
        self, actor: Principal, resource: ResourceId, org: str, name: str, terms: Terms, once: Once | None
    ) -> Recipient:
        """A provider names somebody outside government who gets its data, and on what.

        Raises:
            NoSuchResource: not of the own department.
            Invalid: not a firm or organisation outside government.
            RecipientKnown.
        """
        if not is_outside_government(org):
            raise Invalid(
                FieldFault("/recipient_org", "not the code of a firm or organisation outside government", "不是企业或社会组织的统一社会信用代码")
            )  # fmt: skip
        new = new_id()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._found(tx, earlier)
            own = await self._own(tx, actor, resource)
            detail = {
                "recipient": org, "basis": terms.basis, "fee_yuan": str(terms.fee_yuan),
                "fee_basis": terms.fee_basis or "",
            }  # fmt: skip
            event = _event(EventType.RECIPIENT_REGISTERED, actor, own.provider_org, "recipient", new, own.description.code, detail)  # fmt: skip
            written = await self._log.emit(tx, event)
            recipient = Recipient(
                new, own.id, own.description.code, own.provider_org, org, name, terms, actor.id, self._now(), None,
                None, written.cause,
            )  # fmt: skip
            await store.add(tx, recipient)
            return await self._found(tx, new)

    async def end(self, actor: Principal, recipient: UUID, because: str) -> Recipient:
        """The recipient gets the data no longer; the entry stays as evidence.

        Raises:
            NoSuchRecipient, RecipientEnded.
        """
        async with self._database.transaction() as tx:
            before = await store.lock(tx, recipient)
            if before is None or before.provider_org != actor.org:
                raise _unknown(recipient)
            if before.ended_at is not None:
                raise RecipientEnded("it ended before", "该登记已终止")
            detail = {"recipient": before.recipient_org, "because": because}
            event = _event(EventType.RECIPIENT_ENDED, actor, before.provider_org, "recipient", recipient, before.resource_code, detail)  # fmt: skip
            await store.end(tx, recipient, self._now(), because, await self._log.emit(tx, event))
            return await self._found(tx, recipient)

    async def declare_equal_terms(
        self, actor: Principal, resource: ResourceId, notice: str
    ) -> tuple[str, datetime]:
        """The provider says where the terms are published under which anybody alike gets the same.

        Raises:
            NoSuchResource: not of the own department.
        """
        async with self._database.transaction() as tx:
            own = await self._own(tx, actor, resource)
            event = _event(EventType.EQUAL_TERMS_DECLARED, actor, own.provider_org, "resource", own.id, own.description.code, {"notice": notice})  # fmt: skip
            at = self._now()
            await store.declare(tx, resource, notice, actor.id, at, await self._log.emit(tx, event))
            return notice, at

    async def recipients(self, actor: Principal, after: UUID | None, count: int) -> list[Recipient]:
        """Newest first: all for platform and auditors, those of the own department's data for others."""
        async with self._database.connection() as connection:
            return await store.listed(connection, scope_of(actor), after, count)

    async def report(self, actor: Principal, after: str | None, count: int) -> list[Opening]:
        """Resources somebody outside government gets, by code, each with its findings."""
        async with self._database.connection() as connection:
            return await store.openings(connection, scope_of(actor), after, count)

    async def _own(self, tx: Connection, actor: Principal, resource: ResourceId) -> Resource:
        own = await self._catalog.at(tx, resource)
        if own.provider_org != actor.org:
            raise NoSuchResource(f"no resource {resource}", f"没有信息资源 {resource}")
        return own

    async def _found(self, tx: Connection, recipient: UUID) -> Recipient:
        found = await store.find(tx, recipient)
        if found is None:
            raise _unknown(recipient)
        return found


def _unknown(recipient: UUID) -> NoSuchRecipient:
    return NoSuchRecipient(f"no recipient {recipient}", f"没有接收方登记 {recipient}")


def _event(
    kind: EventType, actor: Principal, provider: str, what: str, on: UUID, resource: str, detail: dict[str, str]
) -> Event:  # fmt: skip
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, Role.PROVIDER),
        provider_org=provider,
        object_kind=what,
        object_id=str(on),
        resource=resource,
        detail=detail,
    )
