"""JSON shapes of figures."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.audit.figures.model import Asked, By, Figures
from gateway.audit.model import Outcome
from gateway.audit.types import EventType
from gateway.audit.wire import Org
from gateway.names import OrgCode
from gateway.web import Day, Model, disagreement

_WORDS = "|".join(By)


class FiguresQuery(Model):
    """Which records are counted; ``by`` tells them apart, words of the list joined by commas.

    Days are those of Asia/Shanghai, both counted; ``org`` is a department on either side.
    """

    by: Annotated[str, StringConstraints(pattern=rf"^({_WORDS})(,({_WORDS}))*$", max_length=100)] = "month"
    first_day: Day | None = None
    last_day: Day | None = None
    org: Org | None = None
    consumer_org: Org | None = None
    provider_org: Org | None = None
    type: EventType | None = None
    outcome: Outcome | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        first, last = self.first_day, self.last_day
        if first is not None and last is not None and first > last:
            raise disagreement("last_day", "is before the first day", "早于起始日期")
        return self

    def asked(self) -> Asked:
        """The same as the room asks it."""
        return Asked(
            frozenset(By(word) for word in self.by.split(",")), self.first_day, self.last_day, _org(self.org),
            _org(self.consumer_org), _org(self.provider_org), self.type, self.outcome,
        )  # fmt: skip


class FigureShown(Model):
    """A number of records; a field they are not told apart by is left out, an empty department means that none is named."""

    period: str | None = None
    consumer_org: str | None = None
    provider_org: str | None = None
    type: str | None = None
    outcome: str | None = None
    records: Annotated[int, Field(ge=1)]


class FiguresShown(Model):
    """The figures over all records with an index below ``size``."""

    size: Annotated[int, Field(ge=0)]
    figures: list[FigureShown]


def figures_shown(found: Figures) -> FiguresShown:
    """Figures as JSON."""
    lines = [
        FigureShown(
            period=line.period, consumer_org=line.consumer_org, provider_org=line.provider_org, type=line.type,
            outcome=line.outcome, records=line.records,
        )
        for line in found.lines
    ]  # fmt: skip
    return FiguresShown(size=found.size, figures=lines)


def _org(code: str | None) -> OrgCode | None:
    return OrgCode(code) if code is not None else None
