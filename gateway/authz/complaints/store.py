"""Rows of ``authz.complaint`` as values; constraint names as refusals."""

from uuid import UUID

from gateway.audit import Cause, Written
from gateway.authz.complaints.model import ComplainantKind, Complaint, Redress
from gateway.errors import FieldFault, Invalid
from gateway.names import ApplicationId, GrantId, OrgCode
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.authz.complaints")
_WRITES = Writes(
    {
        "a_complaint_has_a_holder": Invalid(
            FieldFault("/holder", "this department is not registered", "该部门尚未登记")
        )
    }
)


async def next_number(tx: Connection) -> int:
    found: int = await tx.fetchval(_SQL["next_number"])
    return found


async def add(tx: Connection, new: Complaint) -> None:
    await tx.execute(
        _SQL["add_complaint"], new.id, new.number, new.application_id, new.grant_id, new.call_id, new.complainant_kind,
        new.sealed, new.received_org, new.received_by, new.received_at, new.holder, list(new.rule_sets),
        new.cause.event_id, new.cause.digest,
    )  # fmt: skip


async def find(tx: Connection, complaint: UUID) -> Complaint | None:
    row = await tx.fetchrow(_SQL["find_complaint"], complaint)
    return _complaint(row) if row else None


async def lock(tx: Connection, complaint: UUID) -> Complaint | None:
    row = await tx.fetchrow(_SQL["lock_complaint"], complaint)
    return _complaint(row) if row else None


async def move(tx: Connection, after: Complaint, written: Written) -> None:
    """Raises Invalid: the new holder is not registered."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["move_complaint"], after.id, after.holder, after.redress, after.answer, after.answered_by,
            after.answered_at, written.event_id, written.digest,
        )  # fmt: skip


async def listed(
    tx: Connection, org: str | None, number: str | None, after: UUID | None, count: int
) -> list[Complaint]:
    return [_complaint(row) for row in await tx.fetch(_SQL["list_complaints"], org, number, after, count)]


async def parties_of(tx: Connection, application: UUID | None, grant: UUID | None) -> frozenset[OrgCode]:
    """The two departments of an application or grant; none if there is no such thing."""
    row = await tx.fetchrow(_SQL["parties_of"], application, grant)
    return frozenset({OrgCode(row["consumer_org"]), OrgCode(row["provider_org"])} if row else ())


def _complaint(row: Row) -> Complaint:
    return Complaint(
        id=row["id"], number=row["number"], application_id=ApplicationId(row["application_id"]) if row["application_id"] else None,
        grant_id=GrantId(row["grant_id"]) if row["grant_id"] else None, call_id=row["call_id"],
        complainant_kind=ComplainantKind(row["complainant_kind"]), sealed=row["sealed"],
        received_org=OrgCode(row["received_org"]), received_by=row["received_by"], received_at=row["received_at"],
        holder=OrgCode(row["holder"]), rule_sets=tuple(row["rule_sets"]),
        redress=Redress(row["redress"]) if row["redress"] else None, answer=row["answer"],
        answered_by=row["answered_by"], answered_at=row["answered_at"], version=row["version"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
