"""The records of a pack as tables for people: CSV and XLSX, made of the same rows always in the same way.

A checker makes them anew from the records that were proven and compares, so that a table says nothing else than the proof. It
is written by hand rather than with a library, because the checker has only the standard library.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from xml.sax.saxutils import escape

from .pack_rows import Row

_SHANGHAI: Final = timezone(timedelta(hours=8))
_FORMULAS: Final = tuple("=+-@\t\r\0＝＋－＠")
_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_CELL: Final = 32767
_SAID: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("类型 type", ("type",)), ("结果 outcome", ("outcome",)), ("原因 reason", ("reason",)),
    ("行为人 who", ("who", "id")), ("角色 role", ("who", "role")), ("行为人部门 department", ("who", "org")),
    ("需求部门 consumer", ("consumer_org",)), ("提供部门 provider", ("provider_org",)), ("资源 resource", ("resource",)),
    ("对象 object", ("object", "id")), ("使用场景 purpose", ("purpose",)), ("事项 matter", ("matter",)),
    ("办件 case", ("case",)), ("当事人 subject", ("subject",)), ("分级 grade", ("grade",)),
    ("申请 application", ("application_id",)), ("授权 grant", ("grant_id",)), ("请求 request", ("request_id",)),
    ("事件 event", ("id",)),
)  # fmt: skip
TITLES: Final = (
    "序号 index", "时间 recorded", "需求部门序号 consumer's number", "提供部门序号 provider's number",
    *(title for title, _ in _SAID), "事件摘要 SHA-256",
)  # fmt: skip


def cells_of(row: Row) -> list[str]:
    """One record as texts, in the order of :data:`TITLES`; times are those of Asia/Shanghai."""
    stub, said = row.stub, row.said or {}
    at = datetime.fromtimestamp(stub.recorded_ms // 1000, _SHANGHAI)
    when = f"{at:%Y-%m-%d %H:%M:%S}.{stub.recorded_ms % 1000:03d}+08:00"
    return [
        str(stub.idx), when, str(stub.cseq), str(stub.pseq), *(_text(said, place) for _, place in _SAID), stub.digest.hex(),
    ]  # fmt: skip


def csv_lines(rows: Iterable[list[str]]) -> Iterator[bytes]:
    """The table as CSV, one piece a row (RFC 4180; UTF-8 with a byte order mark, nothing that a program computes)."""
    yield CSV_BEGINS
    yield from map(csv_row, rows)


def csv_row(cells: Sequence[str]) -> bytes:
    """One row of the CSV."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in cells])
    return line.getvalue().encode("utf-8")


def sheet_lines(rows: Iterable[list[str]]) -> Iterator[bytes]:
    """The one sheet of the workbook, one piece a row; every cell is a text, so nothing computes (ISO/IEC 29500-1)."""
    yield SHEET_BEGINS
    yield from (sheet_row(number, row) for number, row in enumerate(rows, 2))
    yield SHEET_ENDS


def sheet_row(number: int, cells: Sequence[str]) -> bytes:
    """One row of the sheet; ``number`` counts from 1, the titles being the first."""
    inside = "".join(
        f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell, _ENTITIES)}</t></is></c>'
        for cell in cells
    )
    return f'<row r="{number}">{inside}</row>'.encode()


def _text(said: Mapping[str, Any], place: tuple[str, ...]) -> str:
    value: Any = said
    for name in place:
        value = value.get(name) if isinstance(value, Mapping) else None
    return _UNSTORABLE.sub("\ufffd", value)[:_LONGEST_CELL] if isinstance(value, str) else ""


_ENTITIES: Final = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_DECLARED: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = b"http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KINDS: Final = b"application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET: Final = "xl/worksheets/sheet1.xml"
PARTS: Final[Mapping[str, bytes]] = {
    "[Content_Types].xml": _DECLARED
    + b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    + b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    + b'<Override PartName="/xl/workbook.xml" ContentType="%s.sheet.main+xml"/>' % _KINDS
    + b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="%s.worksheet+xml"/></Types>' % _KINDS,
    "_rels/.rels": _DECLARED
    + b'<Relationships xmlns="%s"><Relationship Id="rId1" Type="%s/officeDocument" ' % (_RELATIONS, _OFFICE)
    + b'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": _DECLARED
    + b'<workbook xmlns="%s" xmlns:r="%s"><sheets>' % (_MAIN, _OFFICE)
    + b'<sheet name="records" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": _DECLARED
    + b'<Relationships xmlns="%s"><Relationship Id="rId1" Type="%s/worksheet" ' % (_RELATIONS, _OFFICE)
    + b'Target="worksheets/sheet1.xml"/></Relationships>',
}
SHEET_BEGINS: Final = (
    _DECLARED
    + b'<worksheet xmlns="%s"><sheetViews><sheetView workbookViewId="0">' % _MAIN
    + b'<pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews><sheetData>'
    + sheet_row(1, TITLES)
)
SHEET_ENDS: Final = b"</sheetData></worksheet>"
CSV_BEGINS: Final = b"\xef\xbb\xbf" + csv_row(TITLES)
