"""Evidence packs: how fast one is made and checked, and how large it is, without a database.

    python ops/bench/audit_export.py [--records 20000] [--json]

Grows a ledger of calls of two departments in memory, packs the records of one with its hidden half and both tables, writes the
archive to a throw-away folder and checks it there as the offline checker does.
"""

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit import Event, EventType, Origin, Outcome, Record, Who
from gateway.audit.exports.model import Plan, Span
from gateway.audit.exports.packing import Packer
from gateway.audit.forms import numbered, serialise
from gateway.audit.ledger import GENESIS, Head, Reading, grow
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.joint import parts_between
from gateway.proof.notes import ED25519, NoteKey, sign_note
from gateway.proof.pack_answer import pack
from gateway.proof.pack_asked import Asked
from gateway.proof.proofs import root_of

ORG, OTHER, PROVIDER = "11621000MB00000024", "11621000MB00000011", "11621000MB00000037"
NAME = "gateway-audit/bench"
ASKED = Asked("records", ORG, ("consumer",), filter={"type": "call.released"}, tables=("csv", "xlsx"))
PAGE = 1000


def events(records: int) -> Iterator[bytes]:
    """Calls of two departments in turn, each an intent and a release; the export last."""
    origin, now = Origin("bench", UUID(int=7)), datetime.now(UTC)
    kinds = (EventType.CALL_INTENDED, EventType.CALL_RELEASED)
    for number in range(records):
        last = number == records - 1
        org = ORG if last or number // 2 % 2 else OTHER
        detail: dict[str, Any] = (
            {"export": ASKED.detail()} if last else {"bytes": number, "answer": "ab" * 32}
        )
        event = Event(
            EventType.AUDIT_EXPORTED if last else kinds[number % 2], Outcome.ALLOW, Who("client", "registration", org),
            consumer_org=org, provider_org=PROVIDER, grant_id=str(UUID(int=9)), request_id=str(UUID(int=number)), detail=detail,
        )  # fmt: skip
        body = serialise(event, origin, event_id=new_id(), occurred_at=now, nonce=bytes(16))
        yield numbered(body, number)


def planned(records: tuple[Record, ...], head: Head, private: Ed25519PrivateKey) -> tuple[Plan, list[Record]]:
    """The plan of the export, and the records it holds."""
    own = [one for one in records if one.columns.consumer_org == ORG]
    note = sign_note(Checkpoint(NAME, head.size, head.root).text, NAME, private)
    span = Span("consumer", 1, len(own), own[0].idx, own[-1].idx)
    return Plan(ASKED, own[-1], (span,), frozenset(), note, NAME, head.size), own


def packed(plan: Plan, own: list[Record], hashes: list[bytes]) -> tuple[bytes, int]:
    """The archive, and the number of hashes of its proof."""
    packer, leaves = Packer(plan), list[tuple[int, bytes]]()
    for start in range(0, len(own), PAGE):
        leaves += packer.add_records(own[start : start + PAGE])
    proof = [
        root_of(hashes[first:beyond])
        for first, beyond in parts_between(plan.size, [idx for idx, _ in leaves])
    ]
    packer.add_proof(proof)
    for table in ASKED.tables:
        packer.begin_table(table)
        for start in range(0, len(own), PAGE):
            packer.add_rows(own[start : start + PAGE])
        packer.end_table(table)
    packer.finish()
    return packer.taken(), len(proof)


def measured(count: int) -> dict[str, Any]:
    """Everything once."""
    private = Ed25519PrivateKey.generate()
    growth = grow(GENESIS, {}, [Reading.of(event) for event in events(count)], datetime.now(UTC))
    plan, own = planned(growth.records, growth.head, private)
    hashes = [one.leaf_hash for one in growth.records]
    began = time.perf_counter()
    archive, proof = packed(plan, own, hashes)
    made = time.perf_counter() - began
    with tempfile.TemporaryDirectory(prefix="gwb") as folder:
        path = Path(folder) / "pack.zip"
        path.write_bytes(archive)
        policy = (
            f"log {NoteKey(NAME, ED25519, private.public_key().public_bytes_raw())}\nquorum none\n".encode()
        )
        began = time.perf_counter()
        answer = pack(path, policy)
        checked = time.perf_counter() - began
    if not answer.ok or answer.members["ranges"][0]["last"] != len(own):
        raise SystemExit("the pack does not hold")
    return {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "records": len(own),
        "made_per_second": round(len(own) / made),
        "checked_per_second": round(len(own) / checked),
        "archive_bytes_per_record": round(len(archive) / len(own)),
        "proof_hashes": proof,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=20000, help="records of the whole log")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    found = measured(given.records)
    print(
        json.dumps(found) if given.json else "\n".join(f"{name:<26}{value}" for name, value in found.items())
    )


if __name__ == "__main__":
    main()
