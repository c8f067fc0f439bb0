"""Acting on identities from the box: first set-up and tokens, on the same code as the running gateway."""

import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.audit import AuditLog
from gateway.cli.context import Installation
from gateway.identity import Identity, KeyRing, Tokens
from gateway.seals import Vault
from gateway.storage import Database, Zone


@asynccontextmanager
async def local_identity(where: Installation, issuer: str) -> AsyncIterator[Identity]:
    """The identity room over the control zone's login.

    Raises:
        NotRunning, DatabaseDown, BadSettings.
    """
    dsn, settings = where.zone_dsn(Zone.CONTROL), where.settings
    database = await Database.open(dsn, settings.storage, size=2)
    try:
        log = await AuditLog.open(dsn, settings.audit, node=platform.node()[:100] or "console")
        try:
            longest = settings.identity.person_token_seconds
            ring = KeyRing(database, longest, Vault(where.master_key(), "signing keys"))
            yield Identity(database, log, Tokens(issuer, ring, settings.identity))
        finally:
            await log.close()
    finally:
        await database.close()


async def bootstrap(where: Installation) -> list[str]:
    """Set up an empty, migrated database; the logins made, none if it was set up before."""
    async with local_identity(where, issuer="") as identity:
        return [str(login) for login in await identity.bootstrap(where.settings.platform)]
