"""Use records and disposals, and how long they are kept."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.names import GrantId, OrgCode

KEPT_YEARS: Final = 3
"""Decree 809 Art. 29: at least; another law may ask for more."""


class Method(StrEnum):
    """How data was disposed of, as the provider asks (Art. 27)."""

    DESTROYED = "destroyed"
    """销毁."""
    RETURNED = "returned"
    """退还提供部门."""
    KEPT_BY_LAW = "kept_by_law"
    """依法留存: a law or regulation asks to keep it; the account names it."""
    NOTHING_KEPT = "nothing_kept"
    """未留存: answers were shown and never stored."""


@dataclass(frozen=True, slots=True)
class UseRecord:
    """使用记录 of a period, both days inside."""

    id: UUID
    grant_id: GrantId
    consumer_org: OrgCode
    begins: date
    ends: date
    scene: str
    process: str
    effect: str
    storage: str
    recorded_by: str
    recorded_at: datetime
    keep_until: date
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Disposal:
    """处置（销毁）记录."""

    id: UUID
    grant_id: GrantId
    consumer_org: OrgCode
    method: Method
    account: str
    disposed_on: date
    witness: str
    recorded_by: str
    recorded_at: datetime
    keep_until: date
    event_id: UUID


def kept_until(day: date) -> date:
    """The last day a record of this day must be kept; of 29 February the 1 March three years on."""
    try:
        return day.replace(year=day.year + KEPT_YEARS)
    except ValueError:
        return date(day.year + KEPT_YEARS, 3, 1)
