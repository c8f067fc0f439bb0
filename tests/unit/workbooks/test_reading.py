"""Workbooks from strangers: bombs, formulas, macros, passwords and what is no workbook at all."""

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from gateway.settings import Sheets
from gateway.workbooks import WorkbookRefused, column_index, column_letter, read_workbook

LIMITS = Sheets()


def plain(rows: int = 3) -> bytes:
    book = openpyxl.Workbook()
    for number in range(rows):
        book.active.append([number, "文字", None, True])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(change: Callable[[dict[str, bytes]], None], data: bytes | None = None) -> bytes:
    """The parts of a workbook after a change, packed again."""
    with zipfile.ZipFile(io.BytesIO(data or plain())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(name: str, content: bytes = b"x") -> bytes:
    return changed(lambda parts: parts.update({name: content}))


def doubled() -> bytes:
    out = io.BytesIO(plain())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", b"<x/>")
    return out.getvalue()


def locked() -> bytes:
    """The flag of encryption set on every part, in both headers (APPNOTE 4.4.4)."""
    data = bytearray(plain())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 1)
    return bytes(data)


def entity(parts: dict[str, bytes]) -> None:
    head = b'<!DOCTYPE a [<!ENTITY b "c">]>'
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<workbook", head + b"<workbook", 1)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not-a-workbook"),
    "text": (lambda: "姓名,电话\n".encode(), "not-a-workbook"),
    "half a file": (lambda: plain()[:2000], "not-a-workbook"),
    "another archive": (
        lambda: changed(lambda parts: parts.pop("xl/workbook.xml") and None),
        "not-a-workbook",
    ),
    "broken sheet": (
        lambda: with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"),
        "not-a-workbook",
    ),
    "the old format": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "old-format"),
    "a password": (locked, "encrypted"),
    "macros": (lambda: with_part("xl/vbaProject.bin"), "macros"),
    "a part above the archive": (lambda: with_part("../../etc/passwd"), "odd-parts"),
    "a part with a backslash": (lambda: with_part("xl/..\\x"), "odd-parts"),
    "an absolute part": (lambda: with_part("/etc/passwd"), "odd-parts"),
    "a part twice": (doubled, "odd-parts"),
    "entities": (lambda: changed(entity), "odd-parts"),
    "a bomb": (lambda: with_part("xl/media/a.xml", bytes(20_000_000)), "bomb"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_plain_workbook_is_refused_with_what_to_do(name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(make(), LIMITS)
    assert refused.value.code == code
    assert "；" in refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"unzipped_bytes": 65536}, "bomb"),
        ({"rows_max": 10}, "too-many-rows"),
        ({"entries_max": 10}, "too-many-parts"),
    ],
)
def test_each_limit_is_kept(limits: dict[str, int], code: str) -> None:
    spare = {f"xl/more{at}.xml": b"" for at in range(10)}
    data = plain(2000) if "entries_max" not in limits else changed(lambda parts: parts.update(spare))
    read_workbook(data, LIMITS)
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(data, Sheets(**limits))
    assert refused.value.code == code


def test_a_sheet_of_as_many_rows_as_allowed_is_read_and_one_more_is_not() -> None:
    limits = Sheets(rows_max=10)
    assert len(read_workbook(plain(10 + limits.head_rows), limits).tables[0].rows) == 20
    with pytest.raises(WorkbookRefused, match="more than 10 rows"):
        read_workbook(plain(11 + limits.head_rows), limits)


def test_cells_come_as_what_they_are() -> None:
    assert [list(row) for row in read_workbook(plain(1), LIMITS).tables[0].rows] == [[0.0, "文字", "", True]]


def test_formulas_are_found_wherever_they_stand_and_whatever_they_last_showed() -> None:
    book = openpyxl.Workbook()
    book.active.title = "一"
    book.active["C3"] = "=1+1"
    second = book.create_sheet("二")
    second["AB12"] = "=HYPERLINK(1)"
    out = io.BytesIO()
    book.save(out)
    shown = changed(
        lambda parts: parts.update(
            {"xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"].replace(b"<v />", b"<v>2</v>")}
        ),
        out.getvalue(),
    )
    found = read_workbook(shown, LIMITS).formulas
    assert [(one.sheet, one.row, one.column) for one in found] == [("一", 3, "C"), ("二", 12, "AB")]


@pytest.mark.parametrize(("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(number: int, letters: str) -> None:
    assert column_letter(number) == letters
    assert column_index(letters) == number
