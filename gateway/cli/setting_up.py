"""Acting on identities from the box: first set-up and tokens, on the same code as the running gateway."""

import asyncio
import platform
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from gateway.audit import AuditLog
from gateway.cli.context import Installation
from gateway.errors import Unauthenticated
from gateway.identity import Identity, KeyRing, Tokens
from gateway.identity.directory.invitations import Invitations
from gateway.identity.revocations import Revocations
from gateway.identity.revoking import Revoking
from gateway.identity.signing_in import Ground, SigningIn, make
from gateway.seals import Vault
from gateway.storage import Database, Zone
from gateway.telemetry import Metrics
from gateway.web import Principal


@asynccontextmanager
async def local_invitations(where: Installation) -> AsyncIterator[Invitations]:
    """The invitations of the built-in directory over the control zone's login.

    Raises:
        NotRunning, DatabaseDown, BadSettings.
    """
    async with local_sign_in(where) as ways:
        yield ways.invitations


@asynccontextmanager
async def local_sign_in(where: Installation) -> AsyncIterator[SigningIn]:
    """The ways people sign in, likewise; sessions begun here are good for nothing but the record."""
    dsn, settings = where.zone_dsn(Zone.CONTROL), where.settings
    async with AsyncExitStack() as stack:
        database = await Database.open(dsn, settings.storage, size=2)
        stack.push_async_callback(database.close)
        log = await AuditLog.open(dsn, settings.audit, node=platform.node()[:100] or "console")
        stack.push_async_callback(log.close)  # where nothing has begun to write yet
        ground = Ground(database, log, settings, where.master_key(), Metrics(), _utc_now, _nobody)
        ways = await make(ground, stack)
        try:
            async with asyncio.TaskGroup() as workers:
                workers.create_task(log.run())  # a refused sign-in is recorded by itself
                try:
                    yield ways
                finally:
                    await log.close()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None  # what the block raised; the log's worker ends in silence


async def _nobody(_token: str, _address: str) -> Principal:
    raise Unauthenticated("nobody signs in on the console", "控制台不受理登录")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def local_identity(where: Installation, issuer: str) -> AsyncIterator[Identity]:
    """The identity room over the control zone's login.

    Raises:
        NotRunning, DatabaseDown, BadSettings.
    """
    async with _local(where, issuer) as (database, log, tokens):
        yield Identity(database, log, tokens)


@asynccontextmanager
async def local_revoking(where: Installation) -> AsyncIterator[Revoking]:
    """The acts on the gateway's own keys, likewise."""
    async with _local(where, "") as (database, log, tokens):
        yield Revoking(database, log, tokens)


@asynccontextmanager
async def _local(where: Installation, issuer: str) -> AsyncIterator[tuple[Database, AuditLog, Tokens]]:
    dsn, settings = where.zone_dsn(Zone.CONTROL), where.settings
    database = await Database.open(dsn, settings.storage, size=2)
    try:
        log = await AuditLog.open(dsn, settings.audit, node=platform.node()[:100] or "console")
        try:
            ring = KeyRing(
                database, settings.identity.longest_token_seconds, Vault(where.master_key(), "signing keys")
            )
            yield database, log, Tokens(issuer, ring, Revocations(database), settings.identity)
        finally:
            await log.close()
    finally:
        await database.close()


async def bootstrap(where: Installation) -> list[str]:
    """Set up an empty, migrated database; the logins made, none if it was set up before."""
    async with local_identity(where, issuer="") as identity:
        return [str(login) for login in await identity.bootstrap(where.settings.platform)]
