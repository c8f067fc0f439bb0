"""The forms of a long answer: NDJSON for programs, CSV for tables; one record after the other, in segments.

NDJSON is one JSON object per line. CSV follows RFC 4180 with a header line; a text that a spreadsheet would take for a
formula gets an apostrophe in front (OWASP, CSV injection), so programs that need values unchanged take NDJSON.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import orjson

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


class Form(StrEnum):
    """A form by its media type."""

    JSON = "application/json"
    NDJSON = "application/x-ndjson"
    CSV = "text/csv"

    @classmethod
    def accepted(cls, accept: str) -> "Form":
        """The first form that an ``Accept`` header names (RFC 9110 section 12.5.1); JSON where it names none."""
        for part in accept.split(","):
            name = part.partition(";")[0].strip().lower()
            for form in cls:
                if name == form:
                    return form
        return cls.JSON


class Segment(bytes):
    """A piece of a long answer that ends with a record; ``records`` says how many it holds."""

    records: int

    @classmethod
    def of(cls, content: bytes, records: int) -> "Segment":
        """A segment of ``content``."""
        made = cls(content)
        made.records = records
        return made


class Writer:
    """Writes records in a form and gives them back in segments of about ``size`` bytes."""

    def __init__(self, form: Form, fields: Sequence[str], size: int) -> None:
        self._form = form
        self._fields = list(fields)
        self._size = size
        self._kept: list[bytes] = []
        self._bytes = self._records = 0
        if form is Form.CSV:
            self._keep(_csv_line(self._fields))

    def write(self, records: Iterable[Mapping[str, Any]]) -> Iterable[Segment]:
        """Take records; the segments that are full by then."""
        for record in records:
            self._keep(self._line(record))
            self._records += 1
            if self._bytes >= self._size:
                yield self._segment()

    def rest(self) -> Iterable[Segment]:
        """What is left at the end, if anything."""
        if self._kept:
            yield self._segment()

    def _keep(self, line: bytes) -> None:
        self._kept.append(line)
        self._bytes += len(line)

    def _segment(self) -> Segment:
        made = Segment.of(b"".join(self._kept), self._records)
        self._kept, self._bytes, self._records = [], 0, 0
        return made

    def _line(self, record: Mapping[str, Any]) -> bytes:
        if self._form is Form.NDJSON:
            return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
        return _csv_line([_cell(record[name]) for name in self._fields])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return f"'{value}"
    return str(value)


def _is_number(text: str) -> bool:
    return text[:1] == "-" and text[1:].replace(".", "", 1).isdecimal() and text.isascii()


def _csv_line(cells: Sequence[str]) -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made).writerow(cells)
    return made.getvalue().encode()
