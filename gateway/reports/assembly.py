"""The rooms of quality and reports put together, for the roof: their addresses, their services, their worker."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.authz import Grants
from gateway.catalog import Catalog
from gateway.deadlines import Clockwork
from gateway.exchange.connectors.upper import UpperServices
from gateway.quality.comparisons.routes import ROUTES as COMPARISON_ROUTES
from gateway.quality.comparisons.running import Running
from gateway.quality.comparisons.service import Comparisons
from gateway.quality.comparisons.sources import Sources
from gateway.quality.corrections.routes import ROUTES as CORRECTION_ROUTES
from gateway.quality.corrections.service import Corrections
from gateway.quality.ratings.routes import ROUTES as RATING_ROUTES
from gateway.quality.ratings.service import Ratings
from gateway.reports.duties.routes import ROUTES as DUTY_ROUTES
from gateway.reports.duties.service import Duties
from gateway.reports.health.routes import ROUTES as HEALTH_ROUTES
from gateway.reports.health.service import Health
from gateway.reports.openings.routes import ROUTES as OPENING_ROUTES
from gateway.reports.openings.service import Openings
from gateway.reports.statistics.routes import ROUTES as STATISTIC_ROUTES
from gateway.reports.statistics.service import Statistics
from gateway.seals import Vault
from gateway.seals.pseudonyms import Pseudonyms
from gateway.settings import Exchange as Limits
from gateway.settings import Quality
from gateway.storage import Database
from gateway.web import Route
from gateway.web.egress import Egress
from gateway.web.outbound import Outbound

ROUTES: Final[tuple[Route, ...]] = (
    *CORRECTION_ROUTES, *COMPARISON_ROUTES, *RATING_ROUTES, *STATISTIC_ROUTES, *HEALTH_ROUTES, *OPENING_ROUTES,
    *DUTY_ROUTES,
)  # fmt: skip
"""Every address of both."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What they are made from; ``now`` gives the present instant with its zone."""

    control: Database
    log: AuditLog
    catalog: Catalog
    grants: Grants
    work: Clockwork
    settings: Quality
    master_key: bytes
    now: Callable[[], datetime]

    def pseudonyms(self) -> Pseudonyms:
        """Of records' keys: the same for doubts and comparisons, so that one can be told from the other."""
        return Pseudonyms(self.master_key, "record keys")

    def vault(self) -> Vault:
        """Closes keys and values of doubted records, and the keys of a comparison's samples."""
        return Vault(self.master_key, "corrections")


def rooms(parts: Parts) -> list[tuple[Any, object]]:
    """Routes with the service their handlers get."""
    control, log, now = parts.control, parts.log, parts.now
    corrections = Corrections(
        control, log, parts.catalog, parts.grants, parts.work, parts.vault(),
        parts.pseudonyms(), now,
    )  # fmt: skip
    ratings = Ratings(control, log, parts.grants, parts.work, parts.settings.rating_answer_days, now)
    return [
        (CORRECTION_ROUTES, corrections),
        (COMPARISON_ROUTES, Comparisons(control, log, parts.catalog, now)),
        (RATING_ROUTES, ratings),
        (STATISTIC_ROUTES, Statistics(control, now)),
        (HEALTH_ROUTES, Health(control, now)),
        (OPENING_ROUTES, Openings(control, log, parts.catalog, now)),
        (DUTY_ROUTES, Duties(control, log, parts.work, now)),
    ]


def comparing(
    parts: Parts, outbound: Outbound, egress: Egress, uppers: UpperServices, limits: Limits
) -> Coroutine[Any, Any, None]:
    """The worker that runs comparisons."""
    sources = Sources(parts.catalog, outbound, egress, uppers, limits, parts.settings.compare_rows)
    pace = parts.settings.compare_poll_seconds
    running = Running(
        parts.control, parts.log, parts.catalog, sources, parts.pseudonyms(), parts.vault(), pace, parts.now
    )
    return running.run()
