"""Checking an evidence pack（举证包）: records of the log that a stranger can check with the pack and a policy alone.

A pack shows four things. *These records are in the log*: one proof leads from all their leaves to the root of a signed
checkpoint. *They are what was written*: every event has the digest in its stub. *None was left out*: a department's records
are numbered without gaps inside the leaves, and all numbers of the range are here, hidden ones as stubs; the record of the
export itself is the last number, so nothing is missing at the end. *That is what was asked for*: it says so, too.

What it cannot show of a hidden record is what it says; its place, time, departments and digest are proven.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from .chains import Events
from .checkpoint import Checkpoint
from .joint import joint_root
from .pack_asked import Asked
from .pack_compare import check_csv, check_workbook
from .pack_files import (
    ARCHIVE_FAULTS,
    CHECKPOINT,
    CSV,
    LIST,
    PROOF,
    RECORDS,
    XLSX,
    Damage,
    Listed,
    PackFiles,
    archive_damaged,
)
from .pack_ranges import At, Range, Seen
from .pack_rows import LONGEST_LINE, Row, read_line
from .policy import Policy, Witnessed
from .refusal import Refused

EXPORTED: Final = "audit.exported"
_PROVEN: Final = frozenset({RECORDS, PROOF, CSV})


@dataclass(frozen=True, slots=True)
class Shown:
    """What a pack shows.

    Args:
        exported: the record of the export; ``asked`` what it says was asked for.
        ranges: complete numbers; ``matching`` records among them were asked for, the events of all that are ``shown``.
    """

    witnessed: Witnessed
    exported: Row
    asked: Asked
    ranges: tuple[Range, ...]
    matching: int
    shown: int
    hidden: int
    events: Events


def check_pack(files: PackFiles, policy: Policy) -> Shown:
    """Check everything a pack claims.

    Raises:
        Refused: a claim does not hold; a :class:`Damage` names the file, the line and the record.
    """
    listed = Listed.read(files.small(LIST))
    files.check_names(listed)
    witnessed = _trusted(files, listed, policy)
    checkpoint = witnessed.checkpoint
    asked = _said_of_list(lambda: Asked.read(dict(listed.asked)))
    seen = Seen(asked, _ranges(listed, asked), listed.exported)
    for number, row in rows_of(files):
        seen.take(row, number, checkpoint.size)
    _check_root(files, listed, seen, checkpoint)
    exported = _check_exported(seen, listed)
    seen.check_ranges(exported.row)
    _check_tables(files, seen)
    _check_list(files, listed, seen)
    return Shown(
        witnessed,
        exported.row,
        asked,
        seen.ranges,
        seen.matching,
        seen.shown,
        seen.hidden,
        seen.events,
    )


def rows_of(files: PackFiles) -> Iterator[tuple[int, Row]]:
    """Every line of the records with its number from 1, each checked by itself.

    Raises:
        Damage: at the first line that does not fit.
    """
    before = -1
    with files.open(RECORDS) as opened:
        for number in count(1):
            line = b""
            try:
                line = opened.readline(LONGEST_LINE)
                if not line:
                    return
                row = read_line(line)
            except ARCHIVE_FAULTS as fault:
                raise Damage(archive_damaged(fault), RECORDS, number) from None
            except Refused as refused:
                raise Damage(refused, RECORDS, number, _place_in(line)) from None
            if row.stub.idx <= before:
                because = Refused("order", "the lines do not rise by index", "各行未按序号递增")
                raise Damage(because, RECORDS, number, row.stub.idx)
            before = row.stub.idx
            yield number, row


def _trusted(files: PackFiles, listed: Listed, policy: Policy) -> Witnessed:
    try:
        found = policy.check(files.small(CHECKPOINT))
    except Refused as refused:
        raise Damage(refused, CHECKPOINT) from None
    if (found.checkpoint.origin, found.checkpoint.size) != (listed.origin, listed.size):
        raise _in_list("it names another checkpoint", "所列检查点不符")
    return found


def _ranges(listed: Listed, asked: Asked) -> tuple[Range, ...]:
    ranges = tuple(Range(*one) for one in listed.ranges)
    if [one.side for one in ranges] != list(asked.sides):
        raise _in_list("its ranges are not of the sides asked for", "所列范围的方向与要求不符")
    return ranges


def _check_root(files: PackFiles, listed: Listed, seen: Seen, checkpoint: Checkpoint) -> None:
    hashes = []
    with files.open(PROOF) as opened:
        for number, line in enumerate(iter(lambda: opened.readline(64), b""), 1):
            try:
                raw = base64.b64decode(line, validate=False)
            except ValueError:
                raw = b""
            if base64.b64encode(raw) + b"\n" != line or len(raw) != 32:
                raise Damage(
                    Refused("hash", "not a hash of 32 bytes in base64", "不是 base64 散列值"), PROOF, number
                )
            hashes.append(raw)
    try:
        holds = joint_root(checkpoint.size, seen.leaves, hashes) == checkpoint.root
        because = Refused(
            "root",
            "the records lead to another root than the signed one",
            "由记录推得的树根与签名的树根不一致",
        )
    except Refused as refused:
        holds, because = False, refused
    if not holds:
        raise Damage(because, PROOF if files.digest(PROOF) != listed.files[PROOF] else RECORDS)


def _check_exported(seen: Seen, listed: Listed) -> At:
    found = seen.exported
    if found is None or found.row.said is None or found.row.said.get("type") != EXPORTED:
        raise _in_list("the record of the export is not shown", "未见导出记录")
    detail = found.row.said.get("detail")
    if not isinstance(detail, dict) or detail.get("export") != listed.asked:
        raise _in_list(
            "the record of the export says that something else was asked for", "与导出记录所载要求不符"
        )
    return found


def _check_tables(files: PackFiles, seen: Seen) -> None:
    def matching() -> Iterator[Row]:
        return (row for _, row in rows_of(files) if seen.is_matching(row))

    if "csv" in seen.asked.tables:
        check_csv(files, CSV, matching())
    if "xlsx" in seen.asked.tables:
        check_workbook(files, XLSX, matching())


def _check_list(files: PackFiles, listed: Listed, seen: Seen) -> None:
    if (seen.shown, seen.hidden) != (listed.shown, listed.hidden):
        raise _in_list("it counts other lines", "所列行数不符")
    for name, digest in sorted(listed.files.items()):
        if files.digest(name) != digest:
            place = (
                LIST if name in _PROVEN else name
            )  # what was proven is right, so what is listed of it is not
            raise Damage(
                Refused("digest", f"{name} has another digest than listed", f"{name} 的摘要与清单不符"), place
            )


def _said_of_list(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Refused as refused:
        raise Damage(refused, LIST) from None


def _in_list(detail: str, detail_zh: str) -> Damage:
    return Damage(Refused("list", detail, detail_zh), LIST)


def _place_in(line: bytes) -> int | None:
    """The index a damaged line names, as far as it can be read."""
    digits = line[7:27].split(b",")[0] if line.startswith(b'{"idx":') else b""
    return int(digits) if digits.isdigit() else None
