"""Addresses of breaches and orders."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.identity import Role
from gateway.supervision.orders.service import (
    AlreadyExplained,
    NoSuchBreach,
    NoSuchOrder,
    OrderClosed,
    Orders,
)
from gateway.supervision.orders.wire import (
    BreachQuery,
    BreachShown,
    Explanation,
    OrderAnswer,
    OrderClose,
    OrderQuery,
    OrderShown,
)
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_HOLDING: Final = frozenset({Role.REQUESTER, Role.PROVIDER, Role.PLATFORM_ADMIN})


async def list_breaches(orders: Orders, ask: Ask[BreachQuery]) -> Reply:
    given, after = ask.given, ask.after()
    is_over = None if given.state is None else given.state == "over"
    found = await orders.breaches(
        ask.principal, given.holder, is_over, UUID(after) if after else None, given.limit + 1
    )
    return ask.page(found, lambda one: str(one.id), BreachShown.of)


async def show_breach(orders: Orders, ask: Ask[None]) -> Reply:
    return Reply(BreachShown.of(await orders.breach(ask.principal, ask.uuid("breach_id"))))


async def explain_breach(orders: Orders, ask: Ask[Explanation]) -> Reply:
    return Reply(BreachShown.of(await orders.explain(ask.principal, ask.uuid("breach_id"), ask.given.reason)))


async def list_orders(orders: Orders, ask: Ask[OrderQuery]) -> Reply:
    after = ask.after()
    is_open = None if ask.given.state is None else ask.given.state == "open"
    found = await orders.listed(ask.principal, is_open, UUID(after) if after else None, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), OrderShown.of)


async def show_order(orders: Orders, ask: Ask[None]) -> Reply:
    return Reply(OrderShown.of(await orders.show(ask.principal, ask.uuid("order_id"))))


async def answer_order(orders: Orders, ask: Ask[OrderAnswer]) -> Reply:
    return Reply(OrderShown.of(await orders.answer(ask.principal, ask.uuid("order_id"), ask.given.answer)))


async def close_order(orders: Orders, ask: Ask[OrderClose]) -> Reply:
    return Reply(OrderShown.of(await orders.close(ask.principal, ask.uuid("order_id"), ask.given.outcome)))


_route = partial(Route, tag="supervision")
_ORDERS: Final = "/v1/supervision/orders"

ROUTES: Final = [
    _route("GET", "/v1/breaches", list_breaches, SIGNED_IN, "Clocks that ran out, on record for good", "超期记录",
           given=BreachQuery, returns=Page[BreachShown]),
    _route("GET", "/v1/breaches/{breach_id}", show_breach, SIGNED_IN, "One breach", "查看超期记录",
           returns=BreachShown, problems=(NoSuchBreach,)),
    _route("POST", "/v1/breaches/{breach_id}/explain", explain_breach, _HOLDING, "Say why a clock ran out", "说明超期原因",
           given=Explanation, returns=BreachShown, problems=(NoSuchBreach, AlreadyExplained)),
    _route("GET", _ORDERS, list_orders, SIGNED_IN, "Orders to departments", "督办单列表",
           given=OrderQuery, returns=Page[OrderShown]),
    _route("GET", f"{_ORDERS}/{{order_id}}", show_order, SIGNED_IN, "One order, and what changed", "查看督办单",
           returns=OrderShown, problems=(NoSuchOrder,)),
    _route("POST", f"{_ORDERS}/{{order_id}}/answer", answer_order, _HOLDING, "Say what was done", "反馈办理情况",
           given=OrderAnswer, returns=OrderShown, problems=(NoSuchOrder, OrderClosed)),
    _route("POST", f"{_ORDERS}/{{order_id}}/close", close_order, frozenset({Role.PLATFORM_ADMIN}),
           "Close an order, saying what changed", "督办销号",
           given=OrderClose, returns=OrderShown, problems=(NoSuchOrder, OrderClosed)),
]  # fmt: skip
