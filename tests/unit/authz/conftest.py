"""The clocks as shipped: the rule sets of this city and of the State Council, the published calendars."""

import pytest

from gateway.authz.applications.clocks import Clocks
from gateway.deadlines import Almanac, Clockwork, Editions, load_calendar, load_rule_sets
from gateway.settings import config_dir


@pytest.fixture(scope="session")
def clocks() -> Clocks:
    calendar = load_calendar(config_dir() / "calendars")
    return Clocks(
        Clockwork(load_rule_sets(config_dir() / "rules"), Almanac(Editions.sole(calendar)), "621000")
    )
