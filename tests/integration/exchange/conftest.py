"""A granted service in the world that the tests of a module share."""

from collections.abc import AsyncIterator

import pytest
from providers import RawProvider, raw_provider
from services import GOOD, Service, granted_service
from world import World


@pytest.fixture
async def provider() -> AsyncIterator[RawProvider]:
    """A department's socket with a proper answer."""
    async with raw_provider(GOOD) as made:
        yield made


@pytest.fixture
async def service(shared_world: World, provider: RawProvider) -> Service:
    """A granted service in the module's world."""
    return await granted_service(shared_world, provider)
