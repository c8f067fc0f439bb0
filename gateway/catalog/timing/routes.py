"""Addresses of the clocks of an entry."""

from functools import partial
from typing import Any, Final

from gateway.catalog.acts import NoSuchResource, ResourceNotInState, SelfApproval
from gateway.catalog.timing.model import AlreadyExtended, NoSuchBasisChange
from gateway.catalog.timing.service import Timing
from gateway.catalog.timing.wire import ChangeShown, EntryClocks, NewChange, NewUpdateExtension
from gateway.deadlines import NotExtendable
from gateway.identity import Role
from gateway.names import ResourceId
from gateway.web import Ask, Reply, Route

_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})
_BOTH: Final = _PLATFORM | {Role.PROVIDER}


def _id(ask: Ask[Any]) -> ResourceId:
    return ResourceId(ask.uuid("resource_id"))


async def show_entry_clocks(timing: Timing, ask: Ask[None]) -> Reply:
    return Reply(EntryClocks.of(await timing.show(ask.principal, _id(ask))))


async def record_change(timing: Timing, ask: Ask[NewChange]) -> Reply:
    return Reply(ChangeShown.of(*await timing.record(ask.principal, _id(ask), ask.given.told(), ask.once)))


async def extend_update(timing: Timing, ask: Ask[NewUpdateExtension]) -> Reply:
    given, change = ask.given, ask.uuid("change_id")
    return Reply(
        ChangeShown.of(*await timing.extend(ask.principal, _id(ask), change, given.days, given.reason))
    )


_route = partial(Route, tag="catalog", returns=EntryClocks)
_ONE: Final = "/v1/resources/{resource_id}"

ROUTES: Final = [
    _route("GET", f"{_ONE}/clocks", show_entry_clocks, _BOTH, "Clocks of update and review with every day explained",
           "目录更新和审核时限逐日说明", problems=(NoSuchResource,)),
    _route("POST", f"{_ONE}/changes", record_change, _BOTH, "Record that law, decision or duty changed",
           "登记法律、国务院决定或职责变化", given=NewChange, returns=ChangeShown, status=201, creates=True,
           problems=(NoSuchResource, ResourceNotInState)),
    _route("POST", f"{_ONE}/changes/{{change_id}}/extension", extend_update, _PLATFORM,
           "Extend the limit of an update, once", "同意延长目录更新时限（一次）", given=NewUpdateExtension, returns=ChangeShown,
           problems=(NoSuchResource, NoSuchBasisChange, AlreadyExtended, SelfApproval, NotExtendable)),
]  # fmt: skip
