"""Addresses of this room."""

from functools import partial
from typing import Final

from gateway.catalog.sheets.service import ExportTooLarge, SheetFaulty, Sheets, UnreadableWorkbook, Wanted
from gateway.catalog.sheets.wire import ExportQuery, ImportQuery, SheetReport
from gateway.catalog.store import CodeTaken, NameTaken, ServiceNameTaken
from gateway.identity import Role
from gateway.web import SIGNED_IN, Ask, Document, Reply, Route

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv"
_KINDS: Final = {"xlsx": XLSX, "csv": CSV}
_PROVIDER: Final = frozenset({Role.PROVIDER})


async def catalog_template(sheets: Sheets, ask: Ask[None]) -> Reply:
    return Reply(Document(await sheets.template(), XLSX, "信息资源目录模板.xlsx"))


async def check_sheet(sheets: Sheets, ask: Ask[None]) -> Reply:
    return Reply(SheetReport.of(await sheets.check(ask.principal, ask.upload().content)))


async def import_sheet(sheets: Sheets, ask: Ask[ImportQuery]) -> Reply:
    only_clean = ask.given.store == "clean"
    return Reply(
        SheetReport.of(await sheets.store(ask.principal, ask.upload().content, only_clean=only_clean))
    )


async def export_catalog(sheets: Sheets, ask: Ask[ExportQuery]) -> Reply:
    given = ask.given
    wanted = Wanted(given.scope == "published", given.provider_org, given.format)
    content = await sheets.export(ask.principal, wanted)
    return Reply(Document(content, _KINDS[given.format], f"信息资源目录.{given.format}"))


_route = partial(Route, tag="catalog")

ROUTES: Final = [
    _route("GET", "/v1/catalog/template", catalog_template, SIGNED_IN, "Excel form, empty", "目录编制模板", gives=(XLSX,)),
    _route("POST", "/v1/catalog/check", check_sheet, _PROVIDER, "Check a filled form", "检查目录表格",
           takes=(XLSX,), returns=SheetReport, problems=(UnreadableWorkbook,)),
    _route("POST", "/v1/catalog/import", import_sheet, _PROVIDER, "Import a filled form as drafts", "导入目录表格",
           given=ImportQuery, takes=(XLSX,), returns=SheetReport,
           problems=(UnreadableWorkbook, SheetFaulty, CodeTaken, NameTaken, ServiceNameTaken)),
    _route("GET", "/v1/catalog/export", export_catalog, SIGNED_IN, "Entries as Excel or CSV", "导出目录",
           given=ExportQuery, gives=(XLSX, CSV), problems=(ExportTooLarge,)),
]  # fmt: skip
