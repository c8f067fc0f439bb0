"""``Idempotency-Key``: the second identical request finds what the first one made.

The key is claimed in the transaction that makes the thing, so a crash leaves either both or neither; two at once
are ordered by the unique index.
"""

from dataclasses import dataclass
from uuid import UUID

from gateway.errors import Conflict
from gateway.storage.pool import Connection
from gateway.storage.queries import Queries

_SQL = Queries("gateway.storage")


class IdempotencyKeyReused(Conflict):
    """This Idempotency-Key belongs to a different request（该幂等键已用于其他请求）."""

    remedy = (
        "Send a new Idempotency-Key for a new request.",
        "新的请求请使用新的 Idempotency-Key。",
    )


@dataclass(frozen=True, slots=True)
class Once:
    """A caller's key for one creating request: who, where, the key, and SHA-256 of the body (32 bytes)."""

    actor: str
    route: str
    key: str
    digest: bytes


async def claim(tx: Connection, once: Once | None, made: UUID) -> UUID | None:
    """Claim the key for the thing about to be made.

    Returns:
        None if the caller may go on and make ``made``; otherwise the id the earlier request made.

    Raises:
        IdempotencyKeyReused: the key was used with another body.
    """
    if once is None:
        return None
    if await tx.fetchval(_SQL["claim"], once.actor, once.route, once.key, once.digest, made):
        return None
    earlier = await tx.fetchrow(_SQL["earlier"], once.actor, once.route, once.key)
    if earlier["digest"] != once.digest:
        raise IdempotencyKeyReused(
            f"the key {once.key} was already used here with another body",
            f"幂等键 {once.key} 已用于内容不同的请求",
        )
    found: UUID = earlier["made"]
    return found
