"""Addresses of kept queries, for auditors."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.audit.errors import AuditUnavailable
from gateway.audit.saved.errors import NoSuchSavedQuery, QueryNameTaken
from gateway.audit.saved.service import AUDITOR, SavedQueries
from gateway.audit.saved.wire import NewSavedQuery, SavedQueryShown, SavedRun, wanted_of
from gateway.audit.wire import RecordShown, record_shown
from gateway.web import Ask, Page, PageQuery, Reply, Route


async def save_audit_query(saved: SavedQueries, ask: Ask[NewSavedQuery]) -> Reply:
    given = ask.given
    made = await saved.save(ask.principal, given.name, given.stated(), shared=given.shared, once=ask.once)
    return Reply(SavedQueryShown.of(made))


async def list_audit_queries(saved: SavedQueries, ask: Ask[PageQuery]) -> Reply:
    after = ask.after()
    found = await saved.listed(ask.principal, UUID(after) if after else None, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), SavedQueryShown.of)


async def delete_audit_query(saved: SavedQueries, ask: Ask[None]) -> Reply:
    return Reply(SavedQueryShown.of(await saved.delete(ask.principal, ask.uuid("query_id"))))


async def run_audit_query(saved: SavedQueries, ask: Ask[SavedRun]) -> Reply:
    query, after = await saved.seen(ask.principal, ask.uuid("query_id")), ask.after()
    found = await saved.run(
        ask.principal,
        wanted_of(query).filter(),
        limit=ask.given.limit,
        before=int(after) if after else None,
        request_id=ask.request_id,
    )
    before = None if found.next_before is None else str(found.next_before)
    return Reply(
        ask.pager.page_before([record_shown(one) for one in found.records], before, ask.list_context)
    )


_route = partial(Route, access=frozenset({AUDITOR}), tag="audit")
_ONE: Final = "/v1/audit/queries/{query_id}"
ROUTES: Final = [
    _route("POST", "/v1/audit/queries", save_audit_query, summary="Save a query of the audit log", summary_zh="保存审计查询",
           given=NewSavedQuery, returns=SavedQueryShown, status=201, creates=True,
           problems=(QueryNameTaken, AuditUnavailable)),
    _route("GET", "/v1/audit/queries", list_audit_queries, summary="List saved queries, own and shared",
           summary_zh="已存审计查询列表", given=PageQuery, returns=Page[SavedQueryShown]),
    _route("DELETE", _ONE, delete_audit_query, summary="Delete an own saved query", summary_zh="删除已存审计查询",
           returns=SavedQueryShown, problems=(NoSuchSavedQuery, AuditUnavailable)),
    _route("GET", f"{_ONE}/events", run_audit_query, summary="Run a saved query", summary_zh="执行已存审计查询",
           given=SavedRun, returns=Page[RecordShown], problems=(NoSuchSavedQuery, AuditUnavailable)),
]  # fmt: skip
