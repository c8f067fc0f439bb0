"""Addresses of registered seals."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.identity import Role
from gateway.sealing.refusals import NoSuchHolder, NoSuchSeal, SealKnown, SealNotInStatus, SealRefused
from gateway.sealing.service import Registry
from gateway.sealing.wire import NewSealQuery, NewStatus, SealQuery, SealShown
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

SEAL_FILE: Final = "application/octet-stream"
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})


async def register_seal(registry: Registry, ask: Ask[NewSealQuery]) -> Reply:
    made = await registry.register(ask.principal, ask.given.holder(), ask.upload().content)
    return Reply(SealShown.of(made))


async def change_seal_status(registry: Registry, ask: Ask[NewStatus]) -> Reply:
    given = ask.given
    seal = ask.uuid("seal_id")
    changed = await registry.change(ask.principal, seal, given.status, given.reason, given.since)
    return Reply(SealShown.of(changed))


async def list_seals(registry: Registry, ask: Ask[SealQuery]) -> Reply:
    after, given = ask.after(), ask.given
    found = await registry.listed(given.org, given.status, UUID(after) if after else None, given.limit + 1)
    return ask.page(found, lambda one: str(one.id), SealShown.of)


async def show_seal(registry: Registry, ask: Ask[None]) -> Reply:
    return Reply(SealShown.of(await registry.show(ask.uuid("seal_id"))))


_route = partial(Route, tag="seals", returns=SealShown)

ROUTES: Final = [
    _route("POST", "/v1/seals", register_seal, _PLATFORM, "Register a department's electronic seal", "登记电子印章",
           given=NewSealQuery, takes=(SEAL_FILE,), status=201, problems=(SealRefused, SealKnown, NoSuchHolder)),
    _route("GET", "/v1/seals", list_seals, SIGNED_IN, "List electronic seals", "电子印章列表",
           given=SealQuery, returns=Page[SealShown]),
    _route("GET", "/v1/seals/{seal_id}", show_seal, SIGNED_IN, "Show an electronic seal and its history", "查看电子印章",
           problems=(NoSuchSeal,)),
    _route("POST", "/v1/seals/{seal_id}/status", change_seal_status, _PLATFORM,
           "Suspend, resume, report lost or revoke a seal", "印章停用、启用、挂失、注销",
           given=NewStatus, problems=(NoSuchSeal, SealNotInStatus)),
]  # fmt: skip
