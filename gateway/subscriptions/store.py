"""Rows of schema ``subscriptions`` as values; constraint names as refusals."""

from datetime import datetime
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.errors import Conflict
from gateway.names import GrantId, OrgCode, ResourceId
from gateway.storage import Connection, Queries, Row, Writes
from gateway.subscriptions.model import Change, ChangeKind, Message, Result, Standing, State, Subscription

_SQL = Queries("gateway.subscriptions")


class AlreadySubscribed(Conflict):
    """This grant has a subscription already（该授权已有订阅）."""

    remedy = ("End it first.", "请先终止原订阅。")


_WRITES = Writes(
    {"a_grant_has_one_subscription": AlreadySubscribed("one subscription a grant", "每项授权只能有一个订阅")}
)


async def add_subscription(tx: Connection, new: Subscription) -> None:
    """Raises AlreadySubscribed."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_subscription"], new.id, new.grant_id, new.resource_id, new.resource_code, new.consumer_org,
            new.provider_org, new.url, new.made_by, new.made_at, new.cause.event_id, new.cause.digest,
        )  # fmt: skip


async def find_subscription(tx: Connection, subscription: UUID) -> Subscription | None:
    row = await tx.fetchrow(_SQL["find_subscription"], subscription)
    return _subscription(row) if row else None


async def lock_subscription(tx: Connection, subscription: UUID) -> Subscription | None:
    row = await tx.fetchrow(_SQL["lock_subscription"], subscription)
    return _subscription(row) if row else None


async def end_subscription(tx: Connection, subscription: UUID, at: datetime, written: Written) -> None:
    await tx.execute(_SQL["end_subscription"], subscription, at, written.event_id, written.digest)


async def list_subscriptions(
    tx: Connection, org: str | None, after: UUID | None, count: int
) -> list[Subscription]:
    return [_subscription(row) for row in await tx.fetch(_SQL["list_subscriptions"], org, after, count)]


async def subscriptions_to(tx: Connection, resource: ResourceId) -> list[Subscription]:
    await tx.execute(_SQL["hold_resource"], str(resource))
    return [_subscription(row) for row in await tx.fetch(_SQL["subscriptions_to"], resource)]


async def add_change(tx: Connection, new: Change) -> None:
    await tx.execute(
        _SQL["add_change"], new.id, new.resource_id, new.resource_code, new.provider_org, new.kind, new.published_by,
        new.published_at, new.messages, new.withheld, new.cause.event_id, new.cause.digest,
    )  # fmt: skip


async def find_change(tx: Connection, change: UUID) -> Change | None:
    row = await tx.fetchrow(_SQL["find_change"], change)
    if row is None:
        return None
    return Change(
        row["id"], ResourceId(row["resource_id"]), row["resource_code"], OrgCode(row["provider_org"]),
        ChangeKind(row["kind"]), row["published_by"], row["published_at"], row["messages"], row["withheld"],
        Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip


async def add_message(tx: Connection, new: Message, content: bytes) -> None:
    await tx.execute(
        _SQL["add_message"], new.id, new.change_id, new.subscription_id, new.subject, list(new.fields), content,
        new.claim_due_at, new.feedback_due_at, new.published_at, new.cause.event_id, new.cause.digest,
    )  # fmt: skip


async def claim_messages(
    tx: Connection, now: datetime, count: int, first_seconds: float, longest_seconds: float
) -> list[tuple[UUID, bytes]]:
    rows = await tx.fetch(_SQL["claim_messages"], now, count, first_seconds, longest_seconds)
    return [(row["id"], row["content"]) for row in rows]


async def find_message(tx: Connection, message: UUID) -> Message | None:
    row = await tx.fetchrow(_SQL["find_message"], message)
    return _message(row) if row else None


async def lock_message(tx: Connection, message: UUID) -> Message | None:
    row = await tx.fetchrow(_SQL["lock_message"], message)
    return _message(row) if row else None


async def list_messages(
    tx: Connection, org: str | None, standing: Standing, now: datetime, after: UUID | None, count: int
) -> list[Message]:
    rows = await tx.fetch(_SQL["list_messages"], org, standing, now, after, count)
    return [_message(row) for row in rows]


async def delivered(tx: Connection, message: UUID, at: datetime, written: Written) -> None:
    await tx.execute(_SQL["delivered"], message, at, written.event_id, written.digest)


async def failed(tx: Connection, message: UUID, why: str) -> None:
    await tx.execute(_SQL["failed"], message, why)


async def withhold(tx: Connection, message: UUID, why: str, written: Written) -> None:
    await tx.execute(_SQL["withhold"], message, why, written.event_id, written.digest)


async def send_again(tx: Connection, message: UUID, at: datetime, written: Written) -> None:
    await tx.execute(_SQL["send_again"], message, at, written.event_id, written.digest)


async def claim(tx: Connection, message: UUID, by: str, at: datetime, written: Written) -> None:
    await tx.execute(_SQL["claim_message"], message, by, at, written.event_id, written.digest)


async def answer(
    tx: Connection, message: UUID, result: Result, words: str, by: str, at: datetime, written: Written
) -> None:
    await tx.execute(_SQL["answer_message"], message, result, words, by, at, written.event_id, written.digest)


async def has_content(tx: Connection, message: UUID) -> bool:
    return bool(await tx.fetchval(_SQL["has_content"], message))


async def too_old(tx: Connection, before: datetime) -> list[UUID]:
    return [row["id"] for row in await tx.fetch(_SQL["too_old"], before)]


async def forget(tx: Connection, message: UUID) -> None:
    await tx.execute(_SQL["forget"], message)


async def to_remind(tx: Connection, now: datetime) -> list[UUID]:
    """Messages whose department is late and was not told so."""
    return [row["id"] for row in await tx.fetch(_SQL["to_remind"], now)]


async def remind(tx: Connection, message: UUID, now: datetime) -> int | None:
    """Take a reminder: 1 that it is not claimed, 2 that it is not answered; None if there is nothing to remind of any more."""
    row = await tx.fetchrow(_SQL["remind"], message, now)
    return int(row["reminded"]) if row else None


async def noted(tx: Connection, message: UUID, written: Written) -> None:
    """Its last record is this one."""
    await tx.execute(_SQL["noted"], message, written.event_id, written.digest)


def _subscription(row: Row) -> Subscription:
    return Subscription(
        row["id"], GrantId(row["grant_id"]), ResourceId(row["resource_id"]), row["resource_code"],
        OrgCode(row["consumer_org"]), OrgCode(row["provider_org"]), row["url"], row["made_by"], row["made_at"],
        row["ended_at"], Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip


def _message(row: Row) -> Message:
    return Message(
        id=row["id"],
        change_id=row["change_id"],
        subscription_id=row["subscription_id"],
        grant_id=GrantId(row["grant_id"]),
        resource_code=row["resource_code"],
        consumer_org=OrgCode(row["consumer_org"]),
        provider_org=OrgCode(row["provider_org"]),
        url=row["url"],
        kind=ChangeKind(row["kind"]),
        subject=row["subject"],
        fields=tuple(row["fields"]),
        published_at=row["published_at"],
        claim_due_at=row["claim_due_at"],
        feedback_due_at=row["feedback_due_at"],
        state=State(row["state"]),
        attempts=row["attempts"],
        last_error=row["last_error"],
        delivered_at=row["delivered_at"],
        claimed_by=row["claimed_by"],
        claimed_at=row["claimed_at"],
        result=Result(row["result"]) if row["result"] else None,
        words=row["words"],
        answered_by=row["answered_by"],
        answered_at=row["answered_at"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )
