"""What is compared, and comparing itself. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from gateway.audit import Cause
from gateway.names import OrgCode, ResourceId, tidy

SAMPLES_MOST: Final = 20


class Sample(BaseModel):
    """One disagreement: the record's pseudonym in each side's resource, and the items that differ or the side it is on."""

    left: str
    right: str
    items: list[str] = []
    only: str | None = None


class Report(BaseModel):
    """What a run found; ``rate`` is the percentage of records on both sides that disagree in an item."""

    left_records: int
    right_records: int
    both: int
    left_only: int
    right_only: int
    differing: int
    rate: float
    by_item: dict[str, int]
    repeated_keys: int
    samples: list[Sample]


@dataclass(frozen=True, slots=True)
class Side:
    """A resource, its key item and the items to compare, in the order of the pairs."""

    resource: ResourceId
    key: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """多源校核 as ordered; ``every_days`` None runs on request only."""

    id: UUID
    left: Side
    right: Side
    left_org: OrgCode
    right_org: OrgCode
    every_days: int | None
    reason: str
    made_by: str
    made_at: datetime
    next_run_at: datetime | None
    ended_at: datetime | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its report, or why there is none; ``sealed`` holds the samples' keys, wrapped, in their order."""

    id: UUID
    comparison_id: UUID
    started_at: datetime
    ended_at: datetime
    fault: str | None
    report: Report | None
    sealed: bytes | None = None


@dataclass(slots=True)
class Comparing:
    """The left side's records, then the right side's, page by page; values are kept as texts and leave with the object.

    Args:
        names: what the compared items are called in the report, the left side's names.
        pseudonyms: of a key on the left and on the right side.
        sampled: the samples' keys, in their order; not part of the report.
    """

    names: tuple[str, ...]
    pseudonyms: Callable[[str], tuple[str, str]]
    _left: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _right: set[str] = field(default_factory=set)
    _by_item: dict[str, int] = field(default_factory=dict)
    _samples: list[Sample] = field(default_factory=list)
    sampled: list[str] = field(default_factory=list)
    _differing: int = 0
    _right_only: int = 0
    _repeated: int = 0

    def left(self, records: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """Take records of the left side: key and compared values."""
        for key, values in records:
            if key in self._left:
                self._repeated += 1
            self._left[key] = values

    def right(self, records: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """Take records of the right side, after all of the left."""
        for key, values in records:
            if key in self._right:
                self._repeated += 1
                continue
            self._right.add(key)
            mine = self._left.get(key)
            if mine is None:
                self._right_only += 1
                self._sample(key, [], "right")
            elif mine != values:
                self._differ(key, mine, values)

    def report(self) -> Report:
        """What was found, once both sides were taken."""
        missing = [key for key in self._left if key not in self._right]
        for key in missing:
            self._sample(key, [], "left")
        both = len(self._left) - len(missing)
        return Report(
            left_records=len(self._left), right_records=len(self._right), both=both, left_only=len(missing),
            right_only=self._right_only, differing=self._differing,
            rate=round(100 * self._differing / both, 2) if both else 0.0, by_item=self._by_item,
            repeated_keys=self._repeated, samples=self._samples,
        )  # fmt: skip

    def _differ(self, key: str, mine: tuple[str, ...], other: tuple[str, ...]) -> None:
        differing = [name for name, one, two in zip(self.names, mine, other, strict=True) if one != two]
        self._differing += 1
        for name in differing:
            self._by_item[name] = self._by_item.get(name, 0) + 1
        self._sample(key, differing, None)

    def _sample(self, key: str, items: list[str], only: str | None) -> None:
        if len(self._samples) < SAMPLES_MOST:
            left, right = self.pseudonyms(key)
            self.sampled.append(key)
            self._samples.append(Sample(left=left, right=right, items=items, only=only))


def taken(record: Mapping[str, Any], key: str, columns: Iterable[str]) -> tuple[str, tuple[str, ...]] | None:
    """A record's key and compared values as texts; None without a key, which nothing can be compared by."""
    name = said(record.get(key)).upper()
    return (name, tuple(said(record.get(column)) for column in columns)) if name else None


def said(value: Any) -> str:
    """A value as it is compared: the same date, number or text reads the same from every kind of source."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    text = tidy(str(value))
    try:
        number = Decimal(text) if text[:1] in "0123456789.-+" and not _has_leading_zero(text) else None
    except InvalidOperation:
        return text
    return text if number is None or not number.is_finite() else format(number.normalize(), "f")


def _has_leading_zero(text: str) -> bool:
    """A code, not a number: ``0101`` and ``101`` are different areas."""
    return len(text) > 1 and text[0] == "0" and text[1] != "."
