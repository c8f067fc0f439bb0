"""Addresses of applications."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.authz.applications.ahead_routes import ROUTES as AHEAD_ROUTES
from gateway.authz.applications.answer import Approval, Refusal
from gateway.authz.applications.bulk_routes import ROUTES as BULK_ROUTES
from gateway.authz.applications.desk import Desk, application_id, resource_id
from gateway.authz.applications.refusals import (
    Amended,
    ApplicationNotInState,
    ConditionNotInCatalogue,
    NoSuchApplication,
    NothingChanged,
    NotShared,
    NotToldYet,
    StillIncomplete,
    ToldAlready,
    WrongRoute,
)
from gateway.authz.applications.scene_routes import ROUTES as SCENE_ROUTES
from gateway.authz.applications.stamping_routes import ROUTES as STAMPING_ROUTES
from gateway.authz.applications.wire import (
    Amendment,
    ApplicationBrief,
    ApplicationQuery,
    ApplicationShown,
    NewApplication,
    NewNotice,
    Review,
    RouteShown,
    Versions,
)
from gateway.catalog import NoSuchResource, SelfApproval
from gateway.catalog.acts import ResourceNotInState
from gateway.catalog.wire import Because
from gateway.identity import Role
from gateway.sealing.refusals import SealMissing, SealUnproven
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_REQUESTER: Final = frozenset({Role.REQUESTER})
_PROVIDER: Final = frozenset({Role.PROVIDER})
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})


async def preview_route(desk: Desk, ask: Ask[None]) -> Reply:
    return Reply(RouteShown.of(await desk.applications.filing.preview(resource_id(ask))))


async def file_application(desk: Desk, ask: Ask[NewApplication]) -> Reply:
    given = ask.given
    return desk.show(
        await desk.applications.filing.file(
            ask.principal, given.form(), given.incomplete, ask.once, ask.request_id
        )
    )


async def amend_application(desk: Desk, ask: Ask[Amendment]) -> Reply:
    given = ask.given
    return desk.show(
        await desk.applications.amendments.amend(
            ask.principal, application_id(ask), given.form(), given.incomplete, given.because
        )
    )


async def list_versions(desk: Desk, ask: Ask[None]) -> Reply:
    return Reply(Versions.of(await desk.applications.amendments.versions(ask.principal, application_id(ask))))


async def give_notice(desk: Desk, ask: Ask[NewNotice]) -> Reply:
    items = [lack.item() for lack in ask.given.items]
    return desk.show(await desk.applications.telling.tell(ask.principal, application_id(ask), items))


async def list_applications(desk: Desk, ask: Ask[ApplicationQuery]) -> Reply:
    after = ask.after()
    found = await desk.applications.listed(
        ask.principal, ask.given.wanted(), UUID(after) if after else None, ask.given.limit + 1
    )
    return ask.page(found, lambda one: str(one.id), ApplicationBrief.of)


async def show_application(desk: Desk, ask: Ask[None]) -> Reply:
    return desk.show(await desk.applications.show(ask.principal, application_id(ask)))


async def review_application(desk: Desk, ask: Ask[Review]) -> Reply:
    given = ask.given
    reasons = [reason.model_dump(mode="json") for reason in given.reasons]
    return desk.show(
        await desk.applications.reviews.review(
            ask.principal, application_id(ask), given.accept, reasons, given.opinion, given.form_version
        )
    )


async def provide_application(desk: Desk, ask: Ask[None]) -> Reply:
    return desk.show(await desk.applications.decisions.provide(ask.principal, application_id(ask)))


async def approve_application(desk: Desk, ask: Ask[Approval]) -> Reply:
    return desk.show(await desk.applications.decisions.approve(ask.principal, application_id(ask), ask.given))


async def refuse_application(desk: Desk, ask: Ask[Refusal]) -> Reply:
    return desk.show(await desk.applications.decisions.refuse(ask.principal, application_id(ask), ask.given))


async def withdraw_application(desk: Desk, ask: Ask[Because]) -> Reply:
    return desk.show(
        await desk.applications.withdrawals.withdraw(ask.principal, application_id(ask), ask.given.reason)
    )


_route = partial(Route, tag="applications", returns=ApplicationShown)
_ONE: Final = "/v1/applications/{application_id}"
_SEALED: Final = (SealMissing, SealUnproven)
_STEP: Final = (NoSuchApplication, ApplicationNotInState, SelfApproval)

ROUTES: Final = [
    _route("GET", "/v1/resources/{resource_id}/route", preview_route, SIGNED_IN,
           "Which route an application takes, who decides, by when", "申请前查看办理路径与时限",
           returns=RouteShown, problems=(NoSuchResource, ResourceNotInState, NotShared)),
    _route("POST", "/v1/applications", file_application, _REQUESTER, "File an application", "提出共享申请",
           given=NewApplication, status=201, creates=True, problems=(NoSuchResource, ResourceNotInState, NotShared)),
    _route("GET", "/v1/applications", list_applications, SIGNED_IN, "List applications", "共享申请列表",
           given=ApplicationQuery, returns=Page[ApplicationBrief]),
    _route("GET", _ONE, show_application, SIGNED_IN, "How an application stands, and why it waits", "查看申请及时限",
           problems=(NoSuchApplication,)),
    _route("GET", f"{_ONE}/versions", list_versions, SIGNED_IN, "Every version of the form, and what changed",
           "查看申请表各版本及变化", returns=Versions, problems=(NoSuchApplication,)),
    _route("POST", f"{_ONE}/amend", amend_application, _REQUESTER, "Amend before it is decided", "修改或补正申请",
           given=Amendment, problems=(NoSuchApplication, ApplicationNotInState, NothingChanged, WrongRoute)),
    _route("POST", f"{_ONE}/notice", give_notice, _PLATFORM | _PROVIDER, "Say once all that is missing", "一次性告知",
           given=NewNotice, problems=(*_STEP, WrongRoute, ToldAlready)),
    _route("POST", f"{_ONE}/review", review_application, _PLATFORM, "Conformity review", "规范性审查",
           given=Review, problems=(*_STEP, Amended, StillIncomplete, NotToldYet, *_SEALED)),
    _route("POST", f"{_ONE}/provide", provide_application, _PLATFORM, "Provide directly", "平台直接提供",
           problems=(*_STEP, WrongRoute, *_SEALED)),
    _route("POST", f"{_ONE}/approve", approve_application, _PROVIDER, "Agree, possibly to less", "同意共享",
           given=Approval, problems=(*_STEP, WrongRoute, Amended, *_SEALED)),
    _route("POST", f"{_ONE}/refuse", refuse_application, _PROVIDER, "Do not agree, with reason", "不同意共享",
           given=Refusal, problems=(*_STEP, WrongRoute, Amended, NotToldYet, ConditionNotInCatalogue, *_SEALED)),
    _route("POST", f"{_ONE}/withdraw", withdraw_application, _REQUESTER, "Withdraw", "撤回申请",
           given=Because, problems=_STEP),
    *AHEAD_ROUTES,
    *SCENE_ROUTES,
    *BULK_ROUTES,
    *STAMPING_ROUTES,
]  # fmt: skip
