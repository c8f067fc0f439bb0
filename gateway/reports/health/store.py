"""Rows of the examination as values."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gateway.names import OrgCode
from gateway.reports.health.model import Check, Examined
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.reports.health")


@dataclass(frozen=True, slots=True)
class Unused:
    """应用未用: a grant in force without a call; ``last_called`` None if there never was one."""

    grant_id: UUID
    consumer_org: str
    provider_org: str
    client: str
    service: str
    purpose: str
    code: str
    name: str
    issued_at: datetime
    valid_until: date
    last_called: date | None


async def examine(
    tx: Connection, org: str | None, now: datetime, used_since: datetime, after: str | None, count: int
) -> list[Examined]:
    return [_examined(row) for row in await tx.fetch(_SQL["examine"], org, now, used_since, after, count)]


async def unused(
    tx: Connection, org: str | None, before: datetime, since: date, after: UUID | None, count: int
) -> list[Unused]:
    rows = await tx.fetch(_SQL["unused"], org, before, since, after, count)
    return [
        Unused(
            row["id"], row["consumer_org"], row["provider_org"], row["client_id"], row["service"], row["purpose"],
            row["code"], row["name"], row["issued_at"], row["valid_until"], row["last_called"],
        )
        for row in rows
    ]  # fmt: skip


def _examined(row: Row) -> Examined:
    checks = {check: row[check.value] for check in Check if row[check.value] is not None}
    return Examined(
        row["id"], row["code"], row["name"], OrgCode(row["provider_org"]), row["refreshed_at"], row["calls"],
        checks,
    )  # fmt: skip
