"""A pack written by many processes one after the other is the pack that one would have written."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ledgers import CONSUMER, a_ledger
from packing import KEY, checked, planned, story

from gateway.audit.exports.archive import Archive
from gateway.audit.exports.model import Plan, row_of
from gateway.audit.exports.packing import Packer
from gateway.audit.record import Record
from gateway.proof.joint import parts_between
from gateway.proof.pack_answer import pack
from gateway.proof.pack_asked import Asked
from gateway.proof.proofs import root_of
from gateway.proof.refusal import Refused

ASKED = Asked(
    "records", CONSUMER, ("consumer", "provider"), filter={"type": "call.released"}, tables=("csv", "xlsx")
)
POLICY = f"log {KEY}\nquorum none\n".encode()


class Relay:
    """Writes a pack, a few records a piece; after each piece another writer takes over, or the same one goes on."""

    def __init__(self, plan: Plan, *, relayed: bool) -> None:
        self.plan, self.relayed = plan, relayed
        self.packer, self.pieces = Packer(plan), list[bytes]()

    def kept(self) -> None:
        self.pieces.append(self.packer.taken())
        if self.relayed:
            position: Any = json.loads(json.dumps(self.packer.state()))
            self.packer = Packer(self.plan, position)
            written, place = b"".join(self.pieces), self.packer.begun_at
            for start in range(
                place, len(written), 97
            ):  # the pieces of the store need not be those of the reader
                self.packer.recall(written[start : start + 97])


def written(*, relayed: bool) -> bytes:
    records, _ = a_ledger(story(ASKED))
    plan = planned(records, ASKED)
    held = [one for one in records if is_held(plan, one)]
    relay, hashes = Relay(plan, relayed=relayed), [one.leaf_hash for one in records]
    for start in range(0, len(held), 3):
        relay.packer.add_records(held[start : start + 3])
        relay.kept()
    relay.packer.add_proof(
        [root_of(hashes[a:b]) for a, b in parts_between(len(records), [one.idx for one in held])]
    )
    for table in ASKED.tables:
        relay.packer.begin_table(table)
        relay.kept()
        for start in range(0, len(held), 4):
            relay.packer.add_rows(held[start : start + 4])
            relay.kept()
        relay.packer.end_table(table)
    relay.packer.finish()
    relay.kept() if not relay.relayed else relay.pieces.append(relay.packer.taken())
    return b"".join(relay.pieces)


def is_held(plan: Plan, one: Record) -> bool:
    numbers = plan.asked.numbers(row_of(one).stub)
    inside = any(span.side in numbers and span.low_idx <= one.idx <= span.high_idx for span in plan.spans)
    return inside or one.idx in plan.linked or one.idx == plan.exported.idx


def test_whoever_goes_on_writes_the_same_bytes() -> None:
    whole = written(relayed=False)
    assert written(relayed=True) == whole
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        shown = checked({name: archive.read(name) for name in archive.namelist()})
    assert shown.matching == 3


def test_a_pack_that_is_cut_anywhere_is_refused_by_the_checker(tmp_path: Path) -> None:
    whole, path = written(relayed=False), tmp_path / "pack.zip"
    path.write_bytes(whole)
    assert pack(path, POLICY).ok
    for beyond in {*range(0, len(whole), 501), *range(len(whole) - 40, len(whole))}:
        path.write_bytes(whole[:beyond])
        with pytest.raises(Refused):
            pack(path, POLICY)


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_in_pieces_holds_what_was_written(packed: bool, tmp_path: Path) -> None:
    made = list[bytes]()
    when = planned(a_ledger(story(ASKED))[0], ASKED).exported.recorded_at
    archive = Archive(made.append, when)
    archive.add("whole", b"w" * 1000)
    archive.begin("pieces")
    for piece in (b"a" * 100000, b"", b"b" * 7):
        archive.write(piece, packed=packed)
        archive = Archive(made.append, when, json.loads(json.dumps(archive.state())))
    archive.end()
    archive.begin("empty")
    archive.end()
    archive.close()
    with zipfile.ZipFile(io.BytesIO(b"".join(made))) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == {
            "whole": b"w" * 1000, "pieces": b"a" * 100000 + b"b" * 7, "empty": b"",
        }  # fmt: skip


def test_a_plan_is_read_as_it_was_written() -> None:
    records, _ = a_ledger(story(ASKED))
    bare = planned(records, ASKED)
    plan = Plan(
        bare.asked, bare.exported, bare.spans, bare.linked, bare.note, bare.origin, bare.size,
        tuple(one.idx for one in records if is_held(bare, one)),
    )  # fmt: skip
    again = Plan.read(plan.asked, plan.exported, plan.written())
    assert again == plan
    assert again.rows == 3 * len(plan.places)
    assert again.places[0] == min(plan.places)
