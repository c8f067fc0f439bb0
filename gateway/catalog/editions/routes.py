"""Addresses of revisions, editions, and the end of an entry."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from gateway.catalog.acts import (
    MustNotEnter,
    NoSuchResource,
    NotReadyToPublish,
    ResourceNotInState,
    SelfApproval,
)
from gateway.catalog.clearance import Clearance
from gateway.catalog.editions.refusals import NoRevision, NothingRevised, NoticeNeeded, RevisionNotInState
from gateway.catalog.editions.service import Revisions, Standing
from gateway.catalog.editions.wire import (
    Editions,
    Holders,
    HolderShown,
    NewRevision,
    RevisionShown,
    Submission,
)
from gateway.catalog.editions.withdrawal import NothingAnnounced, Withdrawals
from gateway.catalog.model import Resource
from gateway.catalog.notices import Withdrawal
from gateway.catalog.sources.refusals import SecondSource
from gateway.catalog.store import NameTaken
from gateway.catalog.wire import Because, NewMount, ResourceShown
from gateway.identity import Role
from gateway.names import ResourceId
from gateway.web import SIGNED_IN, Ask, Reply, Route

_PROVIDER: Final = frozenset({Role.PROVIDER})
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})


@dataclass(frozen=True, slots=True)
class EditionDesk:
    """What these addresses serve from."""

    revisions: Revisions
    withdrawals: Withdrawals


def _id(ask: Ask[Any]) -> ResourceId:
    return ResourceId(ask.uuid("resource_id"))


def _revision(ask: Ask[Any], standing: Standing) -> Reply:
    reviews = Role.PLATFORM_ADMIN in ask.principal.roles
    return Reply(RevisionShown.of(standing, ask.principal.org, reviews))


def _resource(ask: Ask[Any], resource: Resource) -> Reply:
    reviews = Role.PLATFORM_ADMIN in ask.principal.roles
    return Reply(ResourceShown.of(resource, ask.principal.org, reviews))


async def change_revision(desk: EditionDesk, ask: Ask[NewRevision]) -> Reply:
    given = ask.given
    return _revision(
        ask, await desk.revisions.change(ask.principal, _id(ask), given.description, given.reason)
    )


async def show_revision(desk: EditionDesk, ask: Ask[None]) -> Reply:
    return _revision(ask, await desk.revisions.show(ask.principal, _id(ask)))


async def mount_revision(desk: EditionDesk, ask: Ask[NewMount]) -> Reply:
    return _revision(ask, await desk.revisions.mount(ask.principal, _id(ask), ask.given.mount))


async def clear_revision(desk: EditionDesk, ask: Ask[Clearance]) -> Reply:
    return _revision(ask, await desk.revisions.clear(ask.principal, _id(ask), ask.given))


async def submit_revision(desk: EditionDesk, ask: Ask[Submission]) -> Reply:
    return _revision(ask, await desk.revisions.submit(ask.principal, _id(ask), ask.given.notice))


async def publish_revision(desk: EditionDesk, ask: Ask[None]) -> Reply:
    return _resource(ask, await desk.revisions.publish(ask.principal, _id(ask)))


async def return_revision(desk: EditionDesk, ask: Ask[Because]) -> Reply:
    return _revision(ask, await desk.revisions.send_back(ask.principal, _id(ask), ask.given.reason))


async def discard_revision(desk: EditionDesk, ask: Ask[None]) -> Reply:
    return _resource(ask, await desk.revisions.discard(ask.principal, _id(ask)))


async def list_editions(desk: EditionDesk, ask: Ask[None]) -> Reply:
    return Reply(Editions.of(await desk.revisions.editions(ask.principal, _id(ask))))


async def list_consumers(desk: EditionDesk, ask: Ask[None]) -> Reply:
    found = await desk.withdrawals.consumers(ask.principal, _id(ask))
    return Reply(Holders(items=[HolderShown.of(one) for one in found]))


async def withdraw_resource(desk: EditionDesk, ask: Ask[Withdrawal]) -> Reply:
    return _resource(ask, await desk.withdrawals.withdraw(ask.principal, _id(ask), ask.given))


async def keep_resource(desk: EditionDesk, ask: Ask[Because]) -> Reply:
    return _resource(ask, await desk.withdrawals.keep(ask.principal, _id(ask), ask.given.reason))


_route = partial(Route, tag="catalog", returns=RevisionShown)
_ONE: Final = "/v1/resources/{resource_id}"
_REVISION: Final = f"{_ONE}/revision"
_LIVE: Final = (NoSuchResource, ResourceNotInState, RevisionNotInState)
_OPEN: Final = (*_LIVE, NoRevision)

ROUTES: Final = [
    _route("PUT", _REVISION, change_revision, _PROVIDER, "Draft the revision of a published resource", "编制已发布资源的修订",
           given=NewRevision, problems=_LIVE),
    _route("GET", _REVISION, show_revision, SIGNED_IN, "Show the revision, what differs, and who loses by it",
           "查看修订、差异和受影响的授权", problems=(NoRevision,)),
    _route("PUT", f"{_REVISION}/mount", mount_revision, _PROVIDER, "Mount a revision", "挂接修订",
           given=NewMount, problems=(*_OPEN, MustNotEnter)),
    _route("PUT", f"{_REVISION}/clearance", clear_revision, _PROVIDER, "Record a revision's assessments and consent",
           "登记修订的评估和部门负责人意见", given=Clearance, problems=_OPEN),
    _route("POST", f"{_REVISION}/submit", submit_revision, _PROVIDER, "Submit a revision for review", "提交修订审核",
           given=Submission, problems=(*_OPEN, NotReadyToPublish, NothingRevised, NoticeNeeded)),
    _route("POST", f"{_REVISION}/publish", publish_revision, _PLATFORM, "Publish or announce a revision", "审核发布或公告修订",
           returns=ResourceShown,
           problems=(*_OPEN, SelfApproval, NotReadyToPublish, NoticeNeeded, SecondSource, NameTaken)),
    _route("POST", f"{_REVISION}/return", return_revision, _PLATFORM, "Return a revision for correction", "退回修订",
           given=Because, problems=_OPEN),
    _route("POST", f"{_REVISION}/discard", discard_revision, _PROVIDER, "Give a revision up", "放弃修订",
           returns=ResourceShown, problems=_OPEN),
    _route("GET", f"{_ONE}/editions", list_editions, SIGNED_IN, "List every edition with what it changed",
           "查看历史版本和变更", returns=Editions, problems=(NoSuchResource,)),
    _route("GET", f"{_ONE}/consumers", list_consumers, _PROVIDER | _PLATFORM, "List the grants that use a resource",
           "查看使用该资源的授权", returns=Holders, problems=(NoSuchResource,)),
    _route("POST", f"{_ONE}/withdraw", withdraw_resource, _PROVIDER, "Withdraw a resource, or announce its end",
           "撤销发布或公告撤销", given=Withdrawal, returns=ResourceShown,
           problems=(NoSuchResource, ResourceNotInState, NoticeNeeded)),
    _route("POST", f"{_ONE}/keep", keep_resource, _PROVIDER, "Take an announced end back", "取消撤销公告",
           given=Because, returns=ResourceShown, problems=(NoSuchResource, NothingAnnounced)),
]  # fmt: skip
