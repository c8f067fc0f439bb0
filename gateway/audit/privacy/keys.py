"""The secrets a writing process works with: those of the present, each fetched once."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson

from gateway.audit import store as records
from gateway.audit.errors import AuditUnavailable
from gateway.audit.model import JSON
from gateway.audit.privacy import store
from gateway.audit.privacy.model import (
    SECRET_BYTES,
    Peppered,
    Period,
    SubjectKind,
    detail_period,
    pepper_period,
    pseudonym,
    sealed,
)
from gateway.seals import Vault
from gateway.settings import Audit

_MOST: Final = 10000
_STATEMENT_SECONDS: Final = 5


def key_vault(master_key: bytes) -> Vault:
    """What wraps the secrets."""
    return Vault(master_key, "audit keys")


class WritingKeys:
    """Seals personal detail and makes pseudonyms for one process.

    A secret is committed before anything is written under it. It is fetched over a connection of its own, since a caller in
    the middle of a transaction may hold the last one of its pool.

    Args:
        dsn: of a zone that writes records.
    """

    def __init__(self, dsn: str, settings: Audit, master_key: bytes) -> None:
        self._dsn = dsn
        self._settings = settings
        self._vault = key_vault(master_key)
        self._held: dict[Period, bytes] = {}
        self._peppered: dict[int, Peppered] = {}
        self._fetching = asyncio.Lock()

    async def seal(
        self, personal: Mapping[str, JSON], orgs: Sequence[str], event_id: UUID, at: datetime
    ) -> dict[str, str]:
        """An event's personal detail as its record holds it, under the key of the first of these departments that is one.

        Raises:
            AuditUnavailable: there is no key, and no database to get one from.
        """
        key = detail_period(at, *orgs)
        secret = await self._secret(key)
        return sealed(key, secret, event_id, orjson.dumps(dict(personal))).stored()

    async def subject(self, kind: SubjectKind, number: str, at: datetime) -> str:
        """The pseudonym of a subject in the records of this instant's year.

        Raises:
            AuditUnavailable: there is no pepper, and no database to get one from.
        """
        return self.subject_at_once(kind, number, at) or pseudonym(
            await self._secret(pepper_period(at)), kind, number
        )

    def subject_at_once(self, kind: SubjectKind, number: str, at: datetime) -> str:
        """:meth:`subject` where the year's pepper was used before; else empty."""
        peppered = self._peppered.get(at.year) if at.tzinfo is UTC else None
        if peppered is None:
            held = self._held.get(pepper_period(at))
            if held is None:
                return ""
            peppered = self._peppered[at.astimezone(UTC).year] = Peppered(held)
        return peppered.pseudonym(kind, number)

    async def _secret(self, period: Period) -> bytes:
        held = self._held.get(period)
        if held is not None:
            return held
        async with self._fetching:
            if period not in self._held:
                if len(self._held) >= _MOST:
                    self._held.clear()
                self._held[period] = await self._fetched(period)
            return self._held[period]

    async def _fetched(self, period: Period) -> bytes:
        fresh = self._vault.wrap(os.urandom(SECRET_BYTES), period.context)
        connection = await records.connect(
            self._dsn, self._settings, name="gateway-audit-keys", statement_seconds=_STATEMENT_SECONDS
        )
        try:
            with records.recording():
                wrapped = await store.present(connection, period, fresh)
        finally:
            connection.terminate()
        if wrapped is None:
            raise AuditUnavailable(
                f"the secret of {period.name} was destroyed", f"{period.name} 的密钥已销毁"
            )
        return self._vault.unwrap(wrapped, period.context)
