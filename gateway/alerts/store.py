"""Alerts as rows, and how far the log was looked at."""

from datetime import datetime
from uuid import UUID

from gateway.alerts.model import Alert, Severity
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.alerts")


async def position(connection: Connection) -> int | None:
    found: int | None = await connection.fetchval(_SQL["position"])
    return found


async def move(tx: Connection, next_idx: int) -> None:
    await tx.execute(_SQL["move"], next_idx)


async def again(
    tx: Connection, rule: str, key: str, times: int, last_at: datetime, last_event: UUID | None
) -> bool:
    return await tx.fetchval(_SQL["again"], rule, key, times, last_at, last_event) is not None


async def add_alert(tx: Connection, new: Alert) -> None:
    await tx.execute(
        _SQL["add_alert"], new.id, new.rule, new.key, new.severity, new.first_at, new.last_at, new.times,
        new.first_event, new.last_event,
    )  # fmt: skip


async def list_alerts(connection: Connection, only_open: bool, after: UUID | None, count: int) -> list[Alert]:
    return [_alert(row) for row in await connection.fetch(_SQL["list_alerts"], only_open, after, count)]


async def lock_alert(tx: Connection, alert: UUID) -> Alert | None:
    row = await tx.fetchrow(_SQL["lock_alert"], alert)
    return _alert(row) if row else None


async def acknowledge(tx: Connection, alert: UUID, at: datetime, by: str, note: str) -> None:
    await tx.execute(_SQL["acknowledge"], alert, at, by, note)


async def census(connection: Connection) -> dict[Severity, int]:
    return {Severity(row["severity"]): row["open"] for row in await connection.fetch(_SQL["census"])}


def _alert(row: Row) -> Alert:
    return Alert(**{**dict(row), "severity": Severity(row["severity"])})
