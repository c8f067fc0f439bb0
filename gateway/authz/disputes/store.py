"""Rows of ``authz.dispute`` as values; constraint names as refusals."""

from dataclasses import dataclass
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.authz.disputes.model import Dispute, Stage
from gateway.errors import Conflict
from gateway.names import ApplicationId, GrantId, OrgCode
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.authz.disputes")


class DisputeOpen(Conflict):
    """There is an open dispute on this already（已有进行中的争议）."""

    remedy = ("Settle the open dispute first.", "请先办结进行中的争议。")


_WRITES = Writes({"one_dispute_per_application_is_open": DisputeOpen("one is open", "已有进行中的争议")})


@dataclass(frozen=True, slots=True)
class Parties:
    """The two departments of an application, and whether the provider is one already."""

    consumer: OrgCode
    provider: OrgCode
    accepted: bool
    cause: Cause


async def add(tx: Connection, new: Dispute) -> None:
    """Raises DisputeOpen."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_dispute"], new.id, new.application_id, new.grant_id, new.raised_by_org, new.against,
            new.common_superior, new.claim, list(new.rule_sets), new.raised_by, new.raised_at, new.cause.event_id,
            new.cause.digest,
        )  # fmt: skip


async def find(tx: Connection, dispute: UUID) -> Dispute | None:
    row = await tx.fetchrow(_SQL["find_dispute"], dispute)
    return _dispute(row) if row else None


async def lock(tx: Connection, dispute: UUID) -> Dispute | None:
    row = await tx.fetchrow(_SQL["lock_dispute"], dispute)
    return _dispute(row) if row else None


async def move(tx: Connection, after: Dispute, written: Written) -> None:
    await tx.execute(
        _SQL["move_dispute"], after.id, after.stage, after.escalated_at, after.referred_at, after.closed_at,
        after.outcome, written.event_id, written.digest,
    )  # fmt: skip


async def listed(
    tx: Connection, org: str | None, stage: str | None, after: UUID | None, count: int
) -> list[Dispute]:
    return [_dispute(row) for row in await tx.fetch(_SQL["list_disputes"], org, stage, after, count)]


async def parties_of(tx: Connection, application: ApplicationId) -> Parties | None:
    row = await tx.fetchrow(_SQL["parties_of"], application)
    if row is None:
        return None
    cause = Cause(row["event_id"], row["event_digest"])
    return Parties(OrgCode(row["consumer_org"]), OrgCode(row["provider_org"]), row["accepted"], cause)


async def are_of_several_regions(tx: Connection, orgs: tuple[OrgCode, ...]) -> bool:
    """Whether the departments lie in more than one region."""
    count: int = await tx.fetchval(_SQL["regions_of"], list(orgs))
    return count > 1


async def is_disputed(tx: Connection, grant: GrantId) -> bool:
    """Whether a dispute on the grant is open."""
    found: bool = await tx.fetchval(_SQL["is_disputed"], grant)
    return found


def _dispute(row: Row) -> Dispute:
    return Dispute(
        id=row["id"], application_id=ApplicationId(row["application_id"]),
        grant_id=GrantId(row["grant_id"]) if row["grant_id"] else None, raised_by_org=OrgCode(row["raised_by_org"]),
        against=OrgCode(row["against"]), common_superior=row["common_superior"], claim=row["claim"],
        stage=Stage(row["stage"]), rule_sets=tuple(row["rule_sets"]), raised_by=row["raised_by"],
        raised_at=row["raised_at"], escalated_at=row["escalated_at"], referred_at=row["referred_at"],
        closed_at=row["closed_at"], outcome=row["outcome"], version=row["version"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
