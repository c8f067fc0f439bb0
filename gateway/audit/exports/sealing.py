"""What the gateway's seal on an archive pack says."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeAlias

from gateway.audit.exports.model import Plan
from gateway.proof.pack_seal import STATEMENT
from gateway.storage import Connection

Sealer: TypeAlias = Callable[[Connection, str, dict[str, Any]], Awaitable[dict[str, str]]]
"""Makes a sealed statement of a kind in a transaction."""


def statement(plan: Plan, listed: bytes, issuer: str, at: datetime) -> dict[str, Any]:
    """The statement over the list of a pack; ``at`` in UTC."""
    return {
        "v": 1,
        "statement": STATEMENT,
        "issuer": {"url": issuer},
        "sealed_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "org": plan.asked.org,
        "origin": plan.origin,
        "checkpoint": plan.size,
        "list_sha256": hashlib.sha256(listed).hexdigest(),
    }
