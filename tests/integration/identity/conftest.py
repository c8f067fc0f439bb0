"""A service granted to the consumer's system."""

from collections.abc import AsyncIterator

import pytest
from proofs import Granted, grant_in
from world import World, provider_service


@pytest.fixture
async def granted(shared_world: World) -> AsyncIterator[Granted]:
    """In the world the module shares."""
    async with provider_service() as (base, _):
        yield await grant_in(shared_world, base)
