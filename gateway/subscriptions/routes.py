"""Addresses of subscriptions, changes and messages."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.authz.grants.service import NoSuchGrant
from gateway.catalog import NoSuchResource
from gateway.identity import Role
from gateway.names import GrantId, ResourceId
from gateway.subscriptions.model import Message
from gateway.subscriptions.refusals import (
    MessageAnswered,
    MessageClaimed,
    MessageNotClaimed,
    MessageNotDelivered,
    NoSuchMessage,
    NoSuchSubscription,
    SubscriptionEnded,
    SubscriptionNotPossible,
)
from gateway.subscriptions.service import Subscriptions
from gateway.subscriptions.store import AlreadySubscribed
from gateway.subscriptions.wire import (
    ChangeShown,
    MessageQuery,
    MessageShown,
    NewChange,
    NewFeedback,
    NewSubscription,
    SubscriptionShown,
)
from gateway.web import SIGNED_IN, Ask, Page, PageQuery, Reply, Route


def _shown(rooms: Subscriptions, message: Message) -> Reply:
    return Reply(MessageShown.of(message, rooms.now()))


async def subscribe(rooms: Subscriptions, ask: Ask[NewSubscription]) -> Reply:
    made = await rooms.subscribe(ask.principal, GrantId(ask.uuid("grant_id")), ask.given.url, ask.once)
    return Reply(SubscriptionShown.of(made))


async def list_subscriptions(rooms: Subscriptions, ask: Ask[PageQuery]) -> Reply:
    after = ask.after()
    found = await rooms.listed(ask.principal, UUID(after) if after else None, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), SubscriptionShown.of)


async def end_subscription(rooms: Subscriptions, ask: Ask[None]) -> Reply:
    return Reply(SubscriptionShown.of(await rooms.end(ask.principal, ask.uuid("subscription_id"))))


async def publish_change(rooms: Subscriptions, ask: Ask[NewChange]) -> Reply:
    given, resource = ask.given, ResourceId(ask.uuid("resource_id"))
    made = await rooms.publish(ask.principal, resource, given.kind, given.parameters, given.record, ask.once)
    return Reply(ChangeShown.of(made))


async def list_messages(rooms: Subscriptions, ask: Ask[MessageQuery]) -> Reply:
    after, given, now = ask.after(), ask.given, rooms.now()
    place = UUID(after) if after else None
    found = await rooms.messages(ask.principal, given.standing, place, given.limit + 1)
    return ask.page(found, lambda one: str(one.id), lambda one: MessageShown.of(one, now))


async def show_message(rooms: Subscriptions, ask: Ask[None]) -> Reply:
    return _shown(rooms, await rooms.message(ask.principal, ask.uuid("message_id")))


async def claim_message(rooms: Subscriptions, ask: Ask[None]) -> Reply:
    return _shown(rooms, await rooms.claim(ask.principal, ask.uuid("message_id")))


async def answer_message(rooms: Subscriptions, ask: Ask[NewFeedback]) -> Reply:
    given, one = ask.given, ask.uuid("message_id")
    return _shown(rooms, await rooms.answer(ask.principal, one, given.result, given.words))


async def send_message_again(rooms: Subscriptions, ask: Ask[None]) -> Reply:
    return _shown(rooms, await rooms.send_again(ask.principal, ask.uuid("message_id")))


_route = partial(Route, tag="subscriptions")
_REQUESTER: Final = frozenset({Role.REQUESTER})
_PROVIDER: Final = frozenset({Role.PROVIDER})

ROUTES: Final = [
    _route("POST", "/v1/grants/{grant_id}/subscriptions", subscribe, _REQUESTER, "Subscribe to changes", "订阅数据变更",
           given=NewSubscription, returns=SubscriptionShown, status=201, creates=True,
           problems=(NoSuchGrant, SubscriptionNotPossible, AlreadySubscribed)),
    _route("GET", "/v1/subscriptions", list_subscriptions, SIGNED_IN, "List subscriptions", "订阅列表",
           given=PageQuery, returns=Page[SubscriptionShown]),
    _route("POST", "/v1/subscriptions/{subscription_id}/end", end_subscription, _REQUESTER, "End a subscription", "终止订阅",
           returns=SubscriptionShown, problems=(NoSuchSubscription, SubscriptionEnded)),
    _route("POST", "/v1/resources/{resource_id}/record-changes", publish_change, _PROVIDER,
           "Publish a change of a resource to those who subscribed", "发布数据变更", given=NewChange, returns=ChangeShown,
           status=201, creates=True, problems=(NoSuchResource,)),
    _route("GET", "/v1/messages", list_messages, SIGNED_IN, "List messages; also those unclaimed or overdue", "变更消息列表",
           given=MessageQuery, returns=Page[MessageShown]),
    _route("GET", "/v1/messages/{message_id}", show_message, SIGNED_IN, "Show a message", "查看变更消息",
           returns=MessageShown, problems=(NoSuchMessage,)),
    _route("POST", "/v1/messages/{message_id}/claim", claim_message, _REQUESTER, "Claim a message", "认领变更消息",
           returns=MessageShown, problems=(NoSuchMessage, MessageNotDelivered, MessageClaimed)),
    _route("POST", "/v1/messages/{message_id}/feedback", answer_message, _REQUESTER, "Say what came of a message", "反馈办理结果",
           given=NewFeedback, returns=MessageShown, problems=(NoSuchMessage, MessageNotClaimed, MessageAnswered)),
    _route("POST", "/v1/messages/{message_id}/redeliver", send_message_again, _REQUESTER, "Have a message sent once more",
           "重新推送变更消息", returns=MessageShown, problems=(NoSuchMessage, MessageAnswered, MessageNotDelivered)),
]  # fmt: skip
