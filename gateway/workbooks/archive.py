"""The ZIP archive of a workbook, checked before anything of it is interpreted (APPNOTE.TXT; ISO/IEC 29500-2)."""

import io
import re
import zipfile
import zlib
from typing import Final

from gateway.settings import Sheets
from gateway.workbooks.refusals import WorkbookRefused

_SMALL: Final = 1_048_576
_CHUNK: Final = 1_048_576
_PART: Final = re.compile(r"[A-Za-z0-9_.\-\[\] /]{1,200}")
_OLD: Final = b"\xd0\xcf\x11\xe0"
_ARCHIVE: Final = b"PK\x03\x04"


def look_at_beginning(data: bytes) -> None:
    """What the first bytes alone tell; cheap enough to be done before a worker is started.

    Raises:
        WorkbookRefused: the old format, or no archive at all.
    """
    if data.startswith(_OLD):
        raise WorkbookRefused("old-format")
    if not data.startswith(_ARCHIVE):
        raise WorkbookRefused("not-a-workbook")


def open_archive(data: bytes, limits: Sheets) -> zipfile.ZipFile:
    """The archive of a workbook, with every part inflated once to know its true size.

    Raises:
        WorkbookRefused: no archive, no workbook, encrypted, a bomb, or parts that do not belong in a plain workbook.
    """
    look_at_beginning(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _check(archive, limits)
    # zipfile has no one word for damage: zlib.error and EOFError of an entry that is changed or cut, NotImplementedError
    # of an unknown method, OSError and ValueError of places outside the file; RuntimeError is its word for encryption
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise WorkbookRefused("not-a-workbook") from None
    except RuntimeError:
        raise WorkbookRefused("encrypted") from None
    return archive


def _check(archive: zipfile.ZipFile, limits: Sheets) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(parts) > limits.entries_max:
        raise WorkbookRefused("too-many-parts", str(limits.entries_max))
    if any(part.flag_bits & 0x1 for part in parts):
        raise WorkbookRefused("encrypted")
    if len(set(names)) != len(names) or not all(_is_plain(name) for name in names):
        raise WorkbookRefused("odd-parts")
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise WorkbookRefused("not-a-workbook")
    if any("vbaproject" in name.lower() or "/activex/" in name.lower() for name in names):
        raise WorkbookRefused("macros")
    _check_sizes(archive, parts, limits)


def _is_plain(name: str) -> bool:
    return _PART.fullmatch(name) is not None and not name.startswith("/") and ".." not in name.split("/")


def _check_sizes(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], limits: Sheets) -> None:
    total = 0
    for part in parts:
        size = 0
        with archive.open(part) as opened:
            while chunk := opened.read(_CHUNK):
                size, total = size + len(chunk), total + len(chunk)
                bloated = size > _SMALL and size > limits.ratio_max * max(part.compress_size, 1)
                if total > limits.unzipped_bytes or bloated:
                    raise WorkbookRefused("bomb")
