"""Rows of ``attestation.seal_key``."""

from collections.abc import Mapping
from typing import Any

from gateway.errors import Conflict
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.attestation")


class SealKeyChanging(Conflict):
    """Another change of the seal key was faster（出证密钥正在更换）."""


_WRITES = Writes(
    {"one_seal_key_is_in_use": SealKeyChanging("another key is in place already", "新出证密钥已启用")}
)


async def current_key(tx: Connection) -> Row | None:
    row: Row | None = await tx.fetchrow(_SQL["current_key"])
    return row


async def put_key(tx: Connection, kid: str, public: Mapping[str, Any], wrapped: bytes | None) -> list[str]:
    """Put a key in use; the kids retired by it. Raises SealKeyChanging."""
    retired = [row["kid"] for row in await tx.fetch(_SQL["retire_keys"])]
    with _WRITES.guarded():
        if await tx.fetchval(_SQL["take_back"], kid) is None:
            await tx.execute(_SQL["add_key"], kid, dict(public), wrapped)
    return retired


async def public_keys(tx: Connection) -> list[dict[str, Any]]:
    return [row["public_jwk"] for row in await tx.fetch(_SQL["public_keys"])]
