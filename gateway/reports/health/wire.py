"""JSON shapes of the examination."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from gateway.reports.health.model import Check, Colour, Examined, Score
from gateway.reports.health.store import Unused
from gateway.web import Model, PageQuery
from gateway.web.paging import count_of

OrgText = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
Days = Annotated[int, Field(ge=1, le=3660), BeforeValidator(count_of)]


class ExaminationQuery(PageQuery):
    """Whose entries, and within how many days a call makes one used."""

    org: OrgText | None = None
    days: Days = 90


class ScoreQuery(PageQuery):
    """Within how many days a call makes an entry used."""

    days: Days = 90


class UnusedQuery(PageQuery):
    """For how many days without a call."""

    days: Days = 90


class ExaminedShown(Model):
    """An entry's checks: true passed, false failed or unknown; what is left out does not apply."""

    id: UUID
    code: str
    name: str
    provider_org: str
    colour: Colour
    checks: dict[Check, bool]
    refreshed_at: datetime | None = None
    calls: int

    @classmethod
    def of(cls, one: Examined) -> "ExaminedShown":
        return cls(
            id=one.id, code=one.code, name=one.name, provider_org=one.provider_org, colour=one.colour,
            checks=one.checks, refreshed_at=one.refreshed_at, calls=one.calls,
        )  # fmt: skip


class ScoreShown(Model):
    """A department's score: percent of applicable checks passed."""

    provider_org: str
    entries: int
    red: int
    amber: int
    score: float
    failed: dict[Check, int]

    @classmethod
    def of(cls, one: Score) -> "ScoreShown":
        return cls(
            provider_org=one.provider_org, entries=one.entries, red=one.red, amber=one.amber, score=one.score,
            failed=one.failed,
        )  # fmt: skip


class UnusedShown(Model):
    """A grant nobody calls under."""

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
    last_called: date | None = None

    @classmethod
    def of(cls, one: Unused) -> "UnusedShown":
        return cls(
            grant_id=one.grant_id, consumer_org=one.consumer_org, provider_org=one.provider_org, client=one.client,
            service=one.service, purpose=one.purpose, code=one.code, name=one.name, issued_at=one.issued_at,
            valid_until=one.valid_until, last_called=one.last_called,
        )  # fmt: skip
