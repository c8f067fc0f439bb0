"""Rows of ``sealing.stamp``, its examinations and the evidence they rest on as values."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.names import OrgCode
from gateway.sealing import store as seals
from gateway.sealing.examination import Examined
from gateway.sealing.model import RegisteredSeal
from gateway.sealing.refusals import StampKnown
from gateway.sealing.rules import Kind
from gateway.sealing.stamps.model import Examination, FiledStamp, Subject, Trial
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.sealing.stamps")
_WRITES = Writes(
    {
        "a_stamp_is_filed_once": StampKnown(
            "this very stamp was filed on this document before", "该签章已对此文件提交过"
        )
    }
)


async def add(tx: Connection, id: UUID, subject: Subject, trial: Trial, by: str, written: Written) -> None:
    """Raises StampKnown."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_stamp"], id, subject.kind, subject.application, subject.sm3, subject.org, trial.raw, trial.sha256,
            by, trial.received_at, written.event_id, written.digest,
        )  # fmt: skip


async def add_examination(
    tx: Connection, stamp: UUID, number: int, seal: UUID | None, examined: Examined, at: datetime, event: UUID
) -> None:
    """With the evidence it rests on."""
    digests = [hashlib.sha256(each).digest() for each in examined.evidence]
    for digest, content in zip(digests, examined.evidence, strict=True):
        await tx.execute(_SQL["keep_evidence"], digest, content, at)
    await tx.execute(
        _SQL["add_examination"], stamp, number, seal, examined.report.verdict, examined.shown, examined.sha256, digests,
        at, event,
    )  # fmt: skip


async def count(tx: Connection, application: UUID) -> int:
    found: int = await tx.fetchval(_SQL["count_stamps"], application)
    return found


async def of_application(
    tx: Connection, application: UUID, kind: Kind | None = None, sm3: bytes | None = None
) -> list[FiledStamp]:
    """Of one document, or of all of an application; oldest first."""
    return await _stamps(tx, await tx.fetch(_SQL["stamps_of"], application, kind, sm3))


async def lock(tx: Connection, stamp: UUID) -> None:
    """Two examinations of one stamp follow each other."""
    await tx.execute(_SQL["lock_stamp"], stamp)


async def find(tx: Connection, stamp: UUID) -> FiledStamp | None:
    row = await tx.fetchrow(_SQL["stamp"], stamp)
    return (await _stamps(tx, [row]))[0] if row else None


async def content(tx: Connection, stamp: UUID) -> bytes:
    found: bytes = await tx.fetchval(_SQL["stamp_content"], stamp)
    return found


async def evidence(tx: Connection, sha256: bytes) -> bytes | None:
    found: bytes | None = await tx.fetchval(_SQL["evidence"], sha256)
    return found


async def _stamps(tx: Connection, rows: Sequence[Row]) -> list[FiledStamp]:
    known = await seals.by_id(tx, [row["seal_id"] for row in rows if row["seal_id"]])
    return [_stamp(row, known.get(row["seal_id"])) for row in rows]


def _stamp(row: Row, seal: RegisteredSeal | None) -> FiledStamp:
    latest = Examination(
        row["number"], row["verdict"], row["report"], row["report_sha256"], tuple(row["evidence"]), row["examined_at"],
        row["examined_event"],
    )  # fmt: skip
    return FiledStamp(
        id=row["id"], kind=Kind(row["kind"]), application=row["application_id"], document_sm3=row["document_sm3"],
        org=OrgCode(row["org"]), sha256=row["sha256"], filed_by=row["filed_by"], received_at=row["received_at"],
        seal=seal, latest=latest, cause=Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
