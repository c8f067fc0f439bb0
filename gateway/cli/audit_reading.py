"""How commands on the machine read the audit log: with the readers' login, recorded like any other reading."""

import os
import platform
import pwd
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from gateway.audit import AuditReader, Event, Origin, Recorder, Who, Written, emit
from gateway.audit.writer import utc_now
from gateway.cli.context import open_zone
from gateway.names import new_id
from gateway.storage import Database, Zone


@asynccontextmanager
async def reading_zone(ctx: click.Context) -> AsyncIterator[tuple[Database, Recorder]]:
    """This installation's log as auditors see it, and what records that it was read.

    Raises:
        DatabaseDown: the database cannot be reached.
    """
    reader_zone = await open_zone(ctx, Zone.READER)
    try:
        control_zone = await open_zone(ctx, Zone.CONTROL)
        origin = Origin(platform.node() or "local", new_id())

        async def record(event: Event) -> Written:
            async with control_zone.connection() as connection:
                return await emit(connection, event, origin, utc_now())

        try:
            yield reader_zone, record
        finally:
            await control_zone.close()
    finally:
        await reader_zone.close()


@asynccontextmanager
async def reading(ctx: click.Context) -> AsyncIterator[AuditReader]:
    """A reader of this installation's log.

    Raises:
        DatabaseDown: the database cannot be reached.
    """
    async with reading_zone(ctx) as (database, record):
        yield AuditReader(database, record)


def local_person() -> Who:
    """Whoever runs the command, by the account on the machine."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = str(number)
    return Who("system", name, role="operator", authenticated_by="account on the machine")
