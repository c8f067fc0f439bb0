"""The three listeners of one gateway by name; a good request for each."""

import pytest
from world import World

GOOD = {"control": "/openapi.json", "exchange": "/openapi.json", "operations": "/healthz"}


@pytest.fixture(params=list(GOOD))
def listener(request: pytest.FixtureRequest, shared_world: World) -> tuple[int, str]:
    """Port of a listener and a path it answers with 200 to anybody."""
    opened = getattr(shared_world.gateway, request.param)
    return opened.port, GOOD[request.param]
