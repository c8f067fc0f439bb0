"""The room put together: its service with its routes, and its worker."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gateway.alerts.rules_file import load_rules
from gateway.alerts.service import Alerts
from gateway.alerts.watching import Watching
from gateway.audit import AuditLog, AuditReader
from gateway.deadlines import Almanac, OutsideCalendar
from gateway.names import OrgCode
from gateway.settings import Settings
from gateway.storage import Database
from gateway.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Ground:
    """What the room stands on.

    Attributes:
        database: the control zone's.
        almanac: which days are working days, by the calendars published here.
        rules: the file of the rules.
        now: the clock of acts.
    """

    database: Database
    reader: AuditReader
    log: AuditLog
    settings: Settings
    metrics: Metrics
    node: str
    almanac: Almanac
    rules: Path
    now: Callable[[], datetime]


def make(ground: Ground) -> tuple[Alerts, list[Coroutine[Any, Any, None]]]:
    """The service, and the worker if alerts are on.

    Raises:
        BadAlertRules: the file holds no rules.
    """
    settings = ground.settings
    alerts = Alerts(
        ground.database, ground.log, load_rules(ground.rules), OrgCode(settings.platform.org_code), ground.node,
        ground.now,
    )  # fmt: skip
    if not settings.alerting.enabled:
        return alerts, []
    watching = Watching(
        ground.database, ground.reader, alerts, settings.alerting, ground.metrics, working(ground.almanac), ground.now
    )  # fmt: skip
    return alerts, [watching.run()]


def working(almanac: Almanac) -> Callable[[date], bool]:
    """Whether a day is a working day by the calendar published last; beyond it the week decides."""

    def works(day: date) -> bool:
        try:
            return almanac.editions.newest.day(day).working
        except OutsideCalendar:
            return day.weekday() < 5

    return works
