"""Rows of lists of duties as values; constraint names as refusals."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.catalog import Description
from gateway.errors import Conflict
from gateway.names import OrgCode
from gateway.reports.duties.model import Breach, DutyList, Line, Live
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.reports.duties")


class PublishedAtOnce(Conflict):
    """Another publication of this list was faster（责任清单正在发布）."""


_WRITES = Writes(
    {"a_version_of_a_year_stands_once": PublishedAtOnce("look at the new version first", "请先查看新版本")}
)


async def department(tx: Connection, org: str) -> tuple[str, list[str]] | None:
    row = await tx.fetchrow(_SQL["department"], org)
    return (row["name"], list(row["answers"])) if row else None


async def duties(tx: Connection, org: str) -> list[tuple[UUID, Description, list[str]]]:
    rows = await tx.fetch(_SQL["duties"], org)
    return [
        (row["id"], Description.model_validate(row["description"]), list(row["granted_to"])) for row in rows
    ]


async def next_version(tx: Connection, org: str, year: int) -> int:
    found: int = await tx.fetchval(_SQL["next_version"], org, year)
    return found


async def add(tx: Connection, new: DutyList, written: Written) -> None:
    """Raises PublishedAtOnce."""
    lines = [line.model_dump(mode="json") for line in new.lines]
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_duty_list"], new.id, new.org, new.year, new.version, lines, new.published_by,
            new.published_at, written.event_id, written.digest,
        )  # fmt: skip


async def find(tx: Connection, duty_list: UUID) -> DutyList | None:
    row = await tx.fetchrow(_SQL["find_duty_list"], duty_list)
    return _list(row) if row else None


async def listed(tx: Connection, after: UUID | None, count: int) -> list[DutyList]:
    return [_list(row) for row in await tx.fetch(_SQL["list_duty_lists"], after, count)]


async def live(tx: Connection, resources: Sequence[UUID], org: str, now: datetime) -> dict[UUID, Live]:
    breaches: dict[UUID, list[Breach]] = {one: [] for one in resources}
    for row in await tx.fetch(_SQL["breaches"], list(resources), org, now):
        breaches[row["resource_id"]].append(Breach(row["case_id"], row["rule"], row["due_at"], row["state"]))
    return {
        row["id"]: Live(row["state"], row["health"], row["open_cases"], tuple(breaches[row["id"]]))
        for row in await tx.fetch(_SQL["live"], list(resources))
    }


def _list(row: Row) -> DutyList:
    return DutyList(
        id=row["id"],
        org=OrgCode(row["org"]),
        org_name=row["org_name"],
        year=row["year"],
        version=row["version"],
        lines=tuple(Line.model_validate(line) for line in row["lines"]),
        published_by=row["published_by"],
        published_at=row["published_at"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )
