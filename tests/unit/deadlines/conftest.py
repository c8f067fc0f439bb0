"""The shipped calendars and rule sets, a copy of each to spoil, and the zones a process may run in."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.deadlines import Calendar, RuleSet, load_calendar, load_rule_sets
from gateway.settings import config_dir


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return load_calendar(config_dir() / "calendars")


@pytest.fixture(scope="session")
def rule_sets() -> tuple[RuleSet, ...]:
    return load_rule_sets(config_dir() / "rules")


@pytest.fixture
def calendars(tmp_path: Path) -> Path:
    return Path(shutil.copytree(config_dir() / "calendars", tmp_path / "calendars"))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(config_dir() / "rules", tmp_path / "rules"))


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/New_York"])
def process_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run the test with the process in each of three zones."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()
