"""The room put together: its services with their routes, and its workers, from the parts the roof has."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.identity import Tokens
from gateway.names import OrgCode
from gateway.settings import Settings
from gateway.storage import Database
from gateway.supervision.calendars import Calendars
from gateway.supervision.calendars.routes import ROUTES as CALENDAR_ROUTES
from gateway.supervision.contacts import Contacts
from gateway.supervision.contacts.routes import ROUTES as CONTACT_ROUTES
from gateway.supervision.ladder_file import load_ladder
from gateway.supervision.orders import Orders
from gateway.supervision.orders.routes import ROUTES as ORDER_ROUTES
from gateway.supervision.outbox import Outbox
from gateway.supervision.outbox.channels import Mail, Webhooks, channels
from gateway.supervision.outbox.routes import ROUTES as OUTBOX_ROUTES
from gateway.supervision.outbox.sending import Sending
from gateway.supervision.routes import ROUTES as CASE_ROUTES
from gateway.supervision.service import Supervision
from gateway.supervision.steps import Steps
from gateway.supervision.timers import Timers
from gateway.supervision.timing import Timing
from gateway.telemetry import Metrics
from gateway.web import Route
from gateway.web.posting import Posting

ROUTES: Final[tuple[Route, ...]] = (
    *CASE_ROUTES, *ORDER_ROUTES, *CONTACT_ROUTES, *CALENDAR_ROUTES, *OUTBOX_ROUTES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """What the room stands on.

    Attributes:
        now: the clock of acts; by_hand: of the timers, None for the database's.
        node: this process's name in audit records.
        tokens: signs what goes to webhooks.
        posting: the way to the networks of departments.
        ladder: the file of the ladder.
    """

    database: Database
    log: AuditLog
    settings: Settings
    metrics: Metrics
    calendars: Calendars
    tokens: Tokens
    posting: Posting
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
    ladder, timing = load_ladder(ground.ladder), Timing(ground.by_hand)
    timers = Timers(
        database, ladder, ground.calendars.almanac, Steps(log, ground.node, OrgCode(ground.settings.platform.org_code)),
        ground.settings.supervision, ground.metrics, timing,
    )  # fmt: skip
    webhooks = Webhooks(database, ground.tokens, ground.posting)
    deliver = channels(webhooks, Mail(ground.settings.notify))
    sending = Sending(database, deliver, ground.settings.notify, ground.metrics, timing)
    rooms: list[tuple[Sequence[Route], object]] = [
        (CASE_ROUTES, Supervision(database, log, now)),
        (ORDER_ROUTES, Orders(database, log, now)),
        (CONTACT_ROUTES, Contacts(database, log, now)),
        (OUTBOX_ROUTES, Outbox(database, log, now)),
        (CALENDAR_ROUTES, ground.calendars),
    ]
    pace = ground.settings.supervision.calendar_refresh_seconds
    return rooms, [timers.run(), sending.run(), ground.calendars.run(pace)]
