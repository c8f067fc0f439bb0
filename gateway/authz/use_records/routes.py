"""Addresses of use records and disposals."""

from functools import partial
from typing import Any, Final

from gateway.authz.grants.service import GrantNotInState, NoSuchGrant, NotYourGrant
from gateway.authz.use_records.service import UseRecords
from gateway.authz.use_records.wire import DisposalShown, Disposing, PackShown, Use, UseShown
from gateway.identity import Role
from gateway.names import GrantId
from gateway.web import SIGNED_IN, Ask, Reply, Route

_REQUESTER: Final = frozenset({Role.REQUESTER})


def _id(ask: Ask[Any]) -> GrantId:
    return GrantId(ask.uuid("grant_id"))


async def record_use(records: UseRecords, ask: Ask[Use]) -> Reply:
    return Reply(UseShown.of(await records.record(ask.principal, _id(ask), ask.given.account())))


async def record_disposal(records: UseRecords, ask: Ask[Disposing]) -> Reply:
    given = ask.given
    made = await records.dispose(
        ask.principal, _id(ask), given.method, given.account, given.disposed_on, given.witness
    )
    return Reply(DisposalShown.of(made))


async def inspect_use(records: UseRecords, ask: Ask[None]) -> Reply:
    return Reply(PackShown.of(await records.inspect(ask.principal, _id(ask))))


_route = partial(Route, tag="grants")
_ONE: Final = "/v1/grants/{grant_id}"

ROUTES: Final = [
    _route("POST", f"{_ONE}/use-records", record_use, _REQUESTER, "Record how shared data was used", "记录数据使用情况",
           given=Use, returns=UseShown, status=201, problems=(NoSuchGrant, NotYourGrant)),
    _route("POST", f"{_ONE}/disposals", record_disposal, _REQUESTER, "Record how shared data was disposed of",
           "记录数据处置（销毁）", given=Disposing, returns=DisposalShown, status=201,
           problems=(NoSuchGrant, NotYourGrant, GrantNotInState)),
    _route("GET", f"{_ONE}/use-records", inspect_use, SIGNED_IN, "Inspect use records and disposals",
           "查阅使用与处置记录", returns=PackShown, problems=(NoSuchGrant,)),
]  # fmt: skip
