"""Addresses of this room."""

from functools import partial
from typing import Any, Final

from gateway.catalog.acts import MustNotEnter, NoSuchResource, NotReadyToPublish, ResourceNotInState
from gateway.catalog.clearance import Clearance
from gateway.catalog.description import Description
from gateway.catalog.model import Resource
from gateway.catalog.service import Catalog
from gateway.catalog.sources.refusals import SecondSource
from gateway.catalog.store import CodeTaken, NameTaken, ServiceNameTaken
from gateway.catalog.wire import Because, FacetsShown, NewMount, ResourceFilter, ResourceQuery, ResourceShown
from gateway.identity import Role
from gateway.names import ResourceId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_PROVIDER: Final = frozenset({Role.PROVIDER})
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})


def _shown(ask: Ask[Any], resource: Resource) -> Reply:
    reviews = Role.PLATFORM_ADMIN in ask.principal.roles
    return Reply(ResourceShown.of(resource, ask.principal.org, reviews))


def _id(ask: Ask[Any]) -> ResourceId:
    return ResourceId(ask.uuid("resource_id"))


async def draft_resource(catalog: Catalog, ask: Ask[Description]) -> Reply:
    return _shown(ask, await catalog.draft(ask.principal, ask.given, ask.once))


async def search_resources(catalog: Catalog, ask: Ask[ResourceQuery]) -> Reply:
    given = ask.given
    found = await catalog.search(ask.principal, given.search(), ask.after(), given.limit + 1)
    return ask.page(
        found,
        lambda resource: resource.description.code,
        lambda one: ResourceShown.of(one, ask.principal.org),
    )


async def count_resources(catalog: Catalog, ask: Ask[ResourceFilter]) -> Reply:
    return Reply(FacetsShown.of(await catalog.facets(ask.principal, ask.given.search())))


async def show_resource(catalog: Catalog, ask: Ask[None]) -> Reply:
    return _shown(ask, await catalog.show(ask.principal, _id(ask)))


async def change_resource(catalog: Catalog, ask: Ask[Description]) -> Reply:
    return _shown(ask, await catalog.change(ask.principal, _id(ask), ask.given))


async def mount_resource(catalog: Catalog, ask: Ask[NewMount]) -> Reply:
    return _shown(ask, await catalog.mount(ask.principal, _id(ask), ask.given.mount))


async def clear_resource(catalog: Catalog, ask: Ask[Clearance]) -> Reply:
    return _shown(ask, await catalog.clear(ask.principal, _id(ask), ask.given))


async def submit_resource(catalog: Catalog, ask: Ask[None]) -> Reply:
    return _shown(ask, await catalog.submit(ask.principal, _id(ask)))


async def publish_resource(catalog: Catalog, ask: Ask[None]) -> Reply:
    return _shown(ask, await catalog.publish(ask.principal, _id(ask)))


async def return_resource(catalog: Catalog, ask: Ask[Because]) -> Reply:
    return _shown(ask, await catalog.send_back(ask.principal, _id(ask), ask.given.reason))


_route = partial(Route, tag="catalog", returns=ResourceShown)
_ONE: Final = "/v1/resources/{resource_id}"
_MOVE: Final = (NoSuchResource, ResourceNotInState)
_TAKEN: Final = (CodeTaken, ServiceNameTaken, NameTaken)

ROUTES: Final = [
    _route("POST", "/v1/resources", draft_resource, _PROVIDER, "Draft a resource", "编制信息资源",
           given=Description, status=201, creates=True, problems=_TAKEN),
    _route("GET", "/v1/resources", search_resources, SIGNED_IN, "Search the catalogue", "检索目录",
           given=ResourceQuery, returns=Page[ResourceShown]),
    _route("GET", "/v1/resources/facets", count_resources, SIGNED_IN, "Count entries by the values of each filter",
           "按筛选项统计目录", given=ResourceFilter, returns=FacetsShown),
    _route("GET", _ONE, show_resource, SIGNED_IN, "Show a resource", "查看信息资源", problems=(NoSuchResource,)),
    _route("PUT", _ONE, change_resource, _PROVIDER, "Replace a draft", "修改草稿",
           given=Description, problems=(*_MOVE, *_TAKEN)),
    _route("PUT", f"{_ONE}/mount", mount_resource, _PROVIDER, "Mount a resource", "挂接资源",
           given=NewMount, problems=(*_MOVE, MustNotEnter)),
    _route("PUT", f"{_ONE}/clearance", clear_resource, _PROVIDER, "Record the assessments and the head's consent",
           "登记发布前评估和部门负责人意见", given=Clearance, problems=_MOVE),
    _route("POST", f"{_ONE}/submit", submit_resource, _PROVIDER, "Submit a draft for review", "提交发布审核",
           problems=(*_MOVE, NotReadyToPublish)),
    _route("POST", f"{_ONE}/publish", publish_resource, _PLATFORM, "Publish after review", "审核发布",
           problems=(*_MOVE, NotReadyToPublish, SecondSource)),
    _route("POST", f"{_ONE}/return", return_resource, _PLATFORM, "Return for correction", "退回修改",
           given=Because, problems=_MOVE),
]  # fmt: skip
