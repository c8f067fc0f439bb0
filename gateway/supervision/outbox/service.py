"""Acts on notices."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.errors import Conflict, NotFound
from gateway.identity import Role, who
from gateway.storage import Database
from gateway.supervision.contacts import store as contacts
from gateway.supervision.outbox import store
from gateway.supervision.outbox.model import Channel, Notice, NoticeState, addresses
from gateway.supervision.service import SEE_ALL
from gateway.web import Principal


class NoSuchNotice(NotFound):
    """There is no such notice（没有该通知）."""


class AlreadySent(Conflict):
    """The notice was delivered（通知已送达）."""


class NoAddress(Conflict):
    """The desk has no address（该岗位没有联系地址）."""

    remedy = (
        "Give the desk an e-mail address or a webhook, then send again.",
        "请先登记该岗位的邮箱或回调地址，再重发。",
    )


class Outbox:
    """What waits and what went. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._now = now

    async def listed(
        self, actor: Principal, state: NoticeState | None, after: UUID | None, count: int
    ) -> list[Notice]:
        """Newest first: those to the own department; all for platform administrators and auditors."""
        org = None if actor.roles & SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.list_notices(connection, org, state, after, count)

    async def retry(self, actor: Principal, notice: UUID) -> Notice:
        """Send a notice now, to the address its desk has now.

        Raises:
            NoSuchNotice, AlreadySent, NoAddress.
        """
        async with self._database.transaction() as tx:
            before = await store.lock_notice(tx, notice)
            if before is None:
                raise NoSuchNotice(f"no notice {notice}", f"没有通知 {notice}")
            if before.state is NoticeState.SENT:
                raise AlreadySent("the notice was delivered", "通知已送达")
            contact = await contacts.contact_at(tx, before.org, before.desk)
            found = dict(addresses(contact))
            channel = before.channel if before.channel in found else next(iter(found))
            if contact is None or channel is Channel.NONE:
                raise NoAddress("the desk has no address", "该岗位没有联系地址")
            after = replace(
                before, name=contact.name, channel=channel, target=found[channel], next_at=self._now(),
                state=NoticeState.PENDING,
            )  # fmt: skip
            event = Event(
                EventType.NOTICE_RETRIED, Outcome.DONE, who(actor, Role.PLATFORM_ADMIN), object_kind="notice",
                object_id=str(notice), case=before.content["case_id"], provider_org=before.org,
                detail={"channel": channel, "attempts": before.attempts},
            )  # fmt: skip
            await self._log.emit(tx, event)
            await store.retry(tx, after)
        return after
