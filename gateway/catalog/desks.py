"""What serves the addresses around a published entry: editions, the end, trials of mounts, clocks, with their worker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.catalog.editions import Revisions, Turning, Withdrawals
from gateway.catalog.editions.routes import ROUTES as EDITION_ROUTES
from gateway.catalog.editions.routes import EditionDesk
from gateway.catalog.holders import HoldersOf
from gateway.catalog.service import Catalog
from gateway.catalog.timing import Timekeeping, Timing
from gateway.catalog.timing.routes import ROUTES as CLOCK_ROUTES
from gateway.catalog.trials import Source, Trials
from gateway.catalog.trials.routes import ROUTES as TRIAL_ROUTES
from gateway.seals import Vault
from gateway.settings import Settings
from gateway.storage import Database
from gateway.web import Route

DESK_ROUTES: Final[tuple[Route, ...]] = (*EDITION_ROUTES, *TRIAL_ROUTES, *CLOCK_ROUTES)


@dataclass(frozen=True, slots=True)
class Desks:
    """The routes with what answers them, the acts that end an entry, and the worker to run."""

    rooms: list[tuple[Sequence[Route], Any]]
    withdrawals: Withdrawals
    turning: Turning


def desks(
    database: Database,
    log: AuditLog,
    vault: Vault,
    now: Callable[[], datetime],
    catalog: Catalog,
    holders: HoldersOf,
    source: Source,
    settings: Settings,
    keeping: Timekeeping,
) -> Desks:
    """Everything around a published entry, made once.

    Args:
        holders: the grants on an entry, as the rooms above tell.
        source: reads from mounts, as the rooms above do.
        keeping: the statutory clocks; from here on they follow every step of an entry.
    """
    revisions = Revisions(database, log, vault, now, holders, settings.catalog.notice_days)
    withdrawals = Withdrawals(database, log, now, holders, settings.catalog.notice_days)
    for acts in (catalog, revisions):
        acts.followers.append(keeping.follow)
    withdrawals.followers.append(keeping.close)
    rooms: list[tuple[Sequence[Route], Any]] = [
        (EDITION_ROUTES, EditionDesk(revisions, withdrawals)),
        (TRIAL_ROUTES, Trials(database, log, now, catalog, source)),
        (CLOCK_ROUTES, Timing(database, log, now, keeping)),
    ]
    return Desks(rooms, withdrawals, Turning(revisions, withdrawals, settings.catalog.turning_idle_seconds))
