"""The rooms put together: door and worker for the part that calls, the sealing for the control part."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.audit import AuditLog
from gateway.exchange.admission import Admission
from gateway.exchange.batches.answering import Asking
from gateway.exchange.batches.keeping import Keeping
from gateway.exchange.batches.routes import BatchDoor
from gateway.exchange.batches.sealing import Seal, Sealing
from gateway.exchange.batches.service import Batches
from gateway.exchange.batches.working import Working
from gateway.exchange.beside import Counter
from gateway.exchange.connectors import Connectors
from gateway.exchange.licences import Licences
from gateway.seals import Vault
from gateway.settings import Settings
from gateway.storage import Database
from gateway.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Ground:
    """What both stand on; ``issuer`` is the gateway's own name."""

    database: Database
    log: AuditLog
    settings: Settings
    master_key: bytes
    issuer: str
    now: Callable[[], datetime]

    def keeping(self) -> Keeping:
        """The same keys in both parts."""
        return Keeping(Vault(self.master_key, "batches"))


def make(
    ground: Ground,
    counter: Counter,
    admission: Admission,
    connectors: Connectors,
    licences: Licences,
    metrics: Metrics,
) -> tuple[BatchDoor, Coroutine[Any, Any, None]]:
    """The door of the part that calls, and its worker; rows take their turn and their quota from that of the calls."""
    settings = ground.settings
    asking = Asking(ground.log, admission, connectors, licences, settings.exchange)
    working = Working(
        ground.database, ground.log, asking, ground.keeping(), settings.batches, metrics, ground.now
    )
    batches = Batches(ground.database, ground.log, ground.keeping(), working, settings.batches, ground.now)
    return BatchDoor(batches, counter), working.run()


def make_sealing(ground: Ground, seal: Seal) -> Coroutine[Any, Any, None]:
    """The worker of the control part."""
    return Sealing(
        ground.database,
        ground.log,
        ground.keeping(),
        seal,
        ground.settings.batches,
        ground.issuer,
        ground.now,
    ).run()
