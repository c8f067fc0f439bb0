"""The OAuth endpoints and what security administrators do about tokens, put together for the roof."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.authz.clients import Clients
from gateway.authz.token_states import ROUTES as STATE_ROUTES
from gateway.authz.token_states import TokenStates
from gateway.authz.tokens import ROUTES as TOKEN_ROUTES
from gateway.authz.tokens import TokenDesk
from gateway.identity.certificates import ClientCertificates
from gateway.identity.certificates.model import REASONS as CERTIFICATE_REASONS
from gateway.identity.debugging import Debugger
from gateway.identity.debugging_routes import ROUTES as DEBUGGING_ROUTES
from gateway.identity.jose import REASONS
from gateway.identity.making import Passes
from gateway.identity.revoking import Revoking
from gateway.identity.revoking_routes import ROUTES as REVOKING_ROUTES
from gateway.storage import Database
from gateway.telemetry import Metrics
from gateway.web import Route

TOKEN_REASONS: Final = REASONS | CERTIFICATE_REASONS
"""Every word that a token, an assertion, a proof or a certificate is refused with."""
OAUTH_ROUTES: Final[tuple[Route, ...]] = (*TOKEN_ROUTES, *STATE_ROUTES, *REVOKING_ROUTES, *DEBUGGING_ROUTES)


def oauth(
    database: Database,
    log: AuditLog,
    passes: Passes,
    certificates: ClientCertificates,
    calls_url: str,
    metrics: Metrics,
    now: Callable[[], datetime],
) -> list[tuple[Any, object]]:
    """Their routes with the services behind them.

    Args:
        calls_url: the address under which callers reach the data services.
    """
    tokens = passes.tokens
    clients = Clients(log, tokens, certificates, metrics)
    revoking = Revoking(database, log, tokens)
    return [
        (TOKEN_ROUTES, TokenDesk(database, log, passes, clients, metrics, now)),
        (STATE_ROUTES, TokenStates(database, log, tokens, revoking, clients, metrics, now)),
        (REVOKING_ROUTES, revoking),
        (DEBUGGING_ROUTES, Debugger(database, passes, certificates, calls_url)),
    ]
