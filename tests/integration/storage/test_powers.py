"""A start is refused where a login could do more than its part of the gateway needs."""

from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest

from gateway.settings import Storage
from gateway.storage import Zone, login_of
from gateway.storage.pools import Pools
from gateway.storage.powers import LedgerUnguarded, TooPowerful


async def refusals(database: Any) -> dict[Zone, str]:
    """What each zone's pool is refused for, by zone; empty when all may work."""
    found = {}
    async with AsyncExitStack() as stack:
        pools = Pools({zone: database.dsn(zone) for zone in Zone}, Storage(), stack)
        for zone in Zone:
            try:
                await pools.get(zone)
            except (TooPowerful, LedgerUnguarded) as refusal:
                found[zone] = refusal.detail
    return found


@pytest.fixture
async def owner(database: Any) -> Any:
    connection = await asyncpg.connect(database.owner_dsn)
    yield connection
    await connection.close()


async def test_the_logins_as_migrated_may_work(database: Any) -> None:
    assert await refusals(database) == {}


WIDER = (
    (Zone.INTEGRATOR, "GRANT UPDATE ON audit.ledger TO {0}", "UPDATE on audit.ledger"),
    (Zone.INTEGRATOR, "GRANT DELETE ON audit.head TO {0}", "DELETE on audit.head"),
    (Zone.INTEGRATOR, "GRANT UPDATE (note) ON audit.checkpoint TO {0}", "UPDATE on audit.checkpoint"),
    (Zone.EXCHANGE, "GRANT SELECT ON audit.inbox TO {0}", "SELECT on audit.inbox"),
    (Zone.EXCHANGE, "GRANT EXECUTE ON FUNCTION audit.extend_ledger() TO {0}", "EXECUTE on audit.extend_ledger"),
    (Zone.CONTROL, "GRANT CREATE ON SCHEMA audit TO {0}", "CREATE in audit"),
    (Zone.READER, "GRANT INSERT ON audit.ledger TO {0}", "INSERT on audit.ledger"),
)  # fmt: skip


async def test_a_login_with_wider_powers_may_not_work(database: Any, owner: asyncpg.Connection) -> None:
    for zone, grant, said in WIDER:
        given = grant.format(login_of(zone, database.prefix))
        await owner.execute(given)
        found = await refusals(database)
        await owner.execute(given.replace("GRANT", "REVOKE").replace(" TO ", " FROM "))
        assert found.keys() == {zone}, given
        assert said in found[zone]
    assert await refusals(database) == {}


async def test_nobody_works_on_a_ledger_whose_guard_is_off(database: Any, owner: asyncpg.Connection) -> None:
    await owner.execute("ALTER TABLE audit.checkpoint DISABLE TRIGGER checkpoint_stays")
    found = await refusals(database)
    assert found.keys() == set(Zone)
    assert "audit.checkpoint" in found[Zone.READER]
