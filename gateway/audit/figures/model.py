"""What is counted, by what, and the lines of an answer."""

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from gateway.audit.model import JSON, Outcome
from gateway.audit.types import EventType
from gateway.audit.verify import Finding, Problem
from gateway.names import OrgCode


class By(StrEnum):
    """What records are told apart by."""

    MONTH = "month"
    DAY = "day"
    CONSUMER = "consumer_org"
    PROVIDER = "provider_org"
    TYPE = "type"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records are counted, and by what; None leaves a field open.

    Args:
        first_day, last_day: days of recording in Asia/Shanghai, both counted.
        org: a department on either side.
    """

    by: frozenset[By]
    first_day: date | None = None
    last_day: date | None = None
    org: OrgCode | None = None
    consumer_org: OrgCode | None = None
    provider_org: OrgCode | None = None
    type: EventType | None = None
    outcome: Outcome | None = None

    def stated(self) -> dict[str, JSON]:
        """What is asked for, as text by field."""
        given = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "by"}
        stated: dict[str, JSON] = {name: str(value) for name, value in given.items() if value is not None}
        return {"by": sorted(self.by), **stated}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of records; None where they are not told apart, an empty text where they name no department."""

    period: str | None
    consumer_org: str | None
    provider_org: str | None
    type: str | None
    outcome: str | None
    records: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The answer: its lines, and the size of the ledger they count."""

    lines: tuple[Figure, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A day's line where the rollup is not what the ledger gives."""

    day: date
    consumer_org: str
    provider_org: str
    type: str
    outcome: str
    rolled: int
    counted: int
    first_idx: int

    @property
    def finding(self) -> Finding:
        """As verification tells it: the line by its words, and the first record it counts."""
        departments = f"{self.consumer_org or '-'} → {self.provider_org or '-'}"
        what = f"figure of {self.day}: {departments}, {self.type}, {self.outcome}"
        return Finding(
            Problem.FIGURE_DIFFERS, self.first_idx, what, expected=str(self.counted), found=str(self.rolled)
        )
