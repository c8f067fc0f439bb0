"""Rows of figures."""

from gateway.reports.statistics.model import Figure, Period, Proof, Row
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.reports.statistics")


async def rows(tx: Connection, figure: Figure, org: str | None, period: Period) -> list[Row]:
    found = await tx.fetch(_SQL[figure.name], org, period.since, period.until)
    return sorted(
        (Row(figure, row["org"], row["label"], row["value"]) for row in found),
        key=lambda row: (row.org, row.label),
    )


def proof(figure: Figure, org: str | None, period: Period) -> Proof:
    return Proof(_SQL[figure.name], (org, period.since.isoformat(), period.until.isoformat()))
