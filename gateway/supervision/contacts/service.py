"""The register of contacts: each change is one act, one transaction, one audit record."""

from collections.abc import Callable
from datetime import datetime

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.errors import NotFound
from gateway.identity import Role, who
from gateway.identity.service import NoSuchOrg
from gateway.names import OrgCode
from gateway.storage import Database
from gateway.supervision.contacts import store
from gateway.supervision.contacts.model import Contact
from gateway.supervision.ladder import Desk
from gateway.supervision.service import SEE_ALL
from gateway.web import Principal


class NoSuchDesk(NotFound):
    """A department has a handler, a deputy and a head（部门联系人分为经办人、分管负责人、主要负责人）."""

    remedy = ("Name one of handler, deputy and head.", "请使用 handler、deputy 或 head。")


class Contacts:
    """Who is told. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._now = now

    async def listed(self, actor: Principal, org: OrgCode) -> list[Contact]:
        """The contacts of a department: for its own people, platform administrators and auditors.

        Raises:
            NoSuchOrg: also for departments that are not the actor's.
        """
        if actor.org != org and not actor.roles & SEE_ALL:
            raise NoSuchOrg("no such department, or not yours", "没有该部门，或无权查看")
        async with self._database.connection() as connection:
            return await store.contacts_of(connection, org)

    async def set(
        self, actor: Principal, org: OrgCode, desk: Desk, name: str, email: str | None, webhook: str | None
    ) -> Contact:
        """Put somebody at a desk. The record holds neither name nor address, only what changed.

        Raises:
            NoSuchOrg.
        """
        if desk is Desk.PLATFORM:
            raise NoSuchDesk("no such desk", "没有该岗位")
        new = Contact(org, desk, name, email, webhook, self._now())
        async with self._database.transaction() as tx:
            before = await store.contact_at(tx, org, desk)
            await store.set_contact(tx, new)
            changed = [
                field for field in ("name", "email", "webhook")
                if getattr(before, field, None) != getattr(new, field)
            ]  # fmt: skip
            event = Event(
                EventType.CONTACT_SET, Outcome.DONE, who(actor, Role.PLATFORM_ADMIN), object_kind="contact",
                object_id=f"{org} {desk}", provider_org=org, detail={"changed": changed},
            )  # fmt: skip
            await self._log.emit(tx, event)
        return new
