"""Rows of ``supervision.clock`` and the steps taken on them, as values."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from uuid import UUID

from gateway.names import OrgCode
from gateway.storage import Connection, Queries, Row
from gateway.supervision.ladder import Desk, Light, Watched
from gateway.supervision.model import Case, CaseKind, KeptClock, OpenCase, TimedClock

_SQL = Queries("gateway.supervision")
Key = tuple[CaseKind, UUID, str]
"""Kind and id of a case, and the rule of the clock."""


async def keep_clocks(tx: Connection, case: Case, clocks: Sequence[KeptClock]) -> None:
    parties = sorted({case.holder, *case.parties, *(clock.holder for clock in clocks if clock.is_open)})
    columns = zip(*(astuple(clock) for clock in clocks), strict=True)
    await tx.execute(_SQL["keep_clocks"], case.kind, case.id, case.subject, parties, *map(list, columns))


async def stop_clocks(tx: Connection, case: Case, rules: Sequence[str]) -> None:
    await tx.execute(_SQL["stop_clocks"], case.kind, case.id, list(rules))


async def end_breaches(tx: Connection, case: Case) -> None:
    await tx.execute(_SQL["end_breaches"], case.kind, case.id)


async def open_cases(
    tx: Connection,
    org: str | None,
    holder: str | None,
    kind: str | None,
    light: Light | None,
    after: tuple[int, datetime, UUID] | None,
    count: int,
) -> list[OpenCase]:
    place = after or (None, None, None)
    rows = await tx.fetch(_SQL["open_cases"], org, holder, kind, light, *place, count)
    return [_open_case(row) for row in rows]


async def lock_case(tx: Connection, kind: CaseKind, case_id: UUID) -> OpenCase | None:
    row = await tx.fetchrow(_SQL["lock_case"], kind, case_id)
    return _open_case(row) if row else None


async def hand_over(tx: Connection, kind: CaseKind, case_id: UUID, desk: Desk) -> None:
    await tx.execute(_SQL["hand_over"], kind, case_id, desk)


async def present(tx: Connection) -> datetime:
    moment: datetime = await tx.fetchval(_SQL["present"])
    return moment


async def outdate_plans(tx: Connection, planned_by: str, count: int) -> bool:
    """Whether there was any."""
    done: str = await tx.execute(_SQL["outdate_plans"], planned_by, count)
    return done != "UPDATE 0"


async def unplanned(tx: Connection, count: int) -> list[TimedClock]:
    return [_timed(row) for row in await tx.fetch(_SQL["unplanned"], count)]


async def plan(tx: Connection, plans: Sequence[tuple[TimedClock, datetime | None]], planned_by: str) -> None:
    await tx.execute(
        _SQL["plan"], [one.kind for one, _ in plans], [one.id for one, _ in plans], [one.rule for one, _ in plans],
        [at for _, at in plans], planned_by,
    )  # fmt: skip


async def due(tx: Connection, now: datetime, count: int) -> list[Key]:
    rows = await tx.fetch(_SQL["due"], now, count)
    return [(CaseKind(row["case_kind"]), row["case_id"], row["rule"]) for row in rows]


async def lock_due(tx: Connection, key: Key, now: datetime) -> TimedClock | None:
    row = await tx.fetchrow(_SQL["lock_due"], *key, now)
    if row is None:
        return None
    taken = await tx.fetchval(_SQL["steps_taken"], *key, row["due_at"])
    return _timed({**row, "taken": taken or []})


async def take_step(
    tx: Connection, clock: TimedClock, step: str, planned_at: datetime, taken_at: datetime, event_id: UUID
) -> None:
    await tx.execute(
        _SQL["take_step"],
        clock.kind,
        clock.id,
        clock.rule,
        clock.due_at,
        step,
        planned_at,
        taken_at,
        event_id,
    )


async def shine(tx: Connection, clock: TimedClock, light: Light, desk: Desk) -> None:
    await tx.execute(_SQL["shine"], clock.kind, clock.id, clock.rule, light, desk)


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
        light=Light(row["light"]),
        desk=Desk(row["desk"]),
    )


def _timed(row: Row) -> TimedClock:
    return TimedClock(
        kind=CaseKind(row["case_kind"]),
        id=row["case_id"],
        rule=row["rule"],
        subject=row["subject"],
        holder=OrgCode(row["holder"]),
        parties=tuple(map(OrgCode, row["parties"])),
        state=row["state"],
        watched=Watched(
            running=row["is_open"] and row["state"] != "paused",
            is_binding=row["is_binding"],
            overdue=row["overdue"],
            started_at=row["started_at"],
            due_at=row["due_at"],
        ),
        light=Light(row["light"]),
        desk=Desk(row["desk"]),
        taken=frozenset(row["taken"]),
    )
