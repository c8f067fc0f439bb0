"""Batches as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from gateway.catalog.items import FieldName
from gateway.exchange.batches.model import Answering, Batch, State
from gateway.exchange.reading import Value
from gateway.web import Code, Line, Model


class BatchOrder(Model):
    """A batch as ordered: one set of parameters a row, each row once, and how all of them are asked.

    With ``answering`` ``yes_no`` (核验) nothing but yes or no comes back: ``item`` names a granted yes-or-no item, and may be
    left out where the grant has exactly one; a subject of whom the provider has no record is a no. Of a verification of licences
    (证照核验) yes means that the licence stands.
    """

    rows: Annotated[
        list[Annotated[dict[Value, Value], Field(max_length=50)]], Field(min_length=1, max_length=50000)
    ]
    answering: Answering = Answering.RECORDS
    item: FieldName | None = None
    fields: Annotated[list[Value], Field(min_length=1, max_length=200)] | None = None
    matter: Code | None = None
    """事项编码."""
    case: Code | None = None
    """办件编号."""
    operator: Line | None = None
    """操作人."""


class BatchShown(Model):
    """A batch as it stands; times are instants, ``reason`` says why it waits or how it ended."""

    id: UUID
    service: str
    state: State
    answering: Answering
    rows: int
    rows_done: int
    unanswered: int
    yes: int | None = None
    no: int | None = None
    records: int
    bytes: int
    reason: str | None = None
    accepted_at: datetime
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    sha256: str | None = None

    @classmethod
    def of(cls, batch: Batch) -> "BatchShown":
        verifying, tally = batch.order.answering is Answering.YES_NO, batch.tally
        return cls(
            id=batch.id, service=batch.order.service, state=batch.state, answering=batch.order.answering,
            rows=tally.rows, rows_done=tally.done, unanswered=tally.unanswered,
            yes=tally.yes if verifying else None, no=tally.no if verifying else None,
            records=tally.records, bytes=tally.bytes, reason=batch.reason or None, accepted_at=batch.accepted_at,
            finished_at=batch.finished_at, expires_at=batch.expires_at,
            sha256=batch.sha256.hex() if batch.sha256 else None,
        )  # fmt: skip


class ManifestSealed(Model):
    """The sealed statement of what a result is: the three members of a JWS, verified like every statement of the gateway."""

    payload: str
    protected: str
    signature: str


class ResultLine(Model):
    """One line of a result: the row's number from 1 on, and its records, its answer (yes or no), or why there is none."""

    row: int
    records: list[dict[str, Any]] | None = None
    answer: str | None = None
    unanswered: str | None = None
