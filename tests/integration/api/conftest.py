"""The stage the tests of a module share."""

import pytest
from stage import Stage, set_up
from world import World


@pytest.fixture(scope="module")
async def stage(shared_world: World) -> Stage:
    return await set_up(shared_world)
