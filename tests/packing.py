"""Evidence packs over hand-made ledgers, without a database."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ledgers import CONSUMER, PROVIDER, a_ledger, event_bytes

from gateway.audit import Cause, EventType, Record
from gateway.audit.exports.model import Plan, Span, causes, row_of
from gateway.audit.exports.packing import Packer
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.joint import parts_between
from gateway.proof.notes import ED25519, NoteKey, sign_note
from gateway.proof.pack_asked import Asked
from gateway.proof.pack_files import PackFiles
from gateway.proof.packs import Shown, check_pack
from gateway.proof.policy import Policy
from gateway.proof.proofs import root_of

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "gateway-audit/11621000MB00000011"
KEY = NoteKey(ORIGIN, ED25519, PRIVATE.public_key().public_bytes_raw())
POLICY = Policy((KEY,), {}, {}, "none")
THIRD = "11621000MB00000037"
APPLICATION = str(UUID(int=50))


def story(asked: Asked) -> list[bytes]:
    """The events of one application and its calls, among those of others, the export last but one."""
    events: list[bytes] = []

    def add(kind: EventType, *after: int, **fields: Any) -> int:
        number = len(events)
        told = {"consumer_org": CONSUMER, "provider_org": PROVIDER, "application_id": APPLICATION} | fields
        links = tuple(Cause(UUID(int=one + 1), hashlib.sha256(events[one]).digest()) for one in after)
        events.append(event_bytes(number, type=kind, cause=links, **told))
        return number

    entry = add(EventType.RESOURCE_PUBLISHED, consumer_org="", application_id="")
    document = {"document_sm3": "a1" * 32, "document_sha256": hashlib.sha256(b"form").hexdigest()}
    filed = add(EventType.APPLICATION_FILED, entry, detail=document)
    add(
        EventType.STAMP_FILED,
        filed,
        detail={"verdict": "valid", **document, "stamp_sha256": hashlib.sha256(b"stamp").hexdigest()},
    )
    accepted = add(EventType.APPLICATION_ACCEPTED, filed)
    approved = add(EventType.APPLICATION_APPROVED, accepted)
    granted = add(EventType.GRANT_ISSUED, approved, detail={"because": "=1+1"})
    for number in range(3):
        intended = add(
            EventType.CALL_INTENDED,
            granted,
            request_id=str(UUID(int=700 + number)),
            detail={"nonce": "00" * 16},
        )
        add(EventType.CALL_INTENDED, consumer_org=THIRD, application_id="")
        answer = hashlib.sha256(bytes(16) + b"answer").hexdigest()
        add(
            EventType.CALL_RELEASED,
            intended,
            request_id=str(UUID(int=700 + number)),
            detail={"answer": answer},
        )
    add(EventType.AUDIT_EXPORTED, consumer_org=asked.org, provider_org=asked.org, application_id="", grant_id="",
        detail={"export": asked.detail()})  # fmt: skip
    add(EventType.SIGNED_OUT, consumer_org="", provider_org="", application_id="")
    return events


def planned(records: list[Record], asked: Asked) -> Plan:
    """The plan, found by looking at every record."""
    exported = next(record for record in records if record.columns.type == EventType.AUDIT_EXPORTED)
    known = [record for record in records if record.idx <= exported.idx]
    spans = []
    for side in asked.sides:
        own = [
            (asked.numbers(row_of(one).stub)[side], one)
            for one in known
            if side in asked.numbers(row_of(one).stub)
        ]
        wanted = [
            number for number, one in own
            if (asked.first is None or number >= asked.first) and (asked.last is None or number <= asked.last)
            and (asked.since_ms is None or row_of(one).stub.recorded_ms >= asked.since_ms)
            and (asked.until_ms is None or row_of(one).stub.recorded_ms < asked.until_ms)
        ]  # fmt: skip
        near = [one.idx for number, one in own if wanted[0] - 1 <= number <= wanted[-1] + 1]
        spans.append(Span(side, wanted[0], wanted[-1], near[0], near[-1]))
    note = sign_note(
        Checkpoint(ORIGIN, len(records), root_of([one.leaf_hash for one in records])).text, ORIGIN, PRIVATE
    )
    plan = Plan(asked, exported, tuple(spans), frozenset(), note, ORIGIN, len(records))
    by_id = {one.columns.event_id: one for one in records}
    linked, waiting = set[int](), [row_of(one) for one in known if plan.is_matching(row_of(one))]
    while waiting:
        found = [by_id[one] for one in causes(waiting) if by_id[one].idx not in linked]
        linked |= {one.idx for one in found}
        waiting = [row_of(one) for one in found]
    linked |= {one.idx for one in known if one.columns.type == EventType.STAMP_FILED}
    return Plan(asked, exported, tuple(spans), frozenset(linked), note, ORIGIN, len(records))


def packed(
    asked: Asked, change: Callable[[list[Record]], list[Record]] = lambda kept: kept
) -> dict[str, bytes]:
    """The files of a pack; ``change`` gives other records to it than the log holds."""
    records, _ = a_ledger(story(asked))
    plan = planned(records, asked)
    held = [
        one for one in records
        if one.idx in plan.linked or one.idx == plan.exported.idx
        or any(one.idx in range(span.low_idx, span.high_idx + 1) and span.side in asked.numbers(row_of(one).stub) for span in plan.spans)
    ]  # fmt: skip
    packer, out = Packer(plan), io.BytesIO()
    leaves = packer.add_records(change(held))
    hashes = [one.leaf_hash for one in records]
    packer.add_proof(
        [root_of(hashes[a:b]) for a, b in parts_between(len(records), [idx for idx, _ in leaves])]
    )
    for table in asked.tables:
        packer.begin_table(table)
        packer.add_rows(held)
        packer.end_table(table)
    packer.finish()
    out.write(packer.taken())
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def checked(files: Mapping[str, bytes]) -> Shown:
    """What a pack of these files shows, or Refused."""

    def opener(content: bytes) -> Callable[[], Any]:
        return lambda: closing(io.BytesIO(content))

    return check_pack(PackFiles({name: opener(content) for name, content in files.items()}), POLICY)


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    """The files in a folder."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
