"""Writes a pack as a ZIP archive, piece by piece: what was written is taken and sent while the rest is made."""

import base64
import hashlib
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any, Final

from gateway.audit.exports.guide import guide
from gateway.audit.exports.model import Plan, stub_bytes
from gateway.audit.record import Record
from gateway.proof import pack_files as names
from gateway.proof.pack_rows import Row, line_of
from gateway.proof.pack_tables import (
    CSV_BEGINS,
    PARTS,
    SHEET,
    SHEET_BEGINS,
    SHEET_ENDS,
    cells_of,
    csv_row,
    sheet_row,
)

_TABLE_FILES: Final = {"csv": names.CSV, "xlsx": names.XLSX}


class _Pipe:
    """A file that can only be written to, and emptied from the other end."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class _Digested:
    """A file in the archive, with the digest of what was written to it."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._out.write(data)

    def flush(self) -> None:
        """The archive decides."""

    def close(self) -> None:
        self._out.close()


class Packer:
    """One pack in the making: records, proof, tables, then :meth:`finish`; :meth:`taken` after each gives what there is.

    Args:
        policy: the installation's policy as text, or nothing.
    """

    def __init__(self, plan: Plan, policy: bytes = b"") -> None:
        self._plan = plan
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(self._pipe, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload] # writes and flushes only
        self._digests: dict[str, str] = {}
        self._shown = self._hidden = 0
        self._file(names.GUIDE, guide(plan).encode())
        self._file(names.CHECKPOINT, plan.note)
        if policy:
            self._file(names.POLICY, policy)
        self._out = self._begin(names.RECORDS)
        self._table: _Sheet | _Lines | None = None

    def taken(self) -> bytes:
        """The bytes of the archive since the last time."""
        return self._pipe.taken()

    def add_records(self, records: Sequence[Record]) -> list[tuple[int, bytes]]:
        """Write records, rising by index; what the proof needs of each: index and leaf hash."""
        for record in records:
            event = self._plan.row(record).event
            self._shown, self._hidden = self._shown + (event is not None), self._hidden + (event is None)
            self._out.write(line_of(stub_bytes(record), event))
        return [(record.idx, record.leaf_hash) for record in records]

    def add_proof(self, hashes: Sequence[bytes]) -> None:
        """Write the roots between the records; they are the proof."""
        self._end(names.RECORDS)
        self._file(names.PROOF, b"".join(base64.b64encode(one) + b"\n" for one in hashes))

    def begin_table(self, table: str) -> None:
        """Begin ``csv`` or ``xlsx``."""
        self._out = self._begin(_TABLE_FILES[table])
        self._table = _Sheet(self._out, self._when) if table == "xlsx" else _Lines(self._out)

    def add_rows(self, records: Sequence[Record]) -> None:
        """Write those of the records that were asked for into the table begun."""
        assert self._table is not None
        self._table.add([row for row in map(self._plan.row, records) if self._plan.is_matching(row)])

    def end_table(self, table: str) -> None:
        """End the table begun."""
        assert self._table is not None
        self._table.end()
        self._end(_TABLE_FILES[table])

    def listed(self) -> bytes:
        """The list of the pack, whose digest stands for all of it."""
        plan = self._plan
        return names.Listed(
            plan.origin, plan.size, plan.exported.idx, plan.asked.detail(),
            tuple((one.side, one.first, one.last) for one in plan.spans), self._shown, self._hidden, dict(self._digests),
        ).written()  # fmt: skip

    def finish(self, seal: bytes = b"") -> None:
        """Write the list and, if there is one, the seal over it, and end the archive."""
        self._zip.writestr(_entry(names.LIST, self._when), self.listed())
        if seal:
            self._zip.writestr(_entry(names.SEAL, self._when), seal)
        self._zip.close()

    @property
    def _when(self) -> datetime:
        return self._plan.exported.recorded_at

    def _file(self, name: str, content: bytes) -> None:
        self._zip.writestr(_entry(name, self._when), content)
        self._digests[name] = hashlib.sha256(content).hexdigest()

    def _begin(self, name: str) -> _Digested:
        return _Digested(self._zip.open(_entry(name, self._when), "w", force_zip64=True))

    def _end(self, name: str) -> None:
        self._out.close()
        self._digests[name] = self._out.digest.hexdigest()


class _Lines:
    """The table as CSV."""

    def __init__(self, out: _Digested) -> None:
        self._out = out
        out.write(CSV_BEGINS)

    def add(self, rows: Sequence[Row]) -> None:
        self._out.write(b"".join(csv_row(cells_of(row)) for row in rows))

    def end(self) -> None:
        """A CSV has no end."""


class _Sheet:
    """The table as a workbook, an archive in the archive."""

    def __init__(self, out: Any, when: datetime) -> None:
        self._book = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        for name, content in PARTS.items():
            self._book.writestr(_entry(name, when), content)
        self._sheet = self._book.open(_entry(SHEET, when), "w", force_zip64=True)
        self._sheet.write(SHEET_BEGINS)
        self._next = 2

    def add(self, rows: Sequence[Row]) -> None:
        self._sheet.write(b"".join(sheet_row(self._next + at, cells_of(row)) for at, row in enumerate(rows)))
        self._next += len(rows)

    def end(self) -> None:
        self._sheet.write(SHEET_ENDS)
        self._sheet.close()
        self._book.close()


def _entry(name: str, when: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (when.year, when.month, when.day, when.hour, when.minute, when.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
