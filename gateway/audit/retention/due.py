"""Whether a month may go now: its time is over, nothing holds it, it is the oldest, and there is a place for its archive."""

from collections.abc import Callable
from datetime import date, datetime

from gateway.audit.retention import store
from gateway.audit.retention.errors import (
    MustBeKept,
    NoArchivePlace,
    NoSuchMonth,
    NotTheOldestMonth,
    UnderHold,
)
from gateway.audit.retention.model import Keep, Kind, Month, first_instant, months_after
from gateway.storage import Connection


class Due:
    """Asked when a disposal is proposed, approved and carried out; the database asks once more.

    Args:
        has_archives: whether the settings name a place for archives.
        now: the present instant.
    """

    def __init__(self, keep: Keep, *, has_archives: bool, now: Callable[[], datetime]) -> None:
        self.keep = keep
        self.now = now
        self._has_archives = has_archives

    async def check(self, tx: Connection, kind: Kind, month: date) -> None:
        """Whether a month may go now.

        Raises:
            NoSuchMonth, MustBeKept, UnderHold, NotTheOldestMonth, NoArchivePlace.
        """
        if await store.is_held(tx, month):
            raise UnderHold(f"a hold is on {month:%Y-%m}", f"{month:%Y-%m} 处于保全状态")
        if kind is Kind.KEYS:
            until = months_after(first_instant(month), 1 + self.keep.evidence_months)
        else:
            until = (await self.oldest(tx, month)).kept_until(self.keep)
        if self.now() < until:
            raise MustBeKept(
                f"{month:%Y-%m} must be kept until {until:%Y-%m-%d}",
                f"{month:%Y-%m} 须保存至 {until:%Y-%m-%d}",
            )

    async def oldest(self, tx: Connection, month: date) -> Month:
        """The month, as the oldest there is.

        Raises:
            NoSuchMonth, NotTheOldestMonth, NoArchivePlace.
        """
        if not self._has_archives:
            raise NoArchivePlace("[audit] archive_dir is not set", "未设置 [audit] archive_dir")
        months = await store.months(tx, self.now())
        found = next((one for one in months if one.month == month), None)
        if found is None:
            raise NoSuchMonth(f"no month {month:%Y-%m} in the ledger", f"账本中没有 {month:%Y-%m}")
        if found != months[0]:
            oldest = f"{months[0].month:%Y-%m}"
            raise NotTheOldestMonth(f"the oldest month is {oldest}", f"最早月份为 {oldest}")
        return found
