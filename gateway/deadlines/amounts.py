"""How long a limit is: working days in halves, or hours. Two types that do not mix.

A working day is not 24 hours and half of one is not twelve: what one lasts is for the calendar to say.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class WorkingDays:
    """A length in working days (工作日), whole or half. Not a duration: it has no hours and adds to no ``timedelta``.

    Raises:
        TypeError: ``count`` is not a multiple of a half.
        ValueError: ``count`` is negative.
    """

    count: int | float

    def __post_init__(self) -> None:
        if type(self.count) not in (int, float) or self.count * 2 % 1 != 0:
            raise TypeError(f"working days are whole or half numbers, not {self.count!r}")
        if self.count < 0:
            raise ValueError(f"working days cannot be negative: {self.count}")
        object.__setattr__(self, "count", tidy(self.count))

    def __add__(self, more: "WorkingDays") -> "WorkingDays":
        if not isinstance(more, WorkingDays):
            return NotImplemented
        return WorkingDays(self.count + more.count)

    def __str__(self) -> str:
        return f"{self.count} working day{'' if self.count == 1 else 's'}"

    @property
    def zh(self) -> str:
        """The same in Chinese."""
        return f"{self.count}个工作日"

    @property
    def is_whole(self) -> bool:
        """Whether no half day is in it."""
        return isinstance(self.count, int)


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """A length in hours that run through nights and rest days (小时), e.g. the 24 hours of an incident report.

    Raises:
        TypeError: ``count`` is not a whole number.
        ValueError: ``count`` is negative.
    """

    count: int

    def __post_init__(self) -> None:
        if type(self.count) is not int:
            raise TypeError(f"hours are a whole number, not {self.count!r}")
        if self.count < 0:
            raise ValueError(f"hours cannot be negative: {self.count}")

    def __str__(self) -> str:
        return f"{self.count} hour{'' if self.count == 1 else 's'}"

    @property
    def zh(self) -> str:
        """The same in Chinese."""
        return f"{self.count}小时"


def tidy(count: int | float) -> int | float:
    """A number of days without a trailing ``.0``."""
    return int(count) if count == int(count) else count
