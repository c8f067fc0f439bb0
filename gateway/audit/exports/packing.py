"""Writes a pack piece by piece: what was written is taken and kept while the rest is made, and another process may go on with it."""

import base64
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from gateway.audit.exports.archive import Archive
from gateway.audit.exports.guide import guide
from gateway.audit.exports.model import Plan, stub_bytes
from gateway.audit.record import Record
from gateway.proof import pack_files as names
from gateway.proof.pack_rows import line_of
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


class Packer:
    """One pack in the making: records, proof, tables, then :meth:`finish`; :meth:`taken` after each gives what there is.

    Args:
        going_on: :meth:`state` of the writer before, whose archive from byte :attr:`begun_at` on is then told to :meth:`recall`.
    """

    def __init__(self, plan: Plan, going_on: Mapping[str, Any] | None = None) -> None:
        self._plan = plan
        self._pieces: list[bytes] = []
        said: Mapping[str, Any] = going_on or {}
        self._zip = Archive(self._pieces.append, self._when, said.get("zip"))
        self._digests: dict[str, str] = dict(said.get("digests", {}))
        self._shown, self._hidden = said.get("counted", (0, 0))
        self.part: int = said.get("part", 0)
        """0 while the records are written, then the number of the table that is, from 1 on."""
        self.row: int = said.get("row", 0)
        """How many records of the pack were written into the present part."""
        self.begun_at: int = said.get("begun_at", 0)
        """Where in the archive the content of the file being written begins."""
        self._digest, self._inflate = hashlib.sha256(), zlib.decompressobj(-zlib.MAX_WBITS)
        self._sheet: _Sheet | None = None
        if said.get("sheet"):
            self._sheet = _Sheet(self._when, said["sheet"])
        if going_on is None:
            self._file(names.GUIDE, guide(plan).encode())
            self._file(names.CHECKPOINT, plan.note)
            self._begin(names.RECORDS)

    def state(self) -> dict[str, Any]:
        """What another writer needs to go on, as JSON."""
        return {
            "zip": self._zip.state(), "digests": self._digests, "counted": (self._shown, self._hidden), "part": self.part,
            "row": self.row, "begun_at": self.begun_at, "sheet": self._sheet.state() if self._sheet else None,
        }  # fmt: skip

    def recall(self, data: bytes) -> None:
        """The next bytes of what the writer before wrote, from :attr:`begun_at` on: digests have no state that could be kept."""
        self._digest.update(self._inflate.decompress(data))

    def taken(self) -> bytes:
        """The bytes of the archive since the last time."""
        made = b"".join(self._pieces)
        self._pieces.clear()
        return made

    def add_records(self, records: Sequence[Record]) -> list[tuple[int, bytes]]:
        """Write records, rising by index; what the proof needs of each: index and leaf hash."""
        lines = []
        for record in records:
            event = self._plan.row(record).event
            self._shown, self._hidden = self._shown + (event is not None), self._hidden + (event is None)
            lines.append(line_of(stub_bytes(record), event))
        self._write(b"".join(lines))
        self.row += len(records)
        return [(record.idx, record.leaf_hash) for record in records]

    def add_proof(self, hashes: Sequence[bytes]) -> None:
        """Write the roots between the records; they are the proof."""
        self._end(names.RECORDS)
        self._file(names.PROOF, b"".join(base64.b64encode(one) + b"\n" for one in hashes))

    def begin_table(self, table: str) -> None:
        """Begin ``csv`` or ``xlsx``."""
        self._begin(_TABLE_FILES[table])
        if table == "xlsx":
            self._sheet = _Sheet(self._when)
            self._write(self._sheet.taken())
        else:
            self._write(CSV_BEGINS)

    def add_rows(self, records: Sequence[Record]) -> None:
        """Write those of the records that were asked for into the table begun."""
        rows = [cells_of(row) for row in map(self._plan.row, records) if self._plan.is_matching(row)]
        self._write(self._sheet.add(rows) if self._sheet else b"".join(map(csv_row, rows)))
        self.row += len(records)

    def end_table(self, table: str) -> None:
        """End the table begun."""
        if self._sheet is not None:
            self._write(self._sheet.end())
            self._sheet = None
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
        self._zip.add(names.LIST, self.listed())
        if seal:
            self._zip.add(names.SEAL, seal)
        self._zip.close()

    @property
    def _when(self) -> datetime:
        return self._plan.exported.recorded_at

    def _file(self, name: str, content: bytes) -> None:
        self._zip.add(name, content)
        self._digests[name] = hashlib.sha256(content).hexdigest()

    def _begin(self, name: str) -> None:
        self._zip.begin(name)
        self.begun_at, self._digest = self._zip.size, hashlib.sha256()

    def _write(self, content: bytes) -> None:
        self._digest.update(content)
        self._zip.write(content, packed=self._sheet is not None)

    def _end(self, name: str) -> None:
        self._zip.end()
        self._digests[name] = self._digest.hexdigest()
        self.part, self.row = self.part + 1, 0


class _Sheet:
    """The table as a workbook, an archive in the archive; each method gives what it adds to it."""

    def __init__(self, when: datetime, going_on: Mapping[str, Any] | None = None) -> None:
        self._pieces: list[bytes] = []
        self._book = Archive(self._pieces.append, when, going_on["book"] if going_on else None)
        self._next: int = going_on["next"] if going_on else 2
        if going_on is None:
            for name, content in PARTS.items():
                self._book.add(name, content)
            self._book.begin(SHEET)
            self._book.write(SHEET_BEGINS)

    def state(self) -> dict[str, Any]:
        return {"book": self._book.state(), "next": self._next}

    def taken(self) -> bytes:
        made = b"".join(self._pieces)
        self._pieces.clear()
        return made

    def add(self, rows: Sequence[list[str]]) -> bytes:
        self._book.write(b"".join(sheet_row(self._next + at, cells) for at, cells in enumerate(rows)))
        self._next += len(rows)
        return self.taken()

    def end(self) -> bytes:
        self._book.write(SHEET_ENDS)
        self._book.end()
        self._book.close()
        return self.taken()
