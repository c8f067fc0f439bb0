"""Working days, whole or in halves, as consecutive numbers: what may be counted, and where a pause leaves a gap.

Apart from ``model``, which gives the counted days their dates and words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from gateway.deadlines.calendar import Calendar, Line

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class PauseReason(StrEnum):
    """Why a clock may be paused, where its rule says so: the periods that local rules exclude (不含…时间)."""

    SUPPLEMENT = "supplement"
    THIRD_PARTY = "third_party"
    REVISION = "revision"
    LAND = "land"
    MEETING = "meeting"

    @property
    def words(self) -> Line:
        """The reason in words."""
        return _REASONS[self]


_REASONS: Final = {
    PauseReason.SUPPLEMENT: Line("the applicant supplements the application", "申请人补充资料"),
    PauseReason.THIRD_PARTY: Line("assessment or review by a third party", "第三方机构设计、评审、审查"),
    PauseReason.REVISION: Line("the text is revised", "文本修改完善"),
    PauseReason.LAND: Line("land is requisitioned", "土地征收"),
    PauseReason.MEETING: Line("a meeting of the government considers it", "政府会议研究"),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that does not count; ``end`` is None while it lasts. ``basis`` is the provision or document."""

    start: datetime
    end: datetime | None
    reason: PauseReason
    basis: str

    @property
    def words(self) -> Line:
        """The reason with its basis."""
        words = self.reason.words
        return Line(f"paused: {words.en} ({self.basis})", f"暂停计时：{words.zh}（{self.basis}）")


@dataclass(frozen=True, slots=True)
class Ends:
    """When the first half of a day is over, and the day itself: ``None`` for 24:00, else the office's closing."""

    half: time = time(12)
    day: time | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.day <= self.half:
            raise ValueError("a day ends after its first half")


MIDNIGHT: Final = Ends()


_ONE: Final = timedelta(1)


class Slots:
    """The working days of a calendar, numbered from its first one; two numbers a day when halves count."""

    __slots__ = ("_calendar", "_ends", "per_day")

    def __init__(self, calendar: Calendar, *, halves: bool, ends: Ends = MIDNIGHT) -> None:
        self._calendar = calendar
        self.per_day = 2 if halves else 1
        self._ends = ends

    @property
    def stop(self) -> int:
        """One more than the last slot of the calendar."""
        return len(self._calendar.working) * self.per_day

    def after(self, day: date) -> int:
        """The first slot after a day."""
        return self._calendar.worked(day) * self.per_day

    def of(self, day: date) -> range:
        """The slots of a day; none if it rests."""
        return range(self.after(day - _ONE), self.after(day))

    def unfinished(self, moment: datetime) -> int:
        """The first slot that had not ended at ``moment``."""
        local = moment.astimezone(SHANGHAI)
        ends, before = self._ends, self.after(local.date() - _ONE)
        if self.per_day == 1 and ends.day is None:
            return before
        slots = self.of(local.date())
        if not slots:
            return before
        if ends.day is not None and local.time() >= ends.day:
            return slots.stop
        return before + (self.per_day == 2 and local.time() >= ends.half)

    def begun(self, moment: datetime) -> int:
        """The first slot that had not begun at ``moment``."""
        local = moment.astimezone(SHANGHAI)
        stop = self.after(local.date())
        if self.per_day == 1:
            return stop
        return stop - (bool(self.of(local.date())) and local.time() < self._ends.half)

    def gap(self, pause: Pause) -> range:
        """The slots a pause that is over takes out: those in whose last instant it lasted."""
        if pause.end is None:
            raise ValueError("a pause that lasts has no length yet")
        return range(self.unfinished(pause.start), self.unfinished(pause.end))

    def day(self, slot: int) -> date:
        """The day a slot lies in. Raises IndexError after the calendar's last one."""
        return self._calendar.working[slot // self.per_day]

    def end_of(self, day: date, *, half: bool = False) -> datetime:
        """When a day, or its first half, is over: the first instant that is too late, in Asia/Shanghai."""
        if half:
            return datetime.combine(day, self._ends.half, SHANGHAI)
        if self._ends.day is not None:
            return datetime.combine(day, self._ends.day, SHANGHAI)
        return datetime.combine(day + timedelta(1), time.min, SHANGHAI)


def last_counted(first: int, count: int, gaps: Iterable[range]) -> int:
    """The slot that is the ``count``-th (at least 1) from ``first`` on, when those in the gaps do not count.

    Args:
        gaps: in order of time, none overlapping another.
    """
    at = first
    for gap in gaps:
        start = max(gap.start, at)
        if gap.stop <= start:
            continue
        if start - at >= count:
            break
        count -= start - at
        at = gap.stop
    return at + count - 1


def counted_before(first: int, stop: int, gaps: Sequence[range]) -> int:
    """How many slots from ``first`` up to but not including ``stop`` count."""
    if not gaps:
        return max(0, stop - first)
    taken = sum(max(0, min(gap.stop, stop) - max(gap.start, first)) for gap in gaps)
    return max(0, stop - first - taken)
