"""A service granted to the consumer's system; a gateway whose clock the tests move."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from proofs import Granted, grant_in
from signing_in import CHEAP, Moving
from world import World, provider_service, running_world


@pytest.fixture
async def granted(shared_world: World) -> AsyncIterator[Granted]:
    """In the world the module shares."""
    async with provider_service() as (base, _):
        yield await grant_in(shared_world, base)


@pytest.fixture(scope="module")
def clock() -> Moving:
    """The domain's clock of :func:`people`."""
    return Moving("2026-11-20T10:00")


@pytest.fixture(scope="module")
async def people(shared_database: Any, clock: Moving) -> AsyncIterator[World]:
    """A gateway where people sign in; addresses are counted, but not to their limit."""
    limits = {**CHEAP, "proxy_networks": [], "address_free_max": 10000}
    async with running_world(shared_database, identity=limits, now=clock) as made:
        yield made
