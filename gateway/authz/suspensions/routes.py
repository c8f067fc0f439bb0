"""Addresses of suspensions, terminations and endings of grants."""

from functools import partial
from typing import Any, Final

from gateway.authz.disputes.store import DisputeOpen
from gateway.authz.grants.routes import GrantDesk
from gateway.authz.grants.service import GrantNotInState, NoSuchGrant, NotYourGrant
from gateway.authz.grants.wire import GrantShown
from gateway.authz.service_changes.service import ServiceChangeNotFiled
from gateway.authz.suspensions.service import (
    NothingToAnswer,
    NotYourGround,
    NotYoursToLift,
    RectificationOpen,
    Suspensions,
)
from gateway.authz.suspensions.wire import (
    Answer,
    Ending,
    Suspending,
    SuspensionShown,
    SuspensionsShown,
    Termination,
)
from gateway.catalog.wire import Because
from gateway.identity import Role
from gateway.names import GrantId
from gateway.web import SIGNED_IN, Ask, Reply, Route

_KEEPERS: Final = frozenset({Role.PROVIDER, Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN})
_REQUESTER: Final = frozenset({Role.REQUESTER})


class Desk:
    """What the handlers need: the acts, and how grants are shown."""

    def __init__(self, suspensions: Suspensions, grants: GrantDesk) -> None:
        self.suspensions = suspensions
        self.grants = grants


def _id(ask: Ask[Any]) -> GrantId:
    return GrantId(ask.uuid("grant_id"))


async def suspend_grant(desk: Desk, ask: Ask[Suspending]) -> Reply:
    given = ask.given
    moved = await desk.suspensions.suspend(
        ask.principal, _id(ask), given.ground, given.reason, given.evidence, given.order
    )
    return Reply(desk.grants.show(moved))


async def list_suspensions(desk: Desk, ask: Ask[None]) -> Reply:
    found = await desk.suspensions.listed(ask.principal, _id(ask))
    return Reply(SuspensionsShown(items=[SuspensionShown.of(each) for each in found]))


async def answer_suspension(desk: Desk, ask: Ask[Answer]) -> Reply:
    return Reply(desk.grants.show(await desk.suspensions.answer(ask.principal, _id(ask), ask.given.answer)))


async def resume_grant(desk: Desk, ask: Ask[Because]) -> Reply:
    return Reply(desk.grants.show(await desk.suspensions.resume(ask.principal, _id(ask), ask.given.reason)))


async def revoke_grant(desk: Desk, ask: Ask[Termination]) -> Reply:
    given = ask.given
    return Reply(
        desk.grants.show(
            await desk.suspensions.terminate(ask.principal, _id(ask), given.ground, given.reason)
        )
    )


async def end_grant(desk: Desk, ask: Ask[Ending]) -> Reply:
    given = ask.given
    return Reply(
        desk.grants.show(await desk.grants.grants.end(ask.principal, _id(ask), given.because, given.reason))
    )


_route = partial(Route, tag="grants", returns=GrantShown)
_ONE: Final = "/v1/grants/{grant_id}"
_STEP: Final = (NoSuchGrant, GrantNotInState, NotYourGrant)

ROUTES: Final = [
    _route("POST", f"{_ONE}/suspend", suspend_grant, _KEEPERS, "Suspend a grant, with evidence", "暂停授权（附证据）",
           given=Suspending, problems=_STEP),
    _route("GET", f"{_ONE}/suspensions", list_suspensions, SIGNED_IN, "Every suspension of a grant", "授权的暂停记录",
           returns=SuspensionsShown, problems=(NoSuchGrant,)),
    _route("POST", f"{_ONE}/answer", answer_suspension, _REQUESTER, "Answer an order to rectify", "整改答复",
           given=Answer, problems=(*_STEP, NothingToAnswer)),
    _route("POST", f"{_ONE}/resume", resume_grant, _KEEPERS, "Lift the own side's suspension", "恢复授权",
           given=Because, problems=(*_STEP, NotYoursToLift)),
    _route("POST", f"{_ONE}/revoke", revoke_grant, _KEEPERS, "Terminate a grant for good", "终止授权",
           given=Termination, problems=(*_STEP, RectificationOpen, ServiceChangeNotFiled, NotYourGround, DisputeOpen)),
    _route("POST", f"{_ONE}/end", end_grant, _REQUESTER, "End a grant that is no longer needed", "结束使用",
           given=Ending, problems=_STEP),
]  # fmt: skip
