"""Writing notices, in the transaction of what they tell."""

from datetime import datetime
from typing import Any

from gateway.names import OrgCode, new_id
from gateway.storage import Connection
from gateway.supervision.contacts import store as contacts
from gateway.supervision.ladder import Desk, Step
from gateway.supervision.model import TimedClock
from gateway.supervision.outbox import store
from gateway.supervision.outbox.model import (
    Channel,
    Notice,
    NoticeKind,
    NoticeState,
    Told,
    addresses,
    content_of,
)


async def announce(
    tx: Connection, clock: TimedClock, step: Step, platform: OrgCode, now: datetime, not_before: datetime
) -> None:
    """One notice per desk and address. A desk without one leaves a notice that says so.

    Args:
        platform: whose handler the desk ``platform`` is.
        not_before: notices keep the window too; what is recorded at midnight is told in the morning.
    """
    told = dict.fromkeys(
        (platform, Desk.HANDLER) if desk is Desk.PLATFORM else (clock.holder, desk) for desk in step.to
    )
    for org, desk in told:
        content = content_of(clock, step.kind, step.id, now)
        await _write(tx, org, desk, NoticeKind(step.kind), content, now, not_before)


async def tell(tx: Connection, told: Told, now: datetime) -> None:
    """Tell a department's handler at once what was done; the sender waits for no window."""
    await _write(tx, told.org, Desk.HANDLER, told.kind, told.content(now), now, now)


async def _write(
    tx: Connection, org: OrgCode, desk: Desk, kind: NoticeKind, content: dict[str, Any], now: datetime,
    not_before: datetime,
) -> None:  # fmt: skip
    contact = await contacts.contact_at(tx, org, desk)
    for channel, target in addresses(contact):
        reached = channel is not Channel.NONE
        await store.add_notice(
            tx,
            Notice(
                id=new_id(), org=org, desk=desk, name=contact.name if contact else "", channel=channel,
                target=target, kind=kind, content=content, created_at=now, next_at=not_before, attempts=0,
                state=NoticeState.PENDING if reached else NoticeState.UNDELIVERABLE,
                last_error=None if reached else "the desk has no address", sent_at=None,
            ),
        )  # fmt: skip
