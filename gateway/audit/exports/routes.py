"""Addresses of exports. Asking, fetching and deleting leave records before anything leaves."""

import base64
from functools import partial
from typing import Final
from uuid import UUID

from gateway.audit.errors import AuditUnavailable
from gateway.audit.exports.errors import (
    ExportEnded,
    ExportNotReady,
    ExportStoreFull,
    NoSuchExport,
    NotYoursToExport,
    TooManyExports,
)
from gateway.audit.exports.service import AUDITOR, REQUESTER, Exports
from gateway.audit.exports.wire import ExportAsked, ExportShown
from gateway.web import Ask, Page, PageQuery, Reply, Route, Stream
from gateway.web.ranges import RangeOutside

_ROLES: Final = frozenset({AUDITOR, REQUESTER})
_ZIP: Final = "application/zip"


async def ask_for_export(exports: Exports, ask: Ask[ExportAsked]) -> Reply:
    made = await exports.ask(ask.principal, ask.given.asked(), ask.request_id)
    return Reply(ExportShown.of(made), {"Location": f"/v1/audit/exports/{made.id}"})


async def list_exports(exports: Exports, ask: Ask[PageQuery]) -> Reply:
    after = ask.after()
    found = await exports.listed(ask.principal, UUID(after) if after else None, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), ExportShown.of)


async def show_export(exports: Exports, ask: Ask[None]) -> Reply:
    return Reply(ExportShown.of(await exports.show(ask.principal, ask.uuid("export_id"))))


async def end_export(exports: Exports, ask: Ask[None]) -> Reply:
    return Reply(ExportShown.of(await exports.end(ask.principal, ask.uuid("export_id"), ask.request_id)))


async def take_export(exports: Exports, ask: Ask[None]) -> Reply:
    ready = await exports.ready(ask.principal, ask.uuid("export_id"))
    digest = ready.sha256 or b""
    tag = f'"{digest.hex()}"'
    span = ask.span(tag, ready.size)
    taking = await exports.take(ask.principal, ready, span, ask.request_id)
    said = {"Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:", **span.headers(tag, ready.size)}
    stream = Stream(taking.pieces, _ZIP, f"evidence-{ready.id}.zip", span.end - span.start)
    return Reply(stream, said, 206 if span.is_part else 200)


_route = partial(Route, access=_ROLES, tag="audit")
_ONE: Final = "/v1/audit/exports/{export_id}"
ROUTES: Final = [
    _route("POST", "/v1/audit/exports", ask_for_export, summary="Ask for an export of audit records",
           summary_zh="申请导出审计记录", given=ExportAsked, returns=ExportShown, status=201,
           problems=(NotYoursToExport, TooManyExports, ExportStoreFull, AuditUnavailable)),
    _route("GET", "/v1/audit/exports", list_exports, summary="List exports of audit records", summary_zh="审计导出列表",
           given=PageQuery, returns=Page[ExportShown]),
    _route("GET", _ONE, show_export, summary="An export and how far it is", summary_zh="查询导出进度",
           returns=ExportShown, problems=(NoSuchExport,)),
    _route("DELETE", _ONE, end_export, summary="Cancel an export, or destroy its pack", summary_zh="取消导出或销毁举证包",
           returns=ExportShown, problems=(NoSuchExport, ExportEnded, AuditUnavailable)),
    _route("GET", f"{_ONE}/pack", take_export, summary="Fetch the evidence pack of an export; ranges resume a download",
           summary_zh="下载举证包（支持断点续传）", gives=(_ZIP,), ranges=True,
           problems=(NoSuchExport, ExportNotReady, ExportEnded, RangeOutside, AuditUnavailable)),
]  # fmt: skip
