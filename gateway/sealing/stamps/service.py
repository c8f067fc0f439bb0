"""Acts on stamps: trying one, filing it, examining it again; each stored act with one audit record."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.identity import Role, who
from gateway.identity.revocation import Evidences
from gateway.names import new_id
from gateway.sealing import store as seals
from gateway.sealing.examination import Examiner, Mark, Question
from gateway.sealing.model import RegisteredSeal
from gateway.sealing.refusals import StampOver, StampRefused, TooManyStamps, refused, shown
from gateway.sealing.rules import Kind
from gateway.sealing.stamps import store
from gateway.sealing.stamps.model import FiledStamp, Subject, Trial
from gateway.sealing.words import failed
from gateway.storage import Connection, Database
from gateway.web import Principal

_MOST: Final = 50


class Stamps:
    """``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        examiner: Examiner,
        evidences: Evidences,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._examiner = examiner
        self._evidences = evidences
        self._now = now

    async def on(
        self, tx: Connection, application: UUID, kind: Kind | None = None, sm3: bytes | None = None
    ) -> list[FiledStamp]:
        """What was filed on an application's documents, or on one of them; oldest first."""
        return await store.of_application(tx, application, kind, sm3)

    async def content(self, tx: Connection, stamp: UUID) -> bytes:
        """A stamp's bytes as received."""
        return await store.content(tx, stamp)

    async def evidence(self, tx: Connection, sha256: bytes) -> bytes | None:
        """A revocation list or OCSP response an examination rests on; None if none has this digest."""
        return await store.evidence(tx, sha256)

    async def tried(self, actor: Principal, role: Role, subject: Subject, raw: bytes) -> Trial:
        """Examine a stamp that has just been received; outside a transaction, since it takes its time.

        Raises:
            StampRefused: it is invalid; recorded, and nothing is stored. One that is indeterminate passes here: it
                may be examined again, and opens nothing meanwhile.
        """
        trial = await self._trial(subject, raw, self._now())
        if trial.examined.report.verdict == "invalid":
            steps = failed(trial.examined.report)
            detail = {"steps": shown(steps), **_evidence(trial)}
            event = _event(EventType.STAMP_REFUSED, Outcome.DENY, actor, role, subject, detail, trial.seal)
            await self._log.append(event)
            raise refused(StampRefused, steps)
        return trial

    async def put(
        self, tx: Connection, actor: Principal, role: Role, subject: Subject, trial: Trial
    ) -> FiledStamp:
        """File a stamp that was tried.

        Raises:
            StampKnown: filed on this document before.
            TooManyStamps: fifty on one application.
        """
        if await store.count(tx, subject.application) >= _MOST:
            raise TooManyStamps(f"an application takes {_MOST} stamps", f"一件申请最多接受 {_MOST} 个签章")
        made = new_id()
        detail = {"verdict": trial.examined.report.verdict, **_evidence(trial)}
        event = _event(EventType.STAMP_FILED, Outcome.DONE, actor, role, subject, detail, trial.seal, made)
        written = await self._log.emit(tx, event)
        await store.add(tx, made, subject, trial, actor.id, written)
        seal = trial.seal.id if trial.seal else None
        await store.add_examination(tx, made, 1, seal, trial.examined, trial.received_at, written.event_id)
        return await self._found(tx, made)

    async def again(self, actor: Principal, role: Role, subject: Subject, stamp: FiledStamp) -> FiledStamp:
        """Examine a filed stamp with what is known and trusted now; that it existed by its receipt is on record.

        Raises:
            StampOver: it was found invalid before; lists forget what has expired, the gateway does not.
        """
        async with self._database.connection() as connection:
            raw = await store.content(connection, stamp.id)
        trial = await self._trial(subject, raw, stamp.received_at)
        async with self._database.transaction() as tx:
            await store.lock(tx, stamp.id)
            latest = (await self._found(tx, stamp.id)).latest
            if latest.verdict == "invalid":
                raise StampOver(
                    "it was found invalid: stamp the document anew", "该签章已核验为无效，请重新签章"
                )
            detail = {"verdict": trial.examined.report.verdict, "before": latest.verdict, **_evidence(trial)}
            event = _event(
                EventType.STAMP_EXAMINED, Outcome.DONE, actor, role, subject, detail, trial.seal, stamp.id
            )
            written = await self._log.emit(tx, event)
            seal = trial.seal.id if trial.seal else None
            await store.add_examination(
                tx, stamp.id, latest.number + 1, seal, trial.examined, self._now(), written.event_id
            )
            return await self._found(tx, stamp.id)

    async def _trial(self, subject: Subject, raw: bytes, received_at: datetime) -> Trial:
        mark = await self._examiner.mark(raw)
        async with self._database.connection() as connection:
            seal, content = await _registered(connection, mark, subject.org)
            sources = await self._evidences.held_for(connection, mark.certificates)
        question = Question(
            raw, subject.content, subject.org, seal, content, subject.made_at, received_at, sources
        )
        examined = await self._examiner.stamp(question, self._now())
        return Trial(raw, hashlib.sha256(raw).digest(), seal, examined, received_at)

    async def _found(self, tx: Connection, stamp: UUID) -> FiledStamp:
        found = await store.find(tx, stamp)
        assert found is not None  # stored in this transaction
        return found


async def _registered(tx: Connection, mark: Mark, org: str) -> tuple[RegisteredSeal | None, bytes | None]:
    """The seal a stamp was made with, and its bytes where the stamp carries one to compare."""
    if mark.signer:
        return await seals.of_signer(tx, mark.signer, org), None
    found = await seals.of_stamp(tx, mark.seal_sha256, mark.es_id, mark.vid) if mark.es_id else None
    return found, await seals.content_of(tx, found.id) if found else None


def _evidence(trial: Trial) -> dict[str, Any]:
    """Digests of what an examination rests on and came to, for the audit record."""
    return {
        "stamp_sha256": trial.sha256.hex(),
        "report_sha256": trial.examined.sha256.hex(),
        "evidence_sha256": [hashlib.sha256(each).hexdigest() for each in trial.examined.evidence],
        "received_at": trial.received_at.isoformat(),
    }


def _event(
    kind: EventType, outcome: Outcome, actor: Principal, role: Role, subject: Subject, detail: dict[str, Any],
    seal: RegisteredSeal | None, stamp: UUID | None = None,
) -> Event:  # fmt: skip
    document = {"document": subject.kind, "document_sm3": subject.sm3.hex()}
    return Event(
        type=kind, outcome=outcome, who=who(actor, role),
        reason=StampRefused.slug() if outcome is Outcome.DENY else "",
        consumer_org=subject.consumer_org, provider_org=subject.provider_org, object_kind="stamp",
        object_id=str(stamp or ""), application_id=str(subject.application),
        detail={**document, **detail, "seal": str(seal.id) if seal else ""},
        cause=(subject.cause, *((seal.cause,) if seal else ())),
    )  # fmt: skip
