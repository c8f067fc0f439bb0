"""JSON shapes of calendars."""

from datetime import date, datetime

from gateway.supervision.calendars.model import StoredEdition
from gateway.web import Model


class EditionShown(Model):
    """A published calendar: its version, until when its years are published, and from when it counts."""

    number: int
    version: str
    covered_until: date
    published_at: datetime
    published_by: str

    @classmethod
    def of(cls, one: StoredEdition) -> "EditionShown":
        return cls(
            number=one.number,
            version=one.version,
            covered_until=date.fromisoformat(one.covered_until),
            published_at=one.published_at,
            published_by=one.published_by,
        )


class EditionsShown(Model):
    """All editions, in the order of publication."""

    editions: list[EditionShown]
