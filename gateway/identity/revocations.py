"""Tokens that are refused before they expire: one token, all of a system or person, all got with one key.

A process keeps the list in memory and answers by none that is older than ``fresh_seconds``: whoever comes later waits for
a new look, and if the database cannot be asked, nothing is accepted. So a revocation holds on every process within that
time whatever is lost on the way; there is no message that could be.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.identity import store
from gateway.identity.jose import refused
from gateway.storage import Database

FRESH_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Revoked:
    """The list as it was at one moment; another object whenever it changed.

    ``tokens`` are ids (jti); ``subjects`` say up to which second (Unix) tokens of a subject are refused; ``provers`` are
    thumbprints of keys and certificates that systems proved themselves with.
    """

    changes: int = -1
    tokens: frozenset[str] = frozenset()
    subjects: dict[str, int] = field(default_factory=dict)
    provers: frozenset[str] = frozenset()


def check_revoked(claims: dict[str, Any], revoked: Revoked) -> None:
    """Refuse a token that was taken back.

    Raises:
        TokenRefused: ``revoked``.
    """
    if claims.get("jti") in revoked.tokens:
        raise refused("revoked", "this token was revoked", "该令牌已被吊销")
    until = revoked.subjects.get(str(claims.get("sub")))
    if until is not None and claims["iat"] <= until:
        raise refused(
            "revoked",
            "all tokens issued until then were revoked; get a new one",
            "此前签发的令牌均已吊销，请重新获取",
        )
    if claims.get("proved_by") in revoked.provers:
        raise refused("revoked", "the key that got this token was revoked", "申领该令牌所用的密钥已吊销")


class Revocations:
    """The list as this process knows it."""

    def __init__(self, database: Database, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._database = database
        self._fresh_seconds = fresh_seconds
        self._known = Revoked()
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    def fresh(self) -> Revoked | None:
        """The list, if it is young enough to answer by."""
        return self._known if time.monotonic() - self._looked <= self._fresh_seconds else None

    async def current(self) -> Revoked:
        """The list, from a look begun at most ``fresh_seconds`` ago.

        Raises:
            DatabaseDown: it cannot be had.
        """
        came = time.monotonic()
        if came - self._looked > self._fresh_seconds:
            async with self._looking:
                if self._looked < came - self._fresh_seconds:
                    await self._look()
        return self._known

    def expire(self) -> None:
        """Look again before the next answer: something was revoked in this process."""
        self._looked = float("-inf")

    async def refresh(self) -> None:
        """Look again, whoever waits. Raises DatabaseDown."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        began = time.monotonic()
        async with self._database.connection() as connection:
            changes = await store.revocation_changes(connection)
            if changes != self._known.changes:
                self._known = _read(changes, await store.revocations(connection))
        self._looked = began


def _read(changes: int, rows: list[store.Revocation]) -> Revoked:
    of = {kind: {row.id: row.issued_until for row in rows if row.kind == kind} for kind in store.KINDS}
    return Revoked(changes, frozenset(of["token"]), of["subject"], frozenset(of["prover"]))
