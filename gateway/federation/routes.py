"""Addresses of this room."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from gateway.errors import NotFound
from gateway.federation.platforms import NoSuchPlatform
from gateway.federation.service import Cascades, NoSuchCascade, NotAccepted, NothingToRetry
from gateway.federation.store import AlreadyCascaded
from gateway.federation.upper import FlowNotOffered
from gateway.federation.wire import (
    CascadeQuery,
    CascadeShown,
    CascadeStart,
    ClassQuery,
    ClassShown,
    CorrectionStart,
    PlatformKey,
    PlatformShown,
)
from gateway.identity import Role
from gateway.names import ApplicationId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})
_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})
_REQUESTER: Final = frozenset({Role.REQUESTER})


def _id(ask: Ask[Any]) -> ApplicationId:
    return ApplicationId(ask.uuid("application_id"))


async def list_upper_platforms(cascades: Cascades, ask: Ask[None]) -> Reply:
    keys = await cascades.keys_set()
    return Reply(Page(items=[PlatformShown.of(one, keys.get(one.id)) for one in cascades.platforms]))


async def set_upper_key(cascades: Cascades, ask: Ask[PlatformKey]) -> Reply:
    name = ask.path["platform"]
    at = await cascades.set_key(ask.principal, name, ask.given.key)
    return Reply(PlatformShown.of(cascades.platforms.get(name), at))


async def list_upper_classes(cascades: Cascades, ask: Ask[ClassQuery]) -> Reply:
    found = await cascades.classes(ask.given.platform, ask.after(), ask.given.limit + 1)
    return ask.page(
        found, lambda one: one[0], lambda one: ClassShown(code=one[0], name=one[1], parent=one[2] or None)
    )


async def cascade_application(cascades: Cascades, ask: Ask[CascadeStart]) -> Reply:
    given = ask.given
    started = await cascades.start(
        ask.principal, _id(ask), given.platform, given.upper_resource_code, given.note or "", ask.once
    )
    return Reply(CascadeShown.of(started))


async def show_application_cascade(cascades: Cascades, ask: Ask[None]) -> Reply:
    found = await cascades.of_application(ask.principal, _id(ask))
    return Reply(Page(items=[CascadeShown.of(one) for one in found]))


async def start_correction(cascades: Cascades, ask: Ask[CorrectionStart]) -> Reply:
    given = ask.given
    started = await cascades.correct(
        ask.principal, given.platform, given.upper_resource_code, given.item or "", given.problem, ask.once
    )
    return Reply(CascadeShown.of(started))


async def list_cascades(cascades: Cascades, ask: Ask[CascadeQuery]) -> Reply:
    after, given = ask.after(), ask.given
    found = await cascades.listed(
        ask.principal,
        given.platform,
        given.flow,
        given.state,
        UUID(after) if after else None,
        given.limit + 1,
    )
    return ask.page(found, lambda one: str(one.id), CascadeShown.of)


async def show_cascade(cascades: Cascades, ask: Ask[None]) -> Reply:
    return Reply(CascadeShown.of(await cascades.show(ask.principal, ask.uuid("cascade_id"))))


async def retry_cascade(cascades: Cascades, ask: Ask[None]) -> Reply:
    return Reply(CascadeShown.of(await cascades.retry(ask.principal, ask.uuid("cascade_id"))))


_route = partial(Route, tag="federation", returns=CascadeShown)
_ONE: Final = "/v1/cascade/objects/{cascade_id}"
_OF: Final = "/v1/applications/{application_id}/cascade"

ROUTES: Final = [
    _route("GET", "/v1/cascade/platforms", list_upper_platforms, SIGNED_IN, "Upper platforms", "上级平台",
           returns=Page[PlatformShown]),
    _route("PUT", "/v1/cascade/platforms/{platform}/key", set_upper_key, _SECURITY, "Store the key to an upper platform",
           "设置上级平台密钥", given=PlatformKey, returns=PlatformShown, problems=(NoSuchPlatform,)),
    _route("GET", "/v1/cascade/classes", list_upper_classes, SIGNED_IN, "Class codes an upper platform gave out",
           "上级目录分类", given=ClassQuery, returns=Page[ClassShown]),
    _route("POST", _OF, cascade_application, _PLATFORM, "Send an application up", "向上级平台提交申请",
           given=CascadeStart, status=201, creates=True,
           problems=(NotFound, NoSuchPlatform, FlowNotOffered, NotAccepted, AlreadyCascaded)),
    _route("GET", _OF, show_application_cascade, SIGNED_IN, "How an application stands above", "查看申请的上级办理情况",
           returns=Page[CascadeShown], problems=(NotFound,)),
    _route("POST", "/v1/cascade/corrections", start_correction, _REQUESTER, "Report a fault in upper data to its owner",
           "向上级提交纠错", given=CorrectionStart, status=201, creates=True, problems=(NoSuchPlatform, FlowNotOffered)),
    _route("GET", "/v1/cascade/objects", list_cascades, SIGNED_IN, "What was told to upper platforms", "上报记录列表",
           given=CascadeQuery, returns=Page[CascadeShown]),
    _route("GET", _ONE, show_cascade, SIGNED_IN, "How one report stands", "查看上报记录", problems=(NoSuchCascade,)),
    _route("POST", f"{_ONE}/retry", retry_cascade, _PLATFORM, "Send a rejected report again", "重新上报",
           problems=(NoSuchCascade, NothingToRetry)),
]  # fmt: skip
