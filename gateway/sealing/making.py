"""The room put together: its services with their routes, from the parts the roof has."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.identity.revocation import Evidences
from gateway.sealing.examination import Examiner
from gateway.sealing.routes import ROUTES as SEAL_ROUTES
from gateway.sealing.rules import Rules, load_rules
from gateway.sealing.service import Registry
from gateway.sealing.stamps import Stamps
from gateway.sealing.trust import TrustFolder
from gateway.settings import Sealing
from gateway.storage import Database
from gateway.web import Route

ROUTES: Final[tuple[Route, ...]] = (*SEAL_ROUTES,)


@dataclass(frozen=True, slots=True)
class SealOffice:
    """The room's services and rules."""

    registry: Registry
    stamps: Stamps
    rules: Rules

    @property
    def rooms(self) -> list[tuple[Sequence[Route], Any]]:
        """The routes with what answers them."""
        return [(SEAL_ROUTES, self.registry)]


def make(
    database: Database, log: AuditLog, evidences: Evidences, settings: Sealing, rules_file: Path, now: Callable[[], datetime],
    stack: AsyncExitStack,
) -> SealOffice:  # fmt: skip
    """The services; their threads end with the stack. ``rules_file`` holds where the settings name no other;
    ``evidences`` knows the recognised authorities and what was fetched of their revocations.

    Raises:
        BadSettings: the folder of trust or the rules cannot be read.
    """
    trust = TrustFolder(settings.trust_dir, needs_proven_time=settings.proven_time)
    trust.check()
    examiner = Examiner(trust, evidences.recognition, settings.concurrent_max)
    stack.callback(examiner.close)
    return SealOffice(
        Registry(database, log, examiner, evidences, now, settings.seal_bytes),
        Stamps(database, log, examiner, evidences, now),
        load_rules(settings.rules_file or rules_file),
    )
