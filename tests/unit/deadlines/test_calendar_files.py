"""Calendar files: one spoiled place is enough to refuse the folder, and the detail names it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.deadlines import (
    BadCalendar,
    Day,
    DayKind,
    Source,
    WorkingDays,
    calendar_of,
    due,
    load_calendar,
    read_source,
)

Spoil = Callable[[dict[str, Any]], object]


def spoil(file: Path, change: Spoil) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda year: year.update(year=2025), "says year 2025"),
        (lambda year: year["days"][0].update(date="2025-01-01"), "lists days of another year: 2025-01-01"),
        (lambda year: year["days"].append(year["days"][0]), "lists twice: 2026-01-01"),
        (lambda year: year.update(papers=[]), "papers: Extra inputs"),
        (lambda year: year["days"][0].update(rest=True), "days.0.rest: Extra inputs"),
        (lambda year: year["days"][0].update(isOffDay="yes"), "days.0.isOffDay"),
        (lambda year: year["days"][0].update(isOffDay=False), "days.0: .*a Saturday or Sunday"),
        (lambda year: year["days"][0].update(date="2026-02-30"), "days.0.date"),
        (lambda year: year["days"][0].pop("name"), "days.0.name: Field required"),
        (lambda year: year.pop("source"), "source: Field required"),
    ],
)
def test_a_spoiled_year_is_refused_by_file_and_place(calendars: Path, change: Spoil, said: str) -> None:
    spoil(calendars / "2026.json", change)
    with pytest.raises(BadCalendar, match=rf"2026\.json: {said}"):
        load_calendar(calendars)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda law: law["fixed"].append({"month": 2, "day": 29, "name": "x"}),
            "fixed.6: .*day is out of range",
        ),
        (lambda law: law["movable"].append(law["movable"][0]), "lists twice: 2027-02-05"),
        (
            lambda law: law.update(movable=[d for d in law["movable"] if "2028" not in d["date"]]),
            "years missing: 2028",
        ),
        (
            lambda law: law.update(movable=[d for d in law["movable"] if "2027" not in d["date"]]),
            "movable days of 2027 are missing",
        ),
    ],
)
def test_a_spoiled_table_of_statutory_holidays_is_refused(calendars: Path, change: Spoil, said: str) -> None:
    spoil(calendars / "statutory.json", change)
    with pytest.raises(BadCalendar, match=rf"statutory\.json: {said}"):
        load_calendar(calendars)


def test_a_gap_between_years_is_refused_and_never_taken_for_years_without_holidays(calendars: Path) -> None:
    (calendars / "2020.json").unlink()
    with pytest.raises(BadCalendar, match="years missing: 2020"):
        load_calendar(calendars)


def test_a_missing_table_of_statutory_holidays_is_refused(calendars: Path) -> None:
    (calendars / "statutory.json").unlink()
    with pytest.raises(BadCalendar, match=r"statutory\.json: cannot be read"):
        load_calendar(calendars)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"year": 2026}'])
def test_a_file_that_is_no_calendar_is_refused(calendars: Path, content: bytes) -> None:
    (calendars / "2026.json").write_bytes(content)
    with pytest.raises(BadCalendar, match=r"2026\.json"):
        load_calendar(calendars)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCalendar, match=r"no \{year\}\.json"):
        load_calendar(tmp_path)


def test_the_same_days_have_the_same_version_wherever_they_lie(calendars: Path) -> None:
    version = load_calendar(calendars).version
    spoil(calendars / "2026.json", lambda year: year.update(source="another copy"))
    assert load_calendar(calendars).version == version
    spoil(calendars / "2026.json", lambda year: year["days"].pop())
    assert load_calendar(calendars).version != version


def test_publishing_the_next_year_makes_its_deadlines_final(calendars: Path) -> None:
    days = [{"date": f"2027-01-0{day}", "name": "元旦", "isOffDay": True} for day in (1, 2, 3, 4)]
    year = {"year": 2027, "source": "test", "days": days}
    (calendars / "2027.json").write_text(json.dumps(year), encoding="utf-8")
    calendar = load_calendar(calendars)
    found = due(date(2026, 12, 31), WorkingDays(1), calendar)
    assert (found.due_date, found.provisional) == (date(2027, 1, 5), False)
    assert calendar.day(date(2027, 2, 8)) == Day(date(2027, 2, 8), DayKind.WORKDAY)
    assert found.calendar_version.startswith("cn-2027.12-")


def overlay(calendars: Path, name: str, *days: tuple[str, bool], **changes: Any) -> None:
    listed = [{"date": day, "name": "尝新节", "isOffDay": rests} for day, rests in days]
    (calendars / "regions").mkdir(exist_ok=True)
    content = {"region": name, "source": "test", "days": listed, **changes}
    (calendars / "regions" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def test_a_region_s_own_days_count_there_and_below_it_and_nowhere_else(calendars: Path) -> None:
    overlay(calendars, "621000", ("2026-11-23", True), ("2026-11-28", False))
    overlay(calendars, "621021", ("2026-11-24", True), ("2026-11-28", True))
    found = {
        region: due(date(2026, 11, 20), WorkingDays(5), load_calendar(calendars, region))
        for region in ("620100", "621000", "621002", "621021")
    }
    assert {region: f"{each.due_date:%m-%d}" for region, each in found.items()} == {
        "620100": "11-27", "621000": "11-28", "621002": "11-28", "621021": "12-01",
    }  # fmt: skip
    assert {region: each.calendar_version.partition("-")[0] for region, each in found.items()} == {
        "620100": "cn", "621000": "cn+621000", "621002": "cn+621000", "621021": "cn+621000+621021",
    }  # fmt: skip
    assert found["621000"].explanation[3].zh == "2026-11-23 周一：不计，放假或调休（尝新节）"


@pytest.mark.parametrize(
    ("days", "changes", "said"),
    [
        ([("2026-11-23", True)], {"region": "620000"}, "says region 620000"),
        ([("2026-11-23", True)], {"region": "62"}, "region: String should match"),
        ([], {}, "days: "),
        ([("2026-11-23", True), ("2026-11-23", True)], {}, "lists twice: 2026-11-23"),
        ([("2027-11-23", True)], {}, "2027-11-23 lies in a year that is not published"),
        ([("2026-11-24", False)], {}, "a Saturday or Sunday"),
        ([("2026-10-03", False)], {}, "2026-10-03 is a national holiday"),
    ],
)
def test_a_spoiled_region_is_refused_by_file_and_place(
    calendars: Path, days: list[tuple[str, bool]], changes: dict[str, Any], said: str
) -> None:
    overlay(calendars, "621000", *days, **changes)
    with pytest.raises(BadCalendar, match=rf"621000\.json: .*{said}"):
        load_calendar(calendars, "621000")


def test_what_an_edition_keeps_is_the_whole_folder(calendars: Path) -> None:
    overlay(calendars, "621000", ("2026-11-23", True))
    source = Source.model_validate_json(read_source(calendars).model_dump_json())
    for region in ("", "620100", "621000"):
        assert calendar_of(source, region) == load_calendar(calendars, region)
