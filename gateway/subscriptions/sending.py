"""Sending messages: any number of processes, each message with one of them at a time, none before an earlier one of its subject.

A message is a Security Event Token (RFC 8417) pushed to the webhook (RFC 8935), signed with the gateway's key; ``jti`` is
the message's id, the same for every repetition. Any 2xx is its receipt. The next attempt is set before one is made.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, NoReturn
from uuid import UUID

import orjson

from gateway.audit import AuditLog, EventType, Outcome
from gateway.authz import Grants
from gateway.catalog import Catalog
from gateway.errors import GatewayError
from gateway.identity import Tokens
from gateway.seals import Vault
from gateway.sections import Subscriptions as Settings
from gateway.storage import Connection, Database
from gateway.subscriptions import evidence, store
from gateway.subscriptions.carrying import hindrance
from gateway.subscriptions.model import Message, State
from gateway.subscriptions.refusals import SubscriptionEnded, SubscriptionNotPossible
from gateway.supervision import NoticeKind, Told, tell
from gateway.telemetry import get_logger
from gateway.web.posting import Posting

_log = get_logger()
EVENT_URI: Final = "urn:gateway:change"
_HEADERS: Final = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}


class _Late(NamedTuple):
    """What a department did not do in time: in the record, and in words."""

    what: str
    text: str
    text_zh: str


_LATE: Final = {
    1: _Late(
        "claim",
        "a change was pushed to your system and is not claimed; its time is over",
        "变更消息已推送，逾期未认领",
    ),
    2: _Late("feedback", "a change is not answered; its time is over", "变更消息逾期未反馈"),
}


class Sending:
    """One process's sender; :meth:`run` is a worker. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        grants: Grants,
        catalog: Catalog,
        tokens: Tokens,
        posting: Posting,
        vault: Vault,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._grants = grants
        self._catalog = catalog
        self._tokens = tokens
        self._posting = posting
        self._vault = vault
        self._settings = settings
        self._now = now

    async def run(self) -> NoReturn:
        """Send until cancelled."""
        while True:
            busy = 0
            try:
                busy = await self.send_due()
                await self.remind_late()
                await self.forget_old()
            except GatewayError as fault:
                _log.error("subscriptions.sending_failed", problem=fault.slug(), said=fault.detail)
            if not busy:
                await asyncio.sleep(self._settings.poll_seconds)

    async def send_due(self) -> int:
        """Try what is due, a few at once; how many were tried."""
        settings = self._settings
        async with self._database.transaction() as tx:
            claimed = await store.claim_messages(
                tx, self._now(), settings.batch_max, settings.retry_seconds, settings.retry_max_seconds
            )
        async with asyncio.TaskGroup() as group:
            for message, content in claimed:
                group.create_task(self._send(message, content))
        return len(claimed)

    async def _send(self, message_id: UUID, content: bytes) -> None:
        try:
            async with self._database.transaction() as tx:
                message = await store.find_message(tx, message_id)
                assert message is not None  # it was claimed just now
                why = await self._hindrance(tx, message)
                if why is not None:
                    await self._withhold(tx, message, why)
                    return
            await self._push(message, orjson.loads(self._vault.unwrap(content, str(message_id))))
        except GatewayError as fault:
            _log.warning("subscriptions.message_failed", id=str(message_id), why=fault.detail)
            await self._note(message_id, fault)

    async def _hindrance(self, tx: Connection, message: Message) -> GatewayError | None:
        """Why it may not leave at this instant, however it stood when the change was published."""
        subscription = await store.find_subscription(tx, message.subscription_id)
        if subscription is None or subscription.ended_at is not None:
            return SubscriptionEnded("the subscription has ended", "订阅已终止")
        grant = await self._grants.at(tx, message.grant_id)
        resource = await self._catalog.at(tx, subscription.resource_id)
        return await hindrance(tx, grant, resource, self._now())

    async def _withhold(self, tx: Connection, message: Message, why: GatewayError) -> None:
        event = evidence.of(
            EventType.MESSAGE_WITHHELD, evidence.SYSTEM, message, {"bytes": 0}, outcome=Outcome.DENY, reason=why.slug()
        )  # fmt: skip
        await store.withhold(tx, message.id, why.slug(), await self._log.emit(tx, event))

    async def _push(self, message: Message, content: dict[str, Any]) -> None:
        """Record that it leaves, send it, record that it was taken.

        Raises:
            AuditUnavailable: then no byte leaves. Upstream: it was not taken. NoSigningKey.
        """
        said = {
            "id": str(message.id), "change": str(message.change_id), "kind": message.kind.value,
            "resource": message.resource_code, "grant": str(message.grant_id),
            "published_at": message.published_at.isoformat(), "claim_due_at": message.claim_due_at.isoformat(),
            "feedback_due_at": message.feedback_due_at.isoformat(), "record": content["record"],
        }  # fmt: skip
        async with self._database.transaction() as tx:
            token = await self._tokens.security_event(tx, message.url, str(message.id), {EVENT_URI: said})
        nonce, body = os.urandom(16), token.encode()
        detail = {
            "fields": list(message.fields), "attempt": message.attempts, "bytes": len(body), "nonce": nonce.hex(),
            "content": hashlib.sha256(nonce + body).hexdigest(), "url": message.url,
        }  # fmt: skip
        released = evidence.of(
            EventType.MESSAGE_RELEASED, evidence.SYSTEM, message, detail, outcome=Outcome.ALLOW, reason="granted",
            subject=content["about"],
        )  # fmt: skip
        written = await self._log.append(released)
        await self._posting.push(message.url, _HEADERS, body)
        async with self._database.transaction() as tx:
            taken = evidence.of(
                EventType.MESSAGE_DELIVERED, evidence.SYSTEM, message, {"released": str(written.event_id)}
            )
            await store.delivered(tx, message.id, self._now(), await self._log.emit(tx, taken))

    async def _note(self, message: UUID, why: GatewayError) -> None:
        """It stays pending and goes once more, under the same id."""
        try:
            async with self._database.transaction() as tx:
                await store.failed(tx, message, why.slug())
        except GatewayError as fault:
            _log.error("subscriptions.message_not_noted", id=str(message), why=fault.detail)

    async def remind_late(self) -> int:
        """Remind departments of messages they did not claim or answer in time, of each once; how many."""
        async with self._database.transaction() as tx:
            late = await store.to_remind(tx, self._now())
        for one in late:
            async with self._database.transaction() as tx:
                await self._remind(tx, one, self._now())
        return len(late)

    async def _remind(self, tx: Connection, one: UUID, now: datetime) -> None:
        stage = await store.remind(tx, one, now)
        message = await store.lock_message(tx, one)
        if stage is None or message is None:
            return
        of, due = _LATE[stage], message.claim_due_at if stage == 1 else message.feedback_due_at
        detail = {"of": of.what, "due_at": due.isoformat()}
        event = evidence.of(EventType.MESSAGE_REMINDED, evidence.SYSTEM, message, detail)
        await store.noted(tx, one, await self._log.emit(tx, event))
        told = Told(
            NoticeKind.REMIND,
            message.consumer_org,
            "message",
            one,
            message.resource_code,
            of.text,
            of.text_zh,
        )
        await tell(tx, told, now)

    async def forget_old(self) -> int:
        """Give up what could not be delivered for days, and drop what was delivered long ago; how many."""
        before = self._now() - timedelta(days=self._settings.keep_days)
        async with self._database.transaction() as tx:
            old = await store.too_old(tx, before)
            for one in old:
                message = await store.lock_message(tx, one)
                assert message is not None  # messages are never deleted
                if message.state is State.PENDING:
                    why = SubscriptionNotPossible("not delivered in its time", "未在保留期内送达")
                    await self._withhold(tx, message, why)
                else:
                    await store.forget(tx, one)
        return len(old)
