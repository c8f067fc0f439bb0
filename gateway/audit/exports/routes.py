"""Addresses of exports. Asking and fetching leave records before anything leaves."""

from functools import partial
from typing import Final

from gateway.audit.errors import AuditUnavailable
from gateway.audit.exports.errors import (
    ExportNotReady,
    NoSuchExport,
    NotYoursToExport,
    PackTooLarge,
    RecordsDropped,
)
from gateway.audit.exports.service import AUDITOR, REQUESTER, Exports
from gateway.audit.exports.wire import ExportAsked, ExportShown
from gateway.web import Ask, Reply, Route, Stream

_ROLES: Final = frozenset({AUDITOR, REQUESTER})
_ZIP: Final = "application/zip"


async def ask_for_export(exports: Exports, ask: Ask[ExportAsked]) -> Reply:
    made = await exports.ask(ask.principal, ask.given.asked(), ask.request_id)
    return Reply(ExportShown(id=made, ready=False), {"Location": f"/v1/audit/exports/{made}"})


async def show_export(exports: Exports, ask: Ask[None]) -> Reply:
    export = ask.uuid("export_id")
    found = await exports.show(ask.principal, export, ask.request_id)
    at, plan = found.exported, found.plan
    records = None if plan is None else sum(one.count for one in plan.spans)
    return Reply(
        ExportShown(
            id=export, ready=plan is not None, idx=at.idx, asked=found.asked.detail(), records=records,
            exported_at=at.recorded_at,
        )
    )  # fmt: skip


async def take_export(exports: Exports, ask: Ask[None]) -> Reply:
    export = ask.uuid("export_id")
    return Reply(
        Stream(await exports.take(ask.principal, export, ask.request_id), _ZIP, f"evidence-{export}.zip")
    )


_route = partial(Route, access=_ROLES, tag="audit")
_MISSING: Final = (NoSuchExport, PackTooLarge, RecordsDropped, AuditUnavailable)
ROUTES: Final = [
    _route("POST", "/v1/audit/exports", ask_for_export, summary="Ask for an export of audit records",
           summary_zh="申请导出审计记录", given=ExportAsked, returns=ExportShown, status=201,
           problems=(NotYoursToExport, AuditUnavailable)),
    _route("GET", "/v1/audit/exports/{export_id}", show_export, summary="Show an export", summary_zh="查看导出",
           returns=ExportShown, problems=_MISSING),
    _route("GET", "/v1/audit/exports/{export_id}/pack", take_export, summary="Fetch the evidence pack of an export",
           summary_zh="下载举证包", gives=(_ZIP,), problems=(*_MISSING, ExportNotReady)),
]  # fmt: skip
