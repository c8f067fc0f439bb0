"""Joins what goes outwards: one worker that keeps a session to witnesses, authorities and the deposit."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from gateway.audit import store as ledger
from gateway.audit.errors import LogRolledBack
from gateway.audit.witnessing.anchoring import Anchoring
from gateway.audit.witnessing.cosigning import Cosigning
from gateway.audit.witnessing.stamping import Stamping
from gateway.audit.writer import utc_now
from gateway.proof.notes import NoteKey
from gateway.seals.recognition_files import recognised
from gateway.seals.selftest import proven_sm2
from gateway.seals.sm2 import Sm2, Sm2Unavailable
from gateway.settings import Exchange, Settings
from gateway.storage import Database
from gateway.telemetry import Metrics
from gateway.web.egress import Egress
from gateway.web.peers import peer_tls
from gateway.web.posting import Posting


class Outward:
    """Everything the log asks of others, for one process that publishes.

    Args:
        database: the integrator zone's.
        log: the key the log signs with.

    Raises:
        BadSettings: a witness's key, a network or an authority's file cannot be used.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        log: NoteKey,
        metrics: Metrics,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._settings = settings.witnessing
        self._log_key = log
        self._metrics = metrics
        self._clock = clock
        self._egress = Egress(self._settings.egress_networks)
        self._recognition = recognised(settings.certificates)
        self._sm2 = _sm2() if self._settings.authorities else None
        peers = self._recognition.pool("peer", clock()).certificates
        self._tls = peer_tls(peer.der for peer in peers if peer.key_kind != "SM2")
        self._limits: Exchange = settings.exchange

    async def check(self, *, remembers: bool) -> None:
        """Before the first act: nobody holds a checkpoint of this log that the database lacks.

        Args:
            remembers: whether the installation's own signed head was there; if it was not, and the log is not new, enough
                witnesses must be asked instead.

        Raises:
            LogRolledBack: somebody does, or nobody can say. DatabaseDown, AuditUnavailable.
        """
        if not self._settings.witnesses:
            return
        async with self._posting() as posting:
            asked = await self._cosigning(posting).check()
        if remembers or asked >= self._settings.quorum_min:
            return
        with ledger.recording():
            async with self._database.connection() as connection:
                head = await ledger.newest_head(connection)
        if head.size:
            raise LogRolledBack(
                f"the signed head is not there, and {asked} of {self._settings.quorum_min} witnesses show what was signed last",
                f"缺少已签名检查点文件，且仅 {asked}/{self._settings.quorum_min} 个见证方可供核对",
            )

    async def shown(self) -> list[bytes]:
        """The checkpoints of this log that its witnesses show; those that do not answer show none."""
        if not self._settings.witnesses:
            return []
        async with self._posting() as posting:
            return await self._cosigning(posting).shown()

    async def run(self) -> None:
        """Carry checkpoints out until cancelled; ends at once where nobody is asked for anything.

        Raises:
            LogRolledBack: see :class:`Cosigning`.
        """
        async with self._posting() as posting, asyncio.TaskGroup() as group:
            if self._settings.witnesses:
                group.create_task(self._cosigning(posting).run())
            if self._settings.authorities:
                stamping = Stamping(
                    self._database, posting, self._settings, self._recognition, self._sm2, self._metrics, self._clock
                )  # fmt: skip
                group.create_task(stamping.run())
            if self._settings.anchor_url:
                anchoring = Anchoring(
                    self._database, posting, self._settings, self._settings.anchor_url, self._metrics, self._clock
                )  # fmt: skip
                group.create_task(anchoring.run())

    def _posting(self) -> Posting:
        return Posting(self._limits, self._egress, self._tls)

    def _cosigning(self, posting: Posting) -> Cosigning:
        return Cosigning(self._database, posting, self._settings, self._log_key, self._metrics, self._clock)


def _sm2() -> Sm2 | None:
    with suppress(Sm2Unavailable):
        return proven_sm2()
    return None
