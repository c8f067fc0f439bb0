"""Addresses of notices."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.identity import Role
from gateway.supervision.outbox.service import AlreadySent, NoAddress, NoSuchNotice, Outbox
from gateway.supervision.outbox.wire import NoticeQuery, NoticeShown
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route


async def list_notifications(outbox: Outbox, ask: Ask[NoticeQuery]) -> Reply:
    after = ask.after()
    found = await outbox.listed(
        ask.principal, ask.given.state, UUID(after) if after else None, ask.given.limit + 1
    )
    return ask.page(found, lambda one: str(one.id), NoticeShown.of)


async def retry_notification(outbox: Outbox, ask: Ask[None]) -> Reply:
    return Reply(NoticeShown.of(await outbox.retry(ask.principal, ask.uuid("notification_id"))))


_route = partial(Route, tag="supervision")

ROUTES: Final = [
    _route("GET", "/v1/notifications", list_notifications, SIGNED_IN, "Notices, and what became of them", "督办通知",
           given=NoticeQuery, returns=Page[NoticeShown]),
    _route("POST", "/v1/notifications/{notification_id}/retry", retry_notification, frozenset({Role.PLATFORM_ADMIN}),
           "Send a notice again, to the address its desk has now", "重发通知",
           returns=NoticeShown, problems=(NoSuchNotice, AlreadySent, NoAddress)),
]  # fmt: skip
