"""Addresses of retention: administrators decide, two for every disposal; auditors look on."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from gateway.audit.model import Who
from gateway.audit.retention.errors import (
    DisposalDecided,
    DisposalUnderWay,
    HoldOver,
    MustBeKept,
    NoArchivePlace,
    NoSuchDisposal,
    NoSuchHold,
    NoSuchMonth,
    NotTheOldestMonth,
    SecondPersonNeeded,
    UnderHold,
)
from gateway.audit.retention.service import Retention
from gateway.audit.retention.wire import (
    Because,
    DisposalShown,
    HoldShown,
    MonthShown,
    MonthsShown,
    NewDisposal,
    NewHold,
    month_of,
)
from gateway.web import Ask, Page, PageQuery, Reply, Route

_ADMINS: Final = frozenset({"platform_admin", "security_admin"})
_LOOKING: Final = _ADMINS | {"auditor"}


def _who(ask: Ask[Any]) -> Who:
    return Who.of(ask.principal, min(_ADMINS & ask.principal.roles))


def _after(ask: Ask[PageQuery]) -> UUID | None:
    after = ask.after()
    return UUID(after) if after else None


async def list_audit_months(retention: Retention, _ask: Ask[None]) -> Reply:
    months = await retention.months()
    return Reply(MonthsShown(months=[MonthShown.of(one, retention.keep) for one in months]))


async def propose_disposal(retention: Retention, ask: Ask[NewDisposal]) -> Reply:
    given = ask.given
    made = await retention.propose(_who(ask), given.kind, month_of(given.month), given.reason, ask.once)
    return Reply(DisposalShown.of(made))


async def list_disposals(retention: Retention, ask: Ask[PageQuery]) -> Reply:
    found = await retention.listed(_after(ask), ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), DisposalShown.of)


async def show_disposal(retention: Retention, ask: Ask[None]) -> Reply:
    return Reply(DisposalShown.of(await retention.show(ask.uuid("disposal_id"))))


async def approve_disposal(retention: Retention, ask: Ask[None]) -> Reply:
    return Reply(DisposalShown.of(await retention.approve(_who(ask), ask.uuid("disposal_id"))))


async def withdraw_disposal(retention: Retention, ask: Ask[Because]) -> Reply:
    one = ask.uuid("disposal_id")
    return Reply(DisposalShown.of(await retention.withdraw(_who(ask), one, ask.given.reason)))


async def place_hold(retention: Retention, ask: Ask[NewHold]) -> Reply:
    given = ask.given
    first, last = month_of(given.first_month), month_of(given.last_month)
    return Reply(HoldShown.of(await retention.hold(_who(ask), first, last, given.reason, ask.once)))


async def list_holds(retention: Retention, ask: Ask[PageQuery]) -> Reply:
    found = await retention.holds(_after(ask), ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), HoldShown.of)


async def lift_hold(retention: Retention, ask: Ask[Because]) -> Reply:
    return Reply(HoldShown.of(await retention.lift(_who(ask), ask.uuid("hold_id"), ask.given.reason)))


_route = partial(Route, tag="audit")
_REFUSED: Final = (UnderHold, MustBeKept, NoSuchMonth, NotTheOldestMonth, NoArchivePlace)

ROUTES: Final = [
    _route("GET", "/v1/audit/months", list_audit_months, _LOOKING, "Months of records and how long they are kept",
           "审计记录各月份及保存期限", returns=MonthsShown),
    _route("POST", "/v1/audit/disposals", propose_disposal, _ADMINS, "Propose the disposal of a month",
           "提出处置到期记录", given=NewDisposal, returns=DisposalShown, status=201, creates=True,
           problems=(*_REFUSED, DisposalUnderWay)),
    _route("GET", "/v1/audit/disposals", list_disposals, _LOOKING, "List disposals", "处置列表", given=PageQuery,
           returns=Page[DisposalShown]),
    _route("GET", "/v1/audit/disposals/{disposal_id}", show_disposal, _LOOKING, "Show a disposal", "查看处置",
           returns=DisposalShown, problems=(NoSuchDisposal,)),
    _route("POST", "/v1/audit/disposals/{disposal_id}/approve", approve_disposal, _ADMINS, "Approve a disposal",
           "批准处置", returns=DisposalShown,
           problems=(NoSuchDisposal, DisposalDecided, SecondPersonNeeded, *_REFUSED)),
    _route("POST", "/v1/audit/disposals/{disposal_id}/withdraw", withdraw_disposal, _ADMINS, "Give a disposal up",
           "撤回处置", given=Because, returns=DisposalShown, problems=(NoSuchDisposal, DisposalDecided)),
    _route("POST", "/v1/audit/holds", place_hold, _ADMINS, "Hold months of records", "设置记录保全", given=NewHold,
           returns=HoldShown, status=201, creates=True),
    _route("GET", "/v1/audit/holds", list_holds, _LOOKING, "List holds", "保全列表", given=PageQuery,
           returns=Page[HoldShown]),
    _route("POST", "/v1/audit/holds/{hold_id}/lift", lift_hold, _ADMINS, "Lift a hold", "解除保全", given=Because,
           returns=HoldShown, problems=(NoSuchHold, HoldOver, SecondPersonNeeded)),
]  # fmt: skip
