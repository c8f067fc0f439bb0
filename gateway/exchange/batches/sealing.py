"""Sealing what was answered: the control part, which alone holds the key of statements, turns a whole result into a done one."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from gateway.audit import AuditLog, EventType, Written
from gateway.exchange.batches import evidence, store
from gateway.exchange.batches.keeping import Keeping
from gateway.exchange.batches.model import Answering, Batch
from gateway.seals import WrongKey
from gateway.seals.digests import Sm3
from gateway.sections import Batches as Settings
from gateway.storage import Connection, Database
from gateway.storage.turns import Turns
from gateway.telemetry import get_logger

_log = get_logger()
MANIFEST: Final = "gateway-batch"
VERSION: Final = 1
_LATER: Final = timedelta(minutes=5)

Seal = Callable[[Connection, str, dict[str, Any]], Awaitable[dict[str, str]]]
"""Signs a statement of a kind: ``SealKeys.seal``."""


class Sealing:
    """The worker of the control part.

    Args:
        database: the control zone's.
        issuer: the gateway's own name in statements.
        now: the present instant with its zone.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        keeping: Keeping,
        seal: Seal,
        settings: Settings,
        issuer: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._keeping = keeping
        self._seal = seal
        self._settings = settings
        self._issuer = issuer
        self._now = now

    async def run(self) -> NoReturn:
        """Seal what is complete until cancelled."""
        await Turns(self.turn, self._settings.poll_seconds, "batches.sealing").run()

    async def turn(self) -> bool:
        """Seal one batch; whether there was one.

        A segment that does not open any more keeps its batch from being sealed, and no other one.
        """
        async with self._database.transaction() as tx:
            now = self._now()
            found = await store.to_seal(tx, now)
            batch = await store.lock(tx, found) if found else None
            if batch is None:
                return False
            try:
                sha256, sm3 = await self._digests(tx, batch)
            except WrongKey as fault:
                _log.error("batches.segment_does_not_open", batch=str(batch.id), said=fault.detail)
                await store.put_off(tx, batch.id, now + _LATER)
                return True
            content = self._content(batch, sha256, sm3, now)
            sealed = await self._seal(tx, MANIFEST, content)
            written = await self._record(tx, batch, sha256, sealed)
            expires = now + timedelta(days=self._settings.keep_days)
            await store.finish(tx, batch.id, sealed, sha256, now, expires, written)
            return True

    async def _digests(self, tx: Connection, batch: Batch) -> tuple[bytes, bytes]:
        """SHA-256 and SM3 of the result, segment by segment."""
        sha256, sm3 = hashlib.sha256(), Sm3()
        for piece in await store.pieces(tx, batch.id):
            sealed = await store.segment(tx, batch.id, piece.number)
            content = self._keeping.open_segment(batch, piece.number, sealed or b"")
            sha256.update(content)
            sm3.update(content)
        return sha256.digest(), sm3.digest()

    def _content(self, batch: Batch, sha256: bytes, sm3: bytes, now: datetime) -> dict[str, Any]:
        order, tally = batch.order, batch.tally
        verifying = order.answering is Answering.YES_NO
        counted: dict[str, Any] = (
            {"yes": tally.yes, "no": tally.no} if verifying else {"records": tally.records}
        )
        return {
            "version": VERSION,
            "issuer": self._issuer,
            "batch": str(batch.id),
            "service": order.service,
            "resource": order.resource,
            "grant": str(order.grant),
            "application": str(order.application),
            "consumer_org": order.consumer_org,
            "provider_org": order.provider_org,
            "purpose": order.purpose,
            "answering": order.answering.value,
            "item": order.item,
            "rows": tally.rows,
            "unanswered": tally.unanswered,
            **counted,
            "bytes": tally.bytes,
            "sha256": sha256.hex(),
            "sm3": sm3.hex(),
            "accepted_at": batch.accepted_at.isoformat(),
            "sealed_at": now.isoformat(),
            "record": {"id": str(batch.cause.event_id), "sha256": batch.cause.digest.hex()},
        }

    async def _record(self, tx: Connection, batch: Batch, sha256: bytes, sealed: dict[str, str]) -> Written:
        detail = {
            "rows": batch.tally.rows, "unanswered": batch.tally.unanswered, "bytes": batch.tally.bytes,
            "sha256": sha256.hex(), "payload_sha256": hashlib.sha256(sealed["payload"].encode()).hexdigest(),
        }  # fmt: skip
        return await self._log.emit(tx, evidence.of(batch, EventType.BATCH_SEALED, evidence.SYSTEM, detail))
