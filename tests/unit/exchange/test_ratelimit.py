"""What headers say of a limit: the day, the bucket of a minute, calls under way at once."""

from datetime import datetime

import pytest

from gateway.deadlines import SHANGHAI
from gateway.exchange.ratelimit import day_limit, minute_left, told_of_grant

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
SECOND = 1_000_000
NOW = int(NOON.timestamp()) * SECOND


@pytest.mark.parametrize(
    ("clock", "seconds"), [("00:00:00", 86400), ("12:00:00", 43200), ("23:59:59", 1), ("08:00:00", 57600)]
)
def test_the_day_lasts_until_midnight_in_shanghai(clock: str, seconds: int) -> None:
    now = datetime.fromisoformat(f"2026-11-23T{clock}+08:00")
    assert day_limit(7, now) == f'"day";r=7;t={seconds}'


@pytest.mark.parametrize(
    ("spaced_until", "free", "wait"),
    [
        (0, 3, 60 * SECOND),
        (NOW - 1, 3, 60 * SECOND),
        (NOW + 20 * SECOND, 2, 20 * SECOND),
        (NOW + 60 * SECOND, 0, 20 * SECOND),
        (NOW + 40 * SECOND + 1, 0, 1),
        (NOW + 40 * SECOND, 1, 20 * SECOND),
        (NOW + 90 * SECOND, 0, 50 * SECOND),  # a process whose clock is behind
    ],
)
def test_a_bucket_of_three_a_minute_fills_by_one_every_twenty_seconds(
    spaced_until: int, free: int, wait: int
) -> None:
    assert minute_left(3, spaced_until, NOW) == (free, wait)


def test_both_limits_of_a_grant_are_named_in_one_header() -> None:
    assert told_of_grant(100, 40, NOON, (3, 0, 1_500_000)) == {
        "Quota-Limit": "100",
        "Quota-Remaining": "40",
        "RateLimit-Policy": '"day";q=100;w=86400, "minute";q=3;w=60',
        "RateLimit": '"day";r=40;t=43200, "minute";r=0;t=2',
    }
