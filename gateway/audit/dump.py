"""The ledger as a file: one JSON object a line, to be verified where there is neither database nor gateway.

First line the format, then every record by index and every head right after its last record, last line the
numbers of both. Reading is strict: a line is accepted only if writing its content again gives the same bytes, so
nothing can hide in a file that verifies.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

import orjson

from gateway.audit.errors import DumpDamaged
from gateway.audit.ledger import Head
from gateway.audit.record import Columns, Record
from gateway.audit.tiles.model import Gone
from gateway.audit.verify import Finding, Problem, Verdict, Verification
from gateway.proof.checkpoint import Checkpoint

FORMAT: Final = "gateway-audit-dump"
VERSION: Final = 1
_HEADER: Final = {"format": FORMAT, "version": VERSION}
_LINE_MAX: Final = 1 << 20
_IDS: Final = frozenset({"event_id", "application_id", "grant_id", "request_id"})
_TIMES: Final = frozenset({"recorded_at", "occurred_at"})
_HASHES: Final = frozenset({"root", "frontier", "leaf_hash"})
_COUNTS: Final = frozenset({"idx", "cseq", "pseq", "size", "prev_size"})
_OPEN: Final = frozenset({"prev_size", *Columns._fields}) - {"event_id", "type", "outcome"}
_NUMBERS: Final = ("idx", "recorded_at", "cseq", "pseq")
_RECORD: Final = frozenset({*_NUMBERS, *Columns._fields, "leaf_hash"})
_HEAD: Final = frozenset(field.name for field in fields(Head))


async def write_dump(file: BinaryIO, ledger: AsyncIterator[Record | Gone | Head]) -> tuple[int, int]:
    """Write a ledger as :func:`gateway.audit.store.records_and_heads` gives it; the numbers of records and heads."""
    records = heads = 0
    file.write(_line(_HEADER))
    async for item in ledger:
        file.write(encode(item))
        records, heads = (records, heads + 1) if isinstance(item, Head) else (records + 1, heads)
    file.write(_line({"records": records, "heads": heads}))
    return records, heads


class DumpReader:
    """Reads a dump in constant memory; ``line`` is the number of the line read last, from 1."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.line = 0

    def __iter__(self) -> Iterator[Record | Gone | Head]:
        """Records and heads in the file's order.

        Raises:
            DumpDamaged: a line is not what a dump holds there, or the file ends early.
            OSError: the file cannot be read.
        """
        counted = {"records": 0, "heads": 0}
        with self._path.open("rb") as file:
            if self._next(file) != _line(_HEADER):
                raise self._damaged(f"this is not a {FORMAT} of version {VERSION}")
            while line := self._next(file):
                if line == _line(counted):
                    break
                item = self._decoded(line)
                counted["heads" if isinstance(item, Head) else "records"] += 1
                yield item
            else:
                raise self._damaged("the file ends before its last line")
            if self._next(file):
                raise self._damaged("something follows the last line")

    def _next(self, file: BinaryIO) -> bytes:
        line = file.readline(_LINE_MAX)
        self.line += 1
        return line

    def _decoded(self, line: bytes) -> Record | Gone | Head:
        try:
            return decode(line)
        except ValueError as fault:
            raise self._damaged(str(fault)) from fault

    def _damaged(self, why: str) -> DumpDamaged:
        return DumpDamaged(self.line, why)


def verify_dump(path: Path, signed: Checkpoint | None = None) -> Finding | Verdict:
    """Check a dump, also beside what was ``signed`` of the log once; a damaged line is a finding too.

    Raises:
        OSError: the file cannot be read.
    """
    verification, reader = Verification(signed), DumpReader(path)
    try:
        for item in reader:
            if finding := verification.take(item):
                return replace(finding, line=reader.line)
    except DumpDamaged as damage:
        return Finding(Problem.LINE_DAMAGED, verification.size, damage.why, line=damage.line)
    return verification.end()


def decode(line: bytes) -> Record | Gone | Head:
    """Read a line of :func:`encode`.

    Raises:
        ValueError: it is none, or encoding what it says again gives other bytes.
    """
    try:
        item = _item(orjson.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise ValueError(f"neither a record nor a head ({type(fault).__name__})") from fault
    if encode(item) != line:
        raise ValueError("not written as a dump writes it")
    return item


def encode(item: Record | Gone | Head) -> bytes:
    """The line of one record, of the leaf of a dropped one, or of one head."""
    if isinstance(item, Gone):
        return _line({"gone": {name: _shown(value) for name, value in item._asdict().items()}})
    if isinstance(item, Head):
        return _line({"head": {field.name: _shown(getattr(item, field.name)) for field in fields(item)}})
    record = {name: _shown(getattr(item, name)) for name in _NUMBERS}
    record |= {name: _shown(value) for name, value in zip(Columns._fields, item.columns, strict=True)}
    record["leaf_hash"] = _shown(item.leaf_hash)
    return _line({"record": record | _event(item.event)})


def _event(event: bytes) -> dict[str, str]:
    try:
        return {"event": event.decode()}
    except UnicodeDecodeError:
        return {"event_hex": event.hex()}


def _item(line: dict[str, Any]) -> Record | Gone | Head:
    if "gone" in line:
        return Gone(**{name: _read(name, line["gone"][name]) for name in Gone._fields})
    if "head" in line:
        return Head(**{name: _read(name, line["head"][name]) for name in _HEAD})
    stated = line["record"]
    values = {name: _read(name, stated[name]) for name in _RECORD}
    text = stated.get("event")
    return Record(
        **{name: values[name] for name in _NUMBERS},
        columns=Columns(**{name: values[name] for name in Columns._fields}),
        event=bytes.fromhex(stated["event_hex"]) if text is None else text.encode(),
        leaf_hash=values["leaf_hash"],
    )


def _read(name: str, value: Any) -> Any:
    if value is None and name in _OPEN:
        return None
    if name in _COUNTS:
        if type(value) is not int or not 0 <= value < 1 << 63:
            raise ValueError(name)
        return value
    if not isinstance(value, str):
        raise TypeError(name)
    if name in _TIMES:
        if not value.endswith("Z"):
            raise ValueError(name)
        return datetime.fromisoformat(value)
    if name in _IDS:
        return UUID(value)
    return bytes.fromhex(value) if name in _HASHES else value


def _shown(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.hex() if isinstance(value, bytes) else value


def _line(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
