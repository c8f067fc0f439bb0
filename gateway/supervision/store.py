"""Rows of schema ``supervision`` as values."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from uuid import UUID

from gateway.names import OrgCode
from gateway.storage import Connection, Queries, Row
from gateway.supervision.model import Case, CaseKind, KeptClock, OpenCase

_SQL = Queries("gateway.supervision")


async def keep_clocks(tx: Connection, case: Case, clocks: Sequence[KeptClock]) -> None:
    parties = sorted({case.holder, *case.parties, *(clock.holder for clock in clocks if clock.is_open)})
    columns = zip(*(astuple(clock) for clock in clocks), strict=True)
    await tx.execute(_SQL["keep_clocks"], case.kind, case.id, case.subject, parties, *map(list, columns))


async def stop_clocks(tx: Connection, case: Case, rules: Sequence[str]) -> None:
    await tx.execute(_SQL["stop_clocks"], case.kind, case.id, list(rules))


async def open_cases(
    tx: Connection,
    org: str | None,
    holder: str | None,
    kind: str | None,
    after: tuple[datetime, UUID] | None,
    count: int,
) -> list[OpenCase]:
    due_at, case_id = after or (None, None)
    rows = await tx.fetch(_SQL["open_cases"], org, holder, kind, due_at, case_id, count)
    return [_open_case(row) for row in rows]


def _open_case(row: Row) -> OpenCase:
    return OpenCase(
        kind=CaseKind(row["case_kind"]),
        id=row["case_id"],
        subject=row["subject"],
        holder=OrgCode(row["holder"]),
        rule=row["rule"],
        state=row["state"],
        due_at=row["due_at"],
        provisional=row["provisional"],
    )
