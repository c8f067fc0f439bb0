"""The room put together: its routes with their service, and its worker."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.audit import AuditLog
from gateway.authz import Grants
from gateway.catalog import Catalog
from gateway.deadlines import Clockwork
from gateway.identity import Tokens
from gateway.seals import Vault
from gateway.seals.pseudonyms import Pseudonyms
from gateway.sections import Subscriptions as Settings
from gateway.storage import Database
from gateway.subscriptions.routes import ROUTES
from gateway.subscriptions.sending import Sending
from gateway.subscriptions.service import Subscriptions
from gateway.web.posting import Posting


@dataclass(frozen=True, slots=True)
class Ground:
    """What the room stands on; ``posting`` reaches only the networks of departments."""

    database: Database
    log: AuditLog
    grants: Grants
    catalog: Catalog
    work: Clockwork
    tokens: Tokens
    posting: Posting
    settings: Settings
    master_key: bytes
    now: Callable[[], datetime]


def make(ground: Ground, workers: list[Coroutine[Any, Any, None]]) -> tuple[Any, object]:
    """The routes with their service; the worker that sends is added to ``workers``."""
    vault = Vault(ground.master_key, "subscriptions")
    service = Subscriptions(
        ground.database, ground.log, ground.grants, ground.catalog, ground.work, vault,
        Pseudonyms(ground.master_key, "subscriptions"), ground.settings, ground.now,
    )  # fmt: skip
    sending = Sending(
        ground.database, ground.log, ground.grants, ground.catalog, ground.tokens, ground.posting, vault,
        ground.settings, ground.now,
    )  # fmt: skip
    workers.append(sending.run())
    return ROUTES, service
