from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from ledgers import a_ledger, event_bytes

from gateway.audit import DumpDamaged, Finding, Head, Problem, Record, Verdict, verify_dump, write_dump
from gateway.audit.dump import DumpReader
from gateway.audit.verify import in_order

RECORDS, HEADS = a_ledger(
    [
        *(event_bytes(number, matter="不动产登记", reason='"q"\\') for number in range(6)),
        b"\xff\x00",
        b"text",
    ],
    split=[2, 5],
)


async def items() -> AsyncIterator[Record | Head]:
    for item in in_order(RECORDS, HEADS):
        yield item


@pytest.fixture
async def lines(tmp_path: Path) -> list[bytes]:
    with (tmp_path / "whole").open("wb") as file:
        assert await write_dump(file, items()) == (8, 4)
    return (tmp_path / "whole").read_bytes().splitlines(keepends=True)


def written(tmp_path: Path, lines: list[bytes]) -> Path:
    path = tmp_path / "dump"
    path.write_bytes(b"".join(lines))
    return path


def test_what_is_written_is_read_again(tmp_path: Path, lines: list[bytes]) -> None:
    assert list(DumpReader(written(tmp_path, lines))) == list(in_order(RECORDS, HEADS))
    assert verify_dump(written(tmp_path, lines)) == Verdict(8, HEADS[-1].root)


def test_a_person_can_read_the_lines(lines: list[bytes]) -> None:
    assert orjson.loads(lines[0]) == {"format": "gateway-audit-dump", "version": 1}
    assert "不动产登记" in lines[2].decode()
    assert orjson.loads(lines[-1]) == {"records": 8, "heads": 4}
    assert orjson.loads(lines[-4])["record"]["event_hex"] == "ff00"


def test_every_single_changed_byte_of_a_dump_is_found(tmp_path: Path, lines: list[bytes]) -> None:
    whole = b"".join(lines)
    passed = []
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 7
        if not isinstance(verify_dump(written(tmp_path, [bytes(changed)])), Finding):
            passed.append(place)
    assert passed == []


def test_a_changed_byte_of_an_event_names_record_and_line(tmp_path: Path, lines: list[bytes]) -> None:
    at = next(number for number, line in enumerate(lines) if b'"idx":3' in line)
    lines[at] = lines[at].replace("不动产".encode(), "不动户".encode(), 1)
    found = verify_dump(written(tmp_path, lines))
    assert isinstance(found, Finding)
    assert (found.problem, found.idx, found.line) == (Problem.COLUMN_DIFFERS, 3, at + 1)
    assert found.event_id == RECORDS[3].columns.event_id


def broken(name: str, lines: list[bytes]) -> list[bytes]:
    third = lines[3]
    return {
        "no json": [*lines[:3], b"{\n", *lines[4:]],
        "an array": [*lines[:3], b"[]\n", *lines[4:]],
        "a text": [*lines[:3], b'"record"\n', *lines[4:]],
        "an empty line": [*lines[:3], b"\n", *lines[3:]],
        "a blank": [*lines[:3], third.replace(b'{"record":', b'{"record": '), *lines[4:]],
        "another key": [*lines[:3], third.replace(b'"idx"', b'"more":1,"idx"'), *lines[4:]],
        "a key twice": [*lines[:3], third.replace(b'"idx":', b'"idx":0,"idx":'), *lines[4:]],
        "another order": [*lines[:3], third[:-3] + b',"idx":1}}\n', *lines[4:]],
        "no line end": [*lines[:3], third.rstrip(b"\n") + lines[4], *lines[5:]],
        "carriage return": [*lines[:3], third.replace(b"\n", b"\r\n"), *lines[4:]],
        "idx as text": [*lines[:3], third.replace(b'"idx":1,', b'"idx":"1",'), *lines[4:]],
        "idx as truth": [*lines[:3], third.replace(b'"idx":1,', b'"idx":true,'), *lines[4:]],
        "idx below zero": [*lines[:3], third.replace(b'"idx":1,', b'"idx":-1,'), *lines[4:]],
        "idx of no width": [
            *lines[:3],
            third.replace(b'"idx":1,', b'"idx":9223372036854775808,'),
            *lines[4:],
        ],
        "no zone": [*lines[:3], third.replace(b'.123000Z","cseq"', b'.123000","cseq"'), *lines[4:]],
        "no time": [
            *lines[:3],
            third.replace(b'"2026-09-30T08:00:00.123000Z","cseq"', b'null,"cseq"'),
            *lines[4:],
        ],
        "no leaf": [*lines[:3], third.replace(RECORDS[1].leaf_hash.hex().encode(), b"zz"), *lines[4:]],
        "a huge line": [*lines[:3], b" " * (1 << 21) + b"\n", *lines[4:]],
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "no json", "an array", "a text", "an empty line", "a blank", "another key", "a key twice",
        "another order", "no line end", "carriage return", "idx as text", "idx as truth", "idx below zero",
        "idx of no width", "no zone", "no time", "no leaf", "a huge line",
    ],
)  # fmt: skip
def test_a_line_that_is_not_as_written_is_refused_with_its_number(
    name: str, tmp_path: Path, lines: list[bytes]
) -> None:
    changed = broken(name, lines)
    assert changed != lines
    path = written(tmp_path, changed)
    with pytest.raises(DumpDamaged, match="line 4: "):
        list(DumpReader(path))
    found = verify_dump(path)
    assert isinstance(found, Finding)
    assert (found.problem, found.idx, found.line) == (Problem.LINE_DAMAGED, 1, 4)


def test_another_format_is_refused_on_its_first_line(tmp_path: Path, lines: list[bytes]) -> None:
    for first in (b"", b"{}\n", b'{"format":"gateway-audit-dump","version":2}\n', b"\x00\x01"):
        with pytest.raises(DumpDamaged, match="line 1: "):
            list(DumpReader(written(tmp_path, [first, *lines[1:]])))


@pytest.mark.parametrize("missing", range(1, 13))
def test_a_missing_line_is_found(missing: int, tmp_path: Path, lines: list[bytes]) -> None:
    del lines[missing]
    assert isinstance(verify_dump(written(tmp_path, lines)), Finding)


def test_a_file_that_ends_early_or_late_is_refused(tmp_path: Path, lines: list[bytes]) -> None:
    with pytest.raises(DumpDamaged, match="ends before its last line"):
        list(DumpReader(written(tmp_path, lines[:-1])))
    with pytest.raises(DumpDamaged, match="follows the last line"):
        list(DumpReader(written(tmp_path, [*lines, b"\n"])))
