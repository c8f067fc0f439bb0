"""Carries each checkpoint to the witnesses and brings their cosignatures back (C2SP tlog-witness).

A witness remembers what it cosigned, on another machine under another's hand. So it is also who knows better when a database
was put back: a checkpoint this log signed and does not hold any more stops the process.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.audit import store as ledger
from gateway.audit.errors import LogRolledBack
from gateway.audit.tiles import proving
from gateway.audit.witnessing import store
from gateway.audit.witnessing.messenger import Messenger
from gateway.audit.witnessing.model import Stage
from gateway.audit.witnessing.protocol import (
    LARGEST_ANSWER,
    SIZE_TYPE,
    SUBMIT,
    cosignature,
    shown_at,
    submission,
    told_size,
)
from gateway.audit.writer import utc_now
from gateway.errors import BadSettings, Upstream
from gateway.proof.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from gateway.proof.notes import COSIGNATURE, NoteKey, read_note
from gateway.proof.refusal import Refused
from gateway.settings import WitnessAt, Witnessing
from gateway.storage import Connection, Database
from gateway.telemetry import Metrics, get_logger
from gateway.web.posting import Answered, Posting
from gateway.web.upstream import UpstreamTimeout

_log = get_logger()
_ATTEMPTS: Final = 3


class BadWitness(BadSettings):
    """A witness in the settings cannot be used（见证方配置有误）."""

    remedy = (
        "Copy the key as the witness's operator gave it; it is one for cosignatures (./gw witness key prints ours).",
        "请按见证方提供的原文填写会签公钥（本网关的见证公钥见 ./gw witness key）。",
    )


@dataclass(frozen=True, slots=True)
class _Seat:
    at: WitnessAt
    key: NoteKey


@dataclass(frozen=True, slots=True)
class _Point:
    checkpoint: Checkpoint
    note: bytes


class Cosigning(Messenger):
    """One process's messenger to the witnesses.

    Args:
        log: the key the log signs with; its name is the origin.

    Raises:
        BadWitness: a key that is none, or no key for cosignatures.
    """

    def __init__(
        self,
        database: Database,
        posting: Posting,
        settings: Witnessing,
        log: NoteKey,
        metrics: Metrics | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(database, posting, settings, settings.submit_seconds, metrics, clock)
        self._log_key = log
        self._seats = [_seat(at) for at in settings.witnesses]
        self._known: dict[str, int] = {}

    async def check(self) -> int:
        """Before the first act: what the witnesses show of this log is in the database; how many could be asked.

        Raises:
            LogRolledBack: it is not.
        """
        answers = await asyncio.gather(*(self._shown_fits(seat) for seat in self._seats))
        return sum(answers)

    async def shown(self) -> list[bytes]:
        """The notes the witnesses show of this log, each signed by it."""
        answers = await asyncio.gather(*(self._shown_note(seat) for seat in self._seats))
        return [note for note in answers if note is not None]

    async def round(self) -> int:
        """Submit the newest checkpoint where it is not cosigned yet; how many witnesses have cosigned it now.

        Raises:
            LogRolledBack, DatabaseDown, AuditUnavailable.
        """
        with ledger.recording():
            async with self._database.connection() as connection:
                found = await store.newest(connection)
                if found is None:
                    return 0
                have = await store.cosigners(connection, found[0])
                if not self._known:
                    self._known = await store.cosigned_sizes(
                        connection, [seat.at.name for seat in self._seats]
                    )
        point = _Point(read_checkpoint(read_note(found[1]).text), found[1])
        await asyncio.gather(*(self._ask(seat, point) for seat in self._seats if seat.at.name not in have))
        return await self._count(point)

    async def _count(self, point: _Point) -> int:
        size = point.checkpoint.size
        with ledger.recording():
            async with self._database.connection() as connection:
                have = await store.cosigners(connection, size) & {seat.at.name for seat in self._seats}
                if self._settings.quorum_min and len(have) >= self._settings.quorum_min:
                    await store.reach(connection, Stage.UNWITNESSED, size, self._clock())
        return len(have)

    async def _ask(self, seat: _Seat, point: _Point) -> None:
        try:
            result = await self._converse(seat, point)
        except Upstream as fault:
            _log.warning("audit.witness.silent", witness=seat.at.name, why=fault.detail)
            result = "silent"
        self._metrics.outward.labels("witness", result).inc()

    async def _converse(self, seat: _Seat, point: _Point) -> str:
        known = self._known.get(seat.at.name, 0)
        for _ in range(_ATTEMPTS):
            proof = await self._proof(known, point.checkpoint)
            if proof is None:
                return await self._disputed(
                    seat, f"it cosigned a size of {known}, which this log never signed"
                )
            said = await self._submit(seat, known, proof, point.note)
            if said.status == 200:
                return await self._keep(seat, point, said.body)
            told = told_size(said.body) if said.status == 409 and said.content_type == SIZE_TYPE else None
            if said.status == 422 or told == known:
                return await self._disputed(seat, f"status {said.status}: another history was cosigned")
            if told is None:
                _log.warning("audit.witness.refused", witness=seat.at.name, status=said.status)
                return "refused"
            if told > point.checkpoint.size:
                return await self._ahead(seat, told)
            known = told
        return "refused"

    async def _ahead(self, seat: _Seat, told: int) -> str:
        # another host of this gateway may have carried out a newer checkpoint meanwhile
        with ledger.recording():
            async with self._database.connection() as connection:
                head = await ledger.newest_head(connection)
        if told <= head.size:
            return "ok"
        return await self._disputed(seat, f"it cosigned {told} records, the log holds {head.size}")

    async def _proof(self, known: int, point: Checkpoint) -> list[bytes] | None:
        """The proof from a size the witness knows; None if this log was never signed there."""
        if known == 0:
            return []
        with ledger.recording():
            async with self._database.connection() as connection:
                if known > point.size or await ledger.head_of(connection, known) is None:
                    return None
                return await proving.consistency(connection, known, point.size)

    async def _submit(self, seat: _Seat, old: int, proof: list[bytes], note: bytes) -> Answered:
        url = seat.at.url.rstrip("/") + SUBMIT
        return await self._within(
            self._posting.ask(
                "POST", url, {"Content-Type": "text/plain"}, submission(old, proof, note), LARGEST_ANSWER
            )
        )

    async def _keep(self, seat: _Seat, point: _Point, answer: bytes) -> str:
        try:
            line, at = cosignature(point.note, answer, seat.key)
        except Refused as refusal:
            _log.warning("audit.witness.unsigned", witness=seat.at.name, why=refusal.detail)
            return "refused"
        with ledger.recording():
            async with self._database.connection() as connection:
                await store.add_cosignature(connection, point.checkpoint.size, seat.at.name, line, at)
        self._known[seat.at.name] = point.checkpoint.size
        return "ok"

    async def _disputed(self, seat: _Seat, why: str) -> str:
        """A witness says otherwise: its word alone stops nothing, a checkpoint of ours in its hands does."""
        _log.error("audit.witness.disputes", witness=seat.at.name, why=why)
        await self._shown_fits(seat)
        return "disputed"

    async def _shown_fits(self, seat: _Seat) -> bool:
        """Whether the witness shows what it cosigned last of this log; if it does, the log must hold it."""
        shown = await self._shown(seat)
        if shown is None:
            return False
        with ledger.recording():
            async with self._database.connection() as connection:
                await self._held(connection, seat, shown)
        return True

    async def _shown(self, seat: _Seat) -> Checkpoint | None:
        note = await self._shown_note(seat)
        return read_checkpoint(read_note(note).text) if note is not None else None

    async def _shown_note(self, seat: _Seat) -> bytes | None:
        if seat.at.monitoring_url is None:
            return None
        url = shown_at(seat.at.monitoring_url, self._log_key.name)
        try:
            said = await self._within(self._posting.ask("GET", url, {}, None, LARGEST_ANSWER))
        except Upstream as fault:
            _log.warning("audit.witness.silent", witness=seat.at.name, why=fault.detail)
            return None
        if said.status != 200:
            return None
        try:
            verify_checkpoint(said.body, [self._log_key], self._log_key.name)
        except Refused as refusal:
            _log.warning("audit.witness.shows_other", witness=seat.at.name, why=refusal.detail)
            return None
        return said.body

    async def _held(self, connection: Connection, seat: _Seat, shown: Checkpoint) -> None:
        then = await ledger.head_of(connection, shown.size)
        if then is None or then.root != shown.root:
            head = await ledger.newest_head(connection)
            raise LogRolledBack(
                f"the witness {seat.at.name} holds a checkpoint of {shown.size} records signed by this log, which now has "
                f"{head.size}" + (" and another root there" if then else ""),
                f"见证方 {seat.at.name} 持有本日志签名的 {shown.size} 条检查点，现有日志 {head.size} 条，与之不一致",
            )

    async def _within(self, asking: Awaitable[Answered]) -> Answered:
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                return await asking
        except TimeoutError:
            raise UpstreamTimeout("no answer in time", "应答超时") from None


def _seat(at: WitnessAt) -> _Seat:
    try:
        key = NoteKey.parse(at.key)
    except Refused as refusal:
        raise BadWitness(f"{at.name}: {refusal.detail}", f"{at.name}：{refusal.detail_zh}") from None
    if key.algorithm != COSIGNATURE:
        raise BadWitness(
            f"{at.name}: the key is one for notes, not for cosignatures", f"{at.name}：该公钥不是会签公钥"
        )
    return _Seat(at, key)
