"""The room put together: its services with their routes, and its workers, from the parts the roof has."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.settings import Settings
from gateway.storage import Database
from gateway.supervision.calendars import Calendars
from gateway.supervision.calendars.routes import ROUTES as CALENDAR_ROUTES
from gateway.supervision.contacts import Contacts
from gateway.supervision.contacts.routes import ROUTES as CONTACT_ROUTES
from gateway.supervision.ladder_file import load_ladder
from gateway.supervision.orders import Orders
from gateway.supervision.orders.routes import ROUTES as ORDER_ROUTES
from gateway.supervision.routes import ROUTES as CASE_ROUTES
from gateway.supervision.service import Supervision
from gateway.supervision.steps import Steps
from gateway.supervision.timers import Timers
from gateway.supervision.timing import Timing
from gateway.telemetry import Metrics
from gateway.web import Route

ROUTES: Final[tuple[Route, ...]] = (*CASE_ROUTES, *ORDER_ROUTES, *CONTACT_ROUTES, *CALENDAR_ROUTES)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the room stands on.

    Attributes:
        now: the clock of acts; by_hand: of the timers, None for the database's.
        node: this process's name in audit records.
        ladder: the file of the ladder.
    """

    database: Database
    log: AuditLog
    settings: Settings
    metrics: Metrics
    calendars: Calendars
    now: Callable[[], datetime]
    by_hand: Callable[[], datetime] | None
    node: str
    ladder: Path


def make(ground: Ground) -> tuple[list[tuple[Sequence[Route], object]], list[Coroutine[Any, Any, Any]]]:
    """The services with their routes, and the workers of the control part.

    Raises:
        BadLadder: the ladder's file is no ladder.
    """
    database, log, now = ground.database, ground.log, ground.now
    ladder = load_ladder(ground.ladder)
    timers = Timers(
        database, ladder, ground.calendars.almanac, Steps(log, ground.node), ground.settings.supervision, ground.metrics,
        Timing(ground.by_hand),
    )  # fmt: skip
    rooms: list[tuple[Sequence[Route], object]] = [
        (CASE_ROUTES, Supervision(database, log, now)),
        (ORDER_ROUTES, Orders(database, log, now)),
        (CONTACT_ROUTES, Contacts(database, log, now)),
        (CALENDAR_ROUTES, ground.calendars),
    ]
    pace = ground.settings.supervision.calendar_refresh_seconds
    return rooms, [timers.run(), ground.calendars.run(pace)]
