"""JSON shapes of figures."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from gateway.reports.statistics.model import FigureName, Proof, Row, Unit
from gateway.reports.statistics.service import Told
from gateway.web import Day, Model, PageQuery

OrgText = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]


class FigureQuery(PageQuery):
    """Which figure (all without one), of which department, over which days (both inside)."""

    figure: FigureName | None = None
    org: OrgText | None = None
    since: Day | None = None
    until: Day | None = None


class ProofShown(Model):
    """Run this against the gateway's database and the figure comes out; ``$1`` is the first parameter."""

    sql: str
    parameters: list[str | None]

    @classmethod
    def of(cls, proof: Proof) -> "ProofShown":
        return cls(sql=proof.sql, parameters=list(proof.parameters))


class FigureShown(Model):
    """One department's value of a figure under one label."""

    figure: FigureName
    title: str
    title_zh: str
    unit: Unit
    source: str
    org: str
    label_is: str
    label: str
    value: float
    since: datetime
    until: datetime
    query: ProofShown

    @classmethod
    def of(cls, row: Row, told: Told) -> "FigureShown":
        one = row.figure
        return cls(
            figure=one.name, title=one.en, title_zh=one.zh, unit=one.unit, source=one.source, org=row.org,
            label_is=one.label, label=row.label, value=row.value, since=told.period.since,
            until=told.period.until, query=ProofShown.of(told.proofs[one.name]),
        )  # fmt: skip
