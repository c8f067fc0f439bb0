"""JSON shapes of lists of duties."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.reports.duties.model import Breach, DutyList, Line, Live
from gateway.reports.duties.service import Standing
from gateway.web import Model

OrgText = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]


class NewDutyList(Model):
    """Whose list is published, for which year."""

    org: OrgText
    year: Annotated[int, Field(ge=2018, le=2100)]


class BreachShown(Model):
    """A clock that ran out; ``case`` is the application's address."""

    case: str
    rule: str
    due_at: datetime
    state: str

    @classmethod
    def of(cls, one: Breach) -> "BreachShown":
        return cls(case=f"/v1/applications/{one.case_id}", rule=one.rule, due_at=one.due_at, state=one.state)


class LiveShown(Model):
    """What became of the line: the entry's address and state, its health, open applications, breaches."""

    resource: str
    state: str
    health: str
    open_cases: int
    breaches: list[BreachShown]


class LineShown(Model):
    """A line as published, and live; ``live`` is absent when the entry is gone."""

    line: Line
    live: LiveShown | None = None

    @classmethod
    def of(cls, line: Line, live: Live | None) -> "LineShown":
        shown = live and LiveShown(
            resource=f"/v1/resources/{line.resource_id}", state=live.state, health=live.health,
            open_cases=live.open_cases, breaches=[BreachShown.of(one) for one in live.breaches],
        )  # fmt: skip
        return cls(line=line, live=shown)


class DutyListNamed(Model):
    """A published version, without its lines."""

    id: UUID
    org: str
    org_name: str
    year: int
    version: int
    line_count: int
    published_by: str
    published_at: datetime

    @classmethod
    def of(cls, one: DutyList) -> "DutyListNamed":
        return cls(
            id=one.id, org=one.org, org_name=one.org_name, year=one.year, version=one.version,
            line_count=len(one.lines), published_by=one.published_by, published_at=one.published_at,
        )  # fmt: skip


class DutyListShown(DutyListNamed):
    """A published version with its lines, each as it stands now."""

    lines: list[LineShown]
    audit_id: UUID

    @classmethod
    def standing(cls, standing: Standing) -> "DutyListShown":
        one = standing.duties
        named = DutyListNamed.of(one).model_dump()
        lines = [LineShown.of(line, standing.live.get(line.resource_id)) for line in one.lines]
        return cls(**named, lines=lines, audit_id=one.cause.event_id)
