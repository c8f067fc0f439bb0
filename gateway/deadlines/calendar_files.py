"""Reading working-day calendars: ``{year}.json`` as published, ``statutory.json`` for the years to come, and
``regions/{code}.json`` with the days that one region has in addition.

I/O, and therefore apart from ``calendar``. A file with anything unexpected in it is refused, by name and
place.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.deadlines.calendar import Calendar, Day, DayKind, make_calendar
from gateway.deadlines.errors import BadCalendar
from gateway.deadlines.regions import significant

_STATUTORY: Final = "statutory.json"

_Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _NamedDay(_Content):
    date: dt.date
    name: _Text


class _ListedDay(_NamedDay):
    isOffDay: Annotated[bool, Field(strict=True)]

    @model_validator(mode="after")
    def _works_only_on_weekends(self) -> "_ListedDay":
        if not self.isOffDay and self.date.weekday() < 5:
            raise ValueError("a make-up working day is a Saturday or Sunday")
        return self


class _FixedDay(_Content):
    month: int
    day: int
    name: _Text

    @model_validator(mode="after")
    def _exists_every_year(self) -> "_FixedDay":
        dt.date(2001, self.month, self.day)
        return self


class _Year(_Content):
    year: Annotated[int, Field(ge=1949, le=2999)]
    source: _Text
    days: tuple[_ListedDay, ...]


class _Statutory(_Content):
    source: _Text
    fixed: tuple[_FixedDay, ...]
    movable: tuple[_NamedDay, ...]


class _Region(_Content):
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    source: _Text
    days: Annotated[tuple[_ListedDay, ...], Field(min_length=1)]


class Source(_Content):
    """All files of a calendar folder, for every region: what an edition keeps. Use :func:`calendar_of` to count with it."""

    years: tuple[_Year, ...]
    statutory: _Statutory
    regions: tuple[_Region, ...] = ()


_File = TypeVar("_File", _Year, _Statutory, _Region)


def load_calendar(folder: Path, region: str = "") -> Calendar:
    """The calendar of a folder for one region; see :func:`read_source` and :func:`calendar_of`."""
    return calendar_of(read_source(folder), region)


def read_source(folder: Path) -> Source:
    """Read ``{year}.json`` of consecutive years, ``statutory.json`` and ``regions/{code}.json``.

    Raises:
        BadCalendar: a file is missing, unreadable or contradicts itself; the detail names it.
    """
    years = [_read_year(file) for file in sorted(folder.glob("*.json")) if file.name != _STATUTORY]
    if not years:
        raise _bad(folder, "no {year}.json in this folder", "目录中没有 {year}.json")
    numbers = [year.year for year in years]
    _check_consecutive(folder, numbers)
    law = _read_statutory(folder / _STATUTORY, numbers[-1])
    regions = tuple(_read_region(file, years) for file in sorted((folder / "regions").glob("*.json")))
    return Source(years=tuple(years), statutory=law, regions=regions)


@lru_cache(maxsize=8)
def calendar_of(source: Source, region: str = "") -> Calendar:
    """The days of a source as they count in a region, a six-digit 行政区划 code; without one, nationally.

    The overlays of the region and of those above it apply, the nearer one last. The version comes from the days
    alone: the same days give the same version on every installation.
    """
    numbers, law = [year.year for year in source.years], source.statutory
    above = [each for each in source.regions if region.startswith(significant(each.region))]
    above.sort(key=lambda each: len(significant(each.region)))
    listed = [day for year in source.years for day in year.days] + [
        day for each in above for day in each.days
    ]
    return make_calendar(
        numbers[0],
        numbers[-1],
        {each.date: _day(each) for each in listed},
        {(fixed.month, fixed.day): fixed.name for fixed in law.fixed},
        {movable.date: movable.name for movable in law.movable},
        "+".join(["cn", *(each.region for each in above)]),
    )


def _read_year(file: Path) -> _Year:
    content = _parse(file, _Year)
    if file.stem != str(content.year):
        raise _bad(file, f"says year {content.year}", f"文件内年份为 {content.year}")
    strangers = [str(day.date) for day in content.days if day.date.year != content.year]
    if strangers:
        days = ", ".join(strangers)
        raise _bad(file, f"lists days of another year: {days}", f"含其他年份日期：{days}")
    _check_unique(file, (day.date for day in content.days))
    return content


def _read_region(file: Path, years: Sequence[_Year]) -> _Region:
    content = _parse(file, _Region)
    if file.stem != content.region:
        raise _bad(file, f"says region {content.region}", f"文件内区划为 {content.region}")
    _check_unique(file, (day.date for day in content.days))
    national = {day.date: day for year in years for day in year.days}
    held = {year.year for year in years}
    for day in content.days:
        if day.date.year not in held:
            raise _bad(
                file, f"{day.date} lies in a year that is not published", f"{day.date} 所在年份尚未公布"
            )
        if not day.isOffDay and day.date in national and national[day.date].isOffDay:
            raise _bad(file, f"{day.date} is a national holiday", f"{day.date} 为国家法定放假日")
    return content


def _read_statutory(file: Path, last_year: int) -> _Statutory:
    content = _parse(file, _Statutory)
    _check_unique(file, (day.date for day in content.movable))
    years = sorted({day.date.year for day in content.movable})
    _check_consecutive(file, years)
    if years and years[0] > last_year + 1:
        raise _bad(file, f"movable days of {last_year + 1} are missing", f"缺少 {last_year + 1} 年的农历节日")
    return content


def _day(listed: _ListedDay) -> Day:
    return Day(listed.date, DayKind.HOLIDAY if listed.isOffDay else DayKind.MAKE_UP, listed.name)


def _parse(file: Path, kind: type[_File]) -> _File:
    try:
        return kind.model_validate_json(file.read_bytes())
    except OSError as wrong:
        raise _bad(file, f"cannot be read: {wrong.strerror}", "无法读取") from None
    except ValidationError as wrong:
        said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors())
        raise _bad(file, said, said) from None


def _check_unique(file: Path, days: Iterable[dt.date]) -> None:
    twice = [str(day) for day, times in Counter(days).items() if times > 1]
    if twice:
        raise _bad(file, f"lists twice: {', '.join(twice)}", f"日期重复：{'、'.join(twice)}")


def _check_consecutive(place: Path, years: list[int]) -> None:
    missing = [str(year) for year in range(years[0], years[-1] + 1) if year not in years] if years else []
    if missing:
        raise _bad(place, f"years missing: {', '.join(missing)}", f"缺少年份：{'、'.join(missing)}")


def _bad(place: Path, detail: str, detail_zh: str) -> BadCalendar:
    return BadCalendar(f"calendar {place}: {detail}", f"工作日历 {place}：{detail_zh}")
