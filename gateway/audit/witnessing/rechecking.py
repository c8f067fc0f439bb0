"""What others gave the log, checked again as it is stored: checkpoints, cosignatures, time stamps.

Each was checked when it came. Whoever can write to the database can change it afterwards, and would be noticed only by
the stranger to whom it is shown.
"""

from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.audit.rollover.model import FIRST, Logs
from gateway.audit.verify import Finding, Problem
from gateway.audit.witnessing import store
from gateway.audit.witnessing.cosigning import BadWitness
from gateway.audit.witnessing.protocol import cosignature
from gateway.audit.witnessing.store import Vouched
from gateway.proof.notes import NoteKey
from gateway.proof.refusal import Refused
from gateway.seals.paths import PathRefused, path
from gateway.seals.recognition import Recognition
from gateway.seals.recognition_files import recognised
from gateway.seals.selftest import proven_sm2
from gateway.seals.sm2 import Sm2, Sm2Unavailable
from gateway.seals.timestamps import TimestampRefused, read_timestamp
from gateway.settings import Settings, WitnessAt
from gateway.storage import Connection

_ALL: Final = 0


@dataclass(slots=True)
class Counted:
    """What was checked again; ``unknown`` are those of witnesses and authorities that are not in the settings any more."""

    checkpoints: int = 0
    cosignatures: int = 0
    stamps: int = 0
    unknown: int = 0


class Rechecking:
    """Checks everything stored of this kind.

    Args:
        witnesses: keys of the witnesses by their names in the settings.
        recognition: whose time stamps are believed.
        sm2: the engine for authorities with SM2 keys; without one their tokens count as unknown.
    """

    def __init__(
        self, logs: Logs, witnesses: dict[str, NoteKey], recognition: Recognition, sm2: Sm2 | None
    ) -> None:
        self._logs = logs
        self._witnesses = witnesses
        self._recognition = recognition
        self._sm2 = sm2

    @classmethod
    def of(cls, settings: Settings, master_key: bytes) -> "Rechecking":
        """By an installation's settings.

        Raises:
            BadSettings: an authority's file cannot be read. BadWitness: a witness's key is none.
        """
        sm2 = None
        if settings.witnessing.authorities:
            with suppress(Sm2Unavailable):
                sm2 = proven_sm2()
        keys = {one.name: _key(one) for one in settings.witnessing.witnesses}
        logs = Logs(settings.platform.org_code, master_key)
        return cls(logs, keys, recognised(settings.certificates), sm2)

    async def look(self, connection: Connection, beyond: int = _ALL) -> Finding | Counted:
        """The first that does not hold, or how many do; inside a transaction.

        Args:
            beyond: only checkpoints of larger sizes.

        Raises:
            DatabaseDown: see :meth:`Database.connection`.
        """
        counted, begun = Counted(), await store.begun_at(connection)
        async with aclosing(store.vouched(connection, beyond)) as stored:
            async for one in stored:
                number = max((number for number, first in begun if first < one.size), default=FIRST)
                finding = (
                    self._checkpoint(one, number)
                    or self._cosigned(one, counted)
                    or self._stamped(one, counted)
                )
                if finding:
                    return finding
                counted.checkpoints += 1
        return counted

    def _checkpoint(self, one: Vouched, number: int) -> Finding | None:
        try:
            known = self._logs.known(one.note)
        except Refused as refused:
            return _differs(one, Problem.CHECKPOINT_DIFFERS, refused.detail)
        if known.number != number:
            return _differs(one, Problem.CHECKPOINT_DIFFERS, f"signed by log {known.number}, not {number}")
        if (known.checkpoint.size, known.checkpoint.root) != (one.size, one.root):
            what = "it is not of the head it stands beside"
            return _differs(one, Problem.CHECKPOINT_DIFFERS, what)
        return None

    def _cosigned(self, one: Vouched, counted: Counted) -> Finding | None:
        for witness, line, at in one.cosignatures:
            key = self._witnesses.get(witness)
            if key is None:
                counted.unknown += 1
                continue
            try:
                found = cosignature(one.note, line, key)[1]
            except Refused as refused:
                return _differs(one, Problem.COSIGNATURE_DIFFERS, f"{witness}: {refused.detail}")
            if found != at:
                return _differs(one, Problem.COSIGNATURE_DIFFERS, f"{witness}: given at {found.isoformat()}")
            counted.cosignatures += 1
        return None

    def _stamped(self, one: Vouched, counted: Counted) -> Finding | None:
        for authority, token, at in one.stamps:
            try:
                self._token(one.note, token, at)
            except TimestampRefused as refused:
                return _differs(one, Problem.STAMP_DIFFERS, f"{authority}: {refused}")
            except (PathRefused, Sm2Unavailable):
                counted.unknown += (
                    1  # the token is whole; that its authority is recognised cannot be shown any more
                )
                continue
            counted.stamps += 1
        return None

    def _token(self, note: bytes, token: bytes, at: datetime) -> None:
        stamp = read_timestamp(token)
        stamp.check(note, self._sm2)
        if stamp.time != at:
            raise TimestampRefused(f"given at {stamp.time.isoformat()}")
        path(
            stamp.signer,
            stamp.others,
            self._recognition.pool("timestamp", stamp.time),
            stamp.time,
            "timestamp",
        )


def _key(at: WitnessAt) -> NoteKey:
    try:
        return NoteKey.parse(at.key)
    except Refused as refusal:
        raise BadWitness(f"{at.name}: {refusal.detail}", f"{at.name}：{refusal.detail_zh}") from None


def _differs(one: Vouched, problem: Problem, what: str) -> Finding:
    return Finding(problem, max(one.size - 1, 0), f"checkpoint of {one.size} records: {what}")
