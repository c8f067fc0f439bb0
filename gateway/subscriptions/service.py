"""Acts on subscriptions, changes and messages: each method is one act, one transaction, one audit record."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import orjson

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.authz import Grants
from gateway.authz.grants.service import NoSuchGrant
from gateway.catalog import Catalog, NoSuchResource, Resource
from gateway.deadlines import Clockwork, WorkingDays, due
from gateway.errors import Invalid
from gateway.identity import Role, who
from gateway.names import GrantId, ResourceId, new_id
from gateway.seals import Vault
from gateway.seals.pseudonyms import Pseudonyms
from gateway.sections import Subscriptions as Settings
from gateway.storage import Connection, Database, Once, claim
from gateway.subscriptions import evidence, store
from gateway.subscriptions.carrying import (
    carried,
    check_possible,
    hindrance,
    parameter_faults,
    record_faults,
)
from gateway.subscriptions.model import (
    Change,
    ChangeKind,
    Message,
    Result,
    Standing,
    State,
    Subscription,
)
from gateway.subscriptions.refusals import (
    MessageAnswered,
    MessageClaimed,
    MessageNotClaimed,
    MessageNotDelivered,
    NoSuchMessage,
    NoSuchSubscription,
    SubscriptionEnded,
)
from gateway.web import Principal

_SEE_ALL = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class Subscriptions:
    """The acts.

    Args:
        vault: closes what messages carry.
        pseudonyms: of what changed, so that messages of one subject keep their order.
        now: gives the present instant with its zone.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        grants: Grants,
        catalog: Catalog,
        work: Clockwork,
        vault: Vault,
        pseudonyms: Pseudonyms,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._grants = grants
        self._catalog = catalog
        self._work = work
        self._vault = vault
        self._pseudonyms = pseudonyms
        self._settings = settings
        self.now = now

    async def subscribe(self, actor: Principal, grant: GrantId, url: str, once: Once | None) -> Subscription:
        """The using department wants to hear of changes under a grant.

        Raises:
            NoSuchGrant: none of the own department.
            SubscriptionNotPossible, AlreadySubscribed.
            GatewayError: the grant is not in force.
        """
        new, now = new_id(), self.now()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._subscription(tx, actor, earlier)
            held = await self._grants.at(tx, grant)
            if held is None or held.consumer_org != actor.org:
                raise NoSuchGrant(f"no grant {grant}", f"没有授权 {grant}")
            resource = await self._catalog.at(tx, held.resource_id)
            check_possible(held, resource.description)
            if found := await hindrance(tx, held, resource, now):
                raise found
            made = Subscription(
                new, grant, resource.id, resource.description.code, held.consumer_org, held.provider_org, url, actor.id,
                now, None, held.cause,
            )  # fmt: skip
            event = evidence.about(
                EventType.SUBSCRIPTION_MADE, who(actor, Role.REQUESTER), made, (held.cause,)
            )
            written = await self._log.emit(tx, event)
            made = replace(made, cause=written.cause)
            await store.add_subscription(tx, made)
            return made

    async def end(self, actor: Principal, subscription: UUID) -> Subscription:
        """The department wants no more changes; what waits does not leave any more.

        Raises:
            NoSuchSubscription, SubscriptionEnded.
        """
        async with self._database.transaction() as tx:
            found = await store.lock_subscription(tx, subscription)
            if found is None or found.consumer_org != actor.org:
                raise _no_subscription(subscription)
            if found.ended_at is not None:
                raise SubscriptionEnded("it ended before", "订阅此前已终止")
            event = evidence.about(
                EventType.SUBSCRIPTION_ENDED, who(actor, Role.REQUESTER), found, (found.cause,)
            )
            await store.end_subscription(tx, subscription, self.now(), await self._log.emit(tx, event))
            return await self._subscription(tx, actor, subscription)

    async def listed(self, actor: Principal, after: UUID | None, count: int) -> list[Subscription]:
        """Newest first: all for the administrators, those by or to the own department for others."""
        async with self._database.connection() as connection:
            return await store.list_subscriptions(connection, _scope(actor), after, count)

    async def publish(
        self,
        actor: Principal,
        resource_id: ResourceId,
        kind: ChangeKind,
        parameters: Mapping[str, str],
        record: Mapping[str, str],
        once: Once | None,
    ) -> Change:
        """The providing department tells of a change; a message to every subscription whose grant lets something of it out.

        Raises:
            NoSuchResource: none of the own department.
            Invalid: parameters or items that the resource does not have, or of another type.
        """
        new, now = new_id(), self.now()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._change(tx, earlier)
            resource = await self._catalog.at(tx, resource_id)
            if resource.provider_org != actor.org:
                raise NoSuchResource(f"no resource {resource_id}", f"没有信息资源 {resource_id}")
            what = resource.description
            if faults := [*parameter_faults(what, parameters), *record_faults(what, record)]:
                raise Invalid(*faults)
            about = await self._about(resource, parameters)
            made, withheld = await self._messages(tx, new, resource, kind, parameters, record, about, now)
            detail = {
                "kind": kind.value, "fields": sorted(record), "parameters": sorted(parameters), "messages": len(made),
                "withheld": withheld,
            }  # fmt: skip
            event = Event(
                EventType.CHANGE_PUBLISHED, Outcome.DONE, who(actor, Role.PROVIDER), provider_org=resource.provider_org,
                object_kind="change", object_id=str(new), resource=what.code, subject=about, detail=detail,
                cause=(resource.cause,),
            )  # fmt: skip
            written = await self._log.emit(tx, event)
            change = Change(
                new, resource.id, what.code, resource.provider_org, kind, actor.id, now, len(made), withheld, written.cause
            )  # fmt: skip
            await store.add_change(tx, change)
            for message, content in made:
                await store.add_message(tx, replace(message, cause=written.cause), content)
            return change

    async def _about(self, resource: Resource, parameters: Mapping[str, str]) -> str:
        """Whom the change is about, as a pseudonym of the log: by the first parameter that names somebody."""
        for one in resource.description.parameters:
            if one.names is not None and one.name in parameters:
                return await self._log.subject(one.names, parameters[one.name])
        return ""

    async def _messages(
        self,
        tx: Connection,
        change: UUID,
        resource: Resource,
        kind: ChangeKind,
        parameters: Mapping[str, str],
        record: Mapping[str, str],
        about: str,
        now: datetime,
    ) -> tuple[list[tuple[Message, bytes]], int]:
        """Messages with their closed contents, and from how many subscriptions the change is withheld."""
        made, withheld = [], 0
        subject = self._pseudonyms.of(resource.description.code, parameters)
        claim_by, answer_by = (
            self._due(now, self._settings.claim_days),
            self._due(now, self._settings.feedback_days),
        )
        for one in await store.subscriptions_to(tx, resource.id):
            grant = await self._grants.at(tx, one.grant_id)
            found = carried(grant, resource, parameters, record, now) if grant else None
            if grant is None or found is None or await hindrance(tx, grant, resource, now):
                withheld += 1
                continue
            fields, shown = found
            message = Message(
                id=new_id(), change_id=change, subscription_id=one.id, grant_id=one.grant_id,
                resource_code=one.resource_code, consumer_org=one.consumer_org, provider_org=one.provider_org, url=one.url,
                kind=kind, subject=subject, fields=fields, published_at=now, claim_due_at=claim_by,
                feedback_due_at=answer_by, state=State.PENDING, attempts=0, last_error=None, delivered_at=None,
                claimed_by=None, claimed_at=None, result=None, words=None, answered_by=None, answered_at=None,
                cause=one.cause,
            )  # fmt: skip
            content = orjson.dumps({"about": about, "record": orjson.loads(shown)})
            made.append((message, self._vault.wrap(content, str(message.id))))
        return made, withheld

    def _due(self, now: datetime, days: int) -> datetime:
        calendar = self._work.almanac.editions.known_at(now)
        return due(now, WorkingDays(days), calendar, self._work.reckoning.rest_day).due_at

    async def messages(
        self, actor: Principal, standing: Standing, after: UUID | None, count: int
    ) -> list[Message]:
        """Newest first: all for the administrators, those from or to the own department for others."""
        async with self._database.connection() as connection:
            return await store.list_messages(connection, _scope(actor), standing, self.now(), after, count)

    async def message(self, actor: Principal, message: UUID) -> Message:
        """Raises NoSuchMessage, also for departments that are no party to it."""
        async with self._database.connection() as connection:
            return await self._seen(connection, actor, message)

    async def claim(self, actor: Principal, message: UUID) -> Message:
        """认领: somebody of the department takes it on.

        Raises:
            NoSuchMessage, MessageNotDelivered, MessageClaimed.
        """
        async with self._database.transaction() as tx:
            found = await self._own(tx, actor, message)
            if found.claimed_at is not None:
                raise MessageClaimed(f"by {found.claimed_by}", f"认领人 {found.claimed_by}")
            if found.state is not State.DELIVERED:
                raise MessageNotDelivered(
                    found.last_error or "it is on its way", found.last_error or "正在送达"
                )
            now = self.now()
            detail = {"late": now >= found.claim_due_at}
            event = evidence.of(EventType.MESSAGE_CLAIMED, who(actor, Role.REQUESTER), found, detail)
            await store.claim(tx, message, actor.id, now, await self._log.emit(tx, event))
            return await self._seen(tx, actor, message)

    async def answer(self, actor: Principal, message: UUID, result: Result, words: str) -> Message:
        """反馈: what came of it; what it carried is not kept any longer.

        Raises:
            NoSuchMessage, MessageNotClaimed, MessageAnswered.
        """
        async with self._database.transaction() as tx:
            found = await self._own(tx, actor, message)
            if found.answered_at is not None:
                raise MessageAnswered("it was answered before", "此前已反馈")
            if found.claimed_at is None:
                raise MessageNotClaimed("nobody has claimed it", "尚无人认领")
            now = self.now()
            detail = {"result": result.value, "words": words, "late": now >= found.feedback_due_at}
            event = evidence.of(EventType.MESSAGE_ANSWERED, who(actor, Role.REQUESTER), found, detail)
            await store.answer(tx, message, result, words, actor.id, now, await self._log.emit(tx, event))
            return await self._seen(tx, actor, message)

    async def send_again(self, actor: Principal, message: UUID) -> Message:
        """The department's system lost it, or was repaired: it goes once more, at once.

        Raises:
            NoSuchMessage. MessageAnswered: its content is gone. MessageNotDelivered: it was withheld.
        """
        async with self._database.transaction() as tx:
            found = await self._own(tx, actor, message)
            if found.answered_at is not None or not await store.has_content(tx, message):
                raise MessageAnswered("its content is gone", "内容已销毁")
            if found.state is State.WITHHELD:
                raise MessageNotDelivered(found.last_error or "withheld", found.last_error or "未送出")
            event = evidence.of(EventType.MESSAGE_RESENT, who(actor, Role.REQUESTER), found, {})
            await store.send_again(tx, message, self.now(), await self._log.emit(tx, event))
            return await self._seen(tx, actor, message)

    async def _own(self, tx: Connection, actor: Principal, message: UUID) -> Message:
        found = await store.lock_message(tx, message)
        if found is None or found.consumer_org != actor.org:
            raise _no_message(message)
        return found

    async def _seen(self, tx: Connection, actor: Principal, message: UUID) -> Message:
        found = await store.find_message(tx, message)
        parties = (found.consumer_org, found.provider_org) if found else ()
        if found is None or not (actor.org in parties or actor.roles & _SEE_ALL):
            raise _no_message(message)
        return found

    async def _subscription(self, tx: Connection, actor: Principal, subscription: UUID) -> Subscription:
        found = await store.find_subscription(tx, subscription)
        if found is None or actor.org not in (found.consumer_org, found.provider_org):
            raise _no_subscription(subscription)
        return found

    async def _change(self, tx: Connection, change: UUID) -> Change:
        found = await store.find_change(tx, change)
        assert found is not None  # its key was claimed in the transaction that made it
        return found


def _scope(actor: Principal) -> str | None:
    return None if actor.roles & _SEE_ALL else actor.org


def _no_subscription(subscription: UUID) -> NoSuchSubscription:
    return NoSuchSubscription(f"no subscription {subscription}", f"没有订阅 {subscription}")


def _no_message(message: UUID) -> NoSuchMessage:
    return NoSuchMessage(f"no message {message}", f"没有消息 {message}")
