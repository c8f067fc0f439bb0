"""What callers are told of their limits, with answers and with refusals: ``RateLimit`` and ``RateLimit-Policy``.

As draft-ietf-httpapi-ratelimit-headers writes them: a policy has a name, a quota ``q``, and its window ``w`` in seconds or
its unit ``qu``; of what is left, ``r`` may be used within the next ``t`` seconds. The names here: ``day`` (the quota of a grant),
``minute`` (the bucket of a grant), ``department`` and ``gateway`` (calls under way at once in one process).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

_DAY_SECONDS: Final = 86400
# Asia/Shanghai has kept this offset since 1991-09-15 (tzdata)
_AHEAD_OF_UTC_SECONDS: Final = 8 * 3600
_MINUTE: Final = 60_000_000


def day_policy(daily_quota: int) -> str:
    """The quota of a day."""
    return f'"day";q={daily_quota};w={_DAY_SECONDS}'


def day_limit(left: int, now: datetime) -> str:
    """What is left of it until midnight in Asia/Shanghai."""
    seconds = _DAY_SECONDS - (int(now.timestamp()) + _AHEAD_OF_UTC_SECONDS) % _DAY_SECONDS
    return f'"day";r={left};t={seconds}'


def minute_left(per_minute: int, spaced_until: int, now: int) -> tuple[int, int]:
    """How many calls the bucket of a minute holds, and the microseconds until it holds one more.

    Args:
        spaced_until: until when the calls made have used it up, microseconds since 1970; as ``now``.
    """
    spacing = -(-_MINUTE // per_minute)
    holds, ahead = spacing * per_minute, max(spaced_until - now, 0)
    if not ahead:
        return per_minute, _MINUTE
    free = max((holds - ahead) // spacing, 0)
    return free, ahead + (free + 1) * spacing - holds


def told_of_grant(
    daily_quota: int, left: int, now: datetime, minute: tuple[int, int, int] | None = None
) -> dict[str, str]:
    """The headers about a grant's day, and about its minute where that is bounded.

    Args:
        minute: calls a minute, calls left of it, microseconds until there is one more.
    """
    policy, limit = day_policy(daily_quota), day_limit(left, now)
    if minute is not None:
        per_minute, free, wait = minute
        policy += f', "minute";q={per_minute};w=60'
        limit += f', "minute";r={free};t={-(-wait // 1_000_000)}'
    return {
        "Quota-Limit": str(daily_quota),
        "Quota-Remaining": str(left),
        "RateLimit-Policy": policy,
        "RateLimit": limit,
    }


def told_of_places(name: str, most: int, seconds: int) -> Mapping[str, str]:
    """The headers of a refusal because all places of this name are taken, for whoever may try again in ``seconds``."""
    return {
        "RateLimit-Policy": f'"{name}";q={most};qu="concurrent-requests"',
        "RateLimit": f'"{name}";r=0;t={seconds}',
    }
