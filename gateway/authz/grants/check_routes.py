"""Addresses of dry runs: what would happen to a call, and what may be called."""

from typing import Final
from uuid import UUID

from gateway.authz.grants.check_wire import Check, CheckShown, PermissionQuery, PermissionShown, QuotaShown
from gateway.authz.grants.checking import Checks
from gateway.authz.grants.service import NoSuchGrant
from gateway.identity import Role
from gateway.names import GrantId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_EVERYBODY: Final = frozenset(Role)
"""A dry run changes nothing, but it is sent by POST because what is personal stands in no address."""


async def check_call(checks: Checks, ask: Ask[Check]) -> Reply:
    named = GrantId(ask.given.grant_id) if ask.given.grant_id else None
    return Reply(CheckShown.of(await checks.check(ask.principal, ask.given.call(), named)))


async def list_permissions(checks: Checks, ask: Ask[PermissionQuery]) -> Reply:
    after, given = ask.after(), ask.given
    found = await checks.permitted(
        ask.principal, given.client, given.service, UUID(after) if after else None, given.limit + 1
    )
    return ask.page(found, lambda one: str(one.grant.id), PermissionShown.of)


async def show_quota(checks: Checks, ask: Ask[None]) -> Reply:
    return Reply(QuotaShown.of(await checks.left(ask.principal, GrantId(ask.uuid("grant_id")))))


ROUTES: Final = [
    Route("POST", "/v1/check", check_call, _EVERYBODY, "Try a call without making it, and say why it would be refused",
          "试算一次调用并说明理由", "grants", given=Check, returns=CheckShown),
    Route("GET", "/v1/permissions", list_permissions, SIGNED_IN, "What the own department may call now",
          "本部门当前可调用的服务", "grants", given=PermissionQuery, returns=Page[PermissionShown]),
    Route("GET", "/v1/grants/{grant_id}/quota", show_quota, SIGNED_IN, "What is left of today's calls under a grant",
          "查询授权当日剩余调用量", "grants", returns=QuotaShown, problems=(NoSuchGrant,)),
]  # fmt: skip
