"""``./gw deadline``: what it prints and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import exits
from gateway.cli.deadline import command


def run(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def printed(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == exits.OK, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_a_filing_on_the_eve_of_national_day_is_due_after_the_make_up_saturday() -> None:
    content = printed("--from", "2026-09-30", "--days", "10")
    assert (content["due_date"], content["provisional"]) == ("2026-10-20", False)
    assert content["counted"] == [f"2026-10-{day:02}" for day in (8, 9, 10, 12, 13, 14, 15, 16, 19, 20)]
    assert content["skipped"] == [f"2026-10-{day:02}" for day in (1, 2, 3, 4, 5, 6, 7, 11, 17, 18)]
    assert content["due_at"] == "2026-10-21T00:00:00+08:00"
    assert content["explanation"][10]["zh"] == "2026-10-10 周六：第3个工作日，调休上班（国庆节）"


@pytest.mark.parametrize(("mode", "zero", "expected"), [("same", "03", "10"), ("next", "08", "12")])
def test_the_rest_day_setting_moves_day_zero(mode: str, zero: str, expected: str) -> None:
    content = printed("--from", "2026-10-03", "--days", "3", "--rest-day", mode)
    assert (content["day_zero"], content["due_date"]) == (f"2026-10-{zero}", f"2026-10-{expected}")
    assert (content["rest_day"], len(content["counted"])) == (mode, 3)


def test_a_receipt_on_a_rest_day_makes_that_day_day_zero_unless_told_otherwise() -> None:
    assert printed("--from", "2026-10-03", "--days", "3")["day_zero"] == "2026-10-03"


def test_a_due_date_in_an_unpublished_year_is_provisional() -> None:
    content = printed("--from", "2026-12-31", "--days", "1")
    assert (content["due_date"], content["provisional"]) == ("2027-01-04", True)
    assert "2027" in content["explanation"][-1]["en"]


def test_zero_days_end_on_the_day_of_receipt() -> None:
    content = printed("--from", "2026-11-20", "--days", "0")
    assert (content["due_date"], content["counted"], content["skipped"]) == ("2026-11-20", [], [])


def test_people_get_the_due_date_first_and_then_every_day() -> None:
    result = run("--from", "2026-09-30", "--days", "3")
    lines = result.stdout.splitlines()
    assert result.exit_code == exits.OK
    assert lines[0] == "Due 2026-10-10 at 24:00, Asia/Shanghai: 3 working days from 2026-09-30."
    assert lines[1] == "到期：2026-10-10 24:00，自 2026-09-30 起 3 个工作日。"
    assert "2026-10-10 Sat: day 3, make-up working day (国庆节)" in lines


def test_people_are_told_that_a_date_is_provisional() -> None:
    lines = run("--from", "2026-12-31", "--days", "1").stdout.splitlines()
    assert lines[0].startswith("Due 2027-01-04 at 24:00, Asia/Shanghai, provisional:")
    assert "（暂定）" in lines[1]


@pytest.mark.parametrize(
    ("received", "days", "option", "remedy"),
    [
        ("2026-13-01", "1", "--from", "2026-09-30"),
        ("2026-02-30", "1", "--from", "2026-09-30"),
        ("20260930", "1", "--from", "year-month-day"),
        ("2026-9-30", "1", "--from", "year-month-day"),
        ("today", "1", "--from", "year-month-day"),
        ("", "1", "--from", "year-month-day"),
        ("2015-12-31", "1", "--from", "begins on 2016-01-01"),
        ("0001-01-01", "1", "--from", "begins on 2016-01-01"),
        ("9999-12-31", "0", "--from", "add the missing year"),
        ("2036-12-30", "10", "--from", "add the missing year"),
        ("2026-09-30", "-1", "--days", "from 0 to 1000"),
        ("2026-09-30", "2.3", "--days", "from 0 to 1000"),
        ("2026-09-30", "ten", "--days", "from 0 to 1000"),
        ("2026-09-30", "1001", "--days", "from 0 to 1000"),
        ("2026-09-30", "99999999999", "--days", "from 0 to 1000"),
        ("2026-09-30", "", "--days", "from 0 to 1000"),
    ],
)
def test_bad_input_is_refused_with_the_option_and_the_remedy(
    received: str, days: str, option: str, remedy: str
) -> None:
    result = run("--from", received, "--days", days, "--json")
    said = " ".join(result.stderr.split())
    assert (result.exit_code, result.stdout) == (exits.USAGE, "")
    assert f"Invalid value for '{option}'" in said
    assert remedy in said


@pytest.mark.parametrize(
    "words",
    [
        ("--days", "1"),
        ("--from", "2026-09-30"),
        ("--from", "2026-09-30", "--days", "1", "--rest-day", "never"),
    ],
)
def test_a_missing_or_unknown_option_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == exits.USAGE


def test_the_calendars_come_from_the_configured_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_CONFIG_DIR", str(tmp_path))
    calendars = tmp_path / "calendars"
    calendars.mkdir()
    (calendars / "2026.json").write_text('{"year": 2026, "source": "test", "days": []}', encoding="utf-8")
    (calendars / "statutory.json").write_text(
        '{"source": "test", "fixed": [], "movable": []}', encoding="utf-8"
    )
    assert printed("--from", "2026-09-30", "--days", "1")["due_date"] == "2026-10-01"


def test_half_a_day_ends_at_noon() -> None:
    assert printed("--from", "2026-11-20", "--days", "1.5")["due_at"] == "2026-11-24T12:00:00+08:00"
    lines = run("--from", "2026-11-20", "--days", "0.5").stdout.splitlines()
    assert lines[0] == "Due 2026-11-23 at 12:00, Asia/Shanghai: 0.5 working days from 2026-11-20."
    assert lines[1] == "到期：2026-11-23 12:00，自 2026-11-20 起 0.5 个工作日。"
