"""The platform's clocks and calendars put together from the configuration folder and the database."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gateway.audit import AuditLog
from gateway.deadlines import (
    Almanac,
    Clockwork,
    Editions,
    Reckoning,
    RestDay,
    calendar_of,
    load_rule_sets,
    read_source,
)
from gateway.settings import Platform
from gateway.storage import Database
from gateway.supervision.calendars.service import Calendars
from gateway.telemetry import Metrics


async def open_calendars(
    database: Database, log: AuditLog, place: Platform, folder: Path, node: str, now: Callable[[], datetime],
    metrics: Metrics | None = None,
) -> tuple[Calendars, Clockwork]:  # fmt: skip
    """The editions published here and the clockwork that counts with them; the first start publishes the folder's.

    Args:
        folder: the configuration folder, with ``calendars`` and ``rules``.

    Raises:
        BadCalendar, BadRuleSet: a file is wrong.
    """
    source = read_source(folder / "calendars")
    almanac = Almanac(Editions.sole(calendar_of(source, place.region)))
    reckoning = Reckoning(RestDay(place.rest_day))
    work = Clockwork(load_rule_sets(folder / "rules"), almanac, place.region, reckoning)
    calendars = Calendars(database, log, work, node, now, metrics)
    await calendars.open(source)
    return calendars, work
