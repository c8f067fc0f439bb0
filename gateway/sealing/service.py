"""Acts on registered seals: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role, who
from gateway.identity.revocation import Evidences
from gateway.names import OrgCode, new_id
from gateway.sealing import store
from gateway.sealing.examination import Examiner
from gateway.sealing.model import BACKDATED, FOLLOWS, STATUS_ZH, RegisteredSeal, SealStatus, StatusChange
from gateway.sealing.refusals import NoSuchSeal, SealNotInStatus, SealRefused, refused, shown
from gateway.sealing.words import Told, failed, told
from gateway.seals.report import Report, Step
from gateway.storage import Connection, Database
from gateway.web import Principal


class Registry:
    """The departments' seals. ``now`` gives the present instant with its zone; ``largest`` is a seal's bytes at most."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        examiner: Examiner,
        evidences: Evidences,
        now: Callable[[], datetime],
        largest: int,
    ) -> None:
        self._database = database
        self._log = log
        self._examiner = examiner
        self._evidences = evidences
        self._now = now
        self._largest = largest

    async def register(self, actor: Principal, org: OrgCode, raw: bytes) -> RegisteredSeal:
        """Register a department's seal once its own verification (S1, S2, S11 to S14) is valid.

        Raises:
            SealRefused: it is not valid; recorded.
            SealKnown, NoSuchHolder.
        """
        now = self._now()
        if len(raw) > self._largest:
            raise refused(SealRefused, [_too_large()])
        mark = await self._examiner.mark(raw)
        async with self._database.connection() as connection:
            sources = await self._evidences.held_for(connection, mark.certificates)
        new, report = await self._examiner.seal(raw, sources, now)
        if new is None:
            steps = failed(report)
            await self._log.append(_refusal(actor, org, report, steps))
            raise refused(SealRefused, steps)
        made = new_id()
        async with self._database.transaction() as tx:
            detail = {"es_id": new.es_id, "vid": new.vid, "name": new.name, "sha256": new.sha256.hex()}
            event = _event(
                EventType.SEAL_REGISTERED, actor, made, org, {**detail, "codes": list(report.codes)}
            )
            written = await self._log.emit(tx, event)
            await store.add(tx, made, org, new, actor.id, now, written)
            first = StatusChange(
                1, SealStatus.IN_FORCE, new.starts_at, "登记 registered", actor.id, now, written.event_id
            )
            await store.add_change(tx, made, first)
            return await self._found(tx, made)

    async def change(
        self, actor: Principal, seal: UUID, status: SealStatus, reason: str, since: datetime | None
    ) -> RegisteredSeal:
        """Suspend a seal, put it in force again, report its loss, or revoke it.

        Args:
            since: from when it holds; a loss or revocation may reach back, and stamps received after it count no longer.

        Raises:
            SealNotInStatus: the status cannot follow from the present one.
            Invalid: ``since`` lies in the future, or before now where the status cannot reach back.
            NoSuchSeal.
        """
        now = self._now()
        _check_since(status, since, now)
        async with self._database.transaction() as tx:
            held = await store.lock(tx, seal)
            if held is None:
                raise _unknown(seal)
            if status not in FOLLOWS[held.status]:
                raise SealNotInStatus(
                    f"the seal is {held.status}", f"印章现为{STATUS_ZH[held.status]}", state=held.status
                )
            begins = since or now
            detail = {"before": held.status, "status": status, "since": begins.isoformat(), "reason": reason}
            event = _event(EventType.SEAL_STATUS_CHANGED, actor, seal, held.org, detail, held)
            written = await self._log.emit(tx, event)
            number = held.changes[-1].number + 1
            change = StatusChange(number, status, begins, reason, actor.id, now, written.event_id)
            await store.add_change(tx, seal, change)
            await store.set_status(tx, seal, status, written)
            return await self._found(tx, seal)

    async def show(self, seal: UUID) -> RegisteredSeal:
        """One seal. Raises NoSuchSeal."""
        async with self._database.connection() as connection:
            return await self._found(connection, seal)

    async def listed(
        self, org: str | None, status: SealStatus | None, after: UUID | None, count: int
    ) -> list[RegisteredSeal]:
        """Newest first; whose seal is in force everybody may know."""
        async with self._database.connection() as connection:
            return await store.listed(connection, org, status, after, count)

    async def _found(self, tx: Connection, seal: UUID) -> RegisteredSeal:
        found = await store.find(tx, seal)
        if found is None:
            raise _unknown(seal)
        return found


def _unknown(seal: UUID) -> NoSuchSeal:
    return NoSuchSeal(f"no seal {seal}", f"没有电子印章 {seal}")


def _too_large() -> Told:
    return told(Step("S0", "fail", "LIMITS", ""))


def _check_since(status: SealStatus, since: datetime | None, now: datetime) -> None:
    if since is None:
        return
    if since > now:
        raise Invalid(FieldFault("/since", "lies in the future", "起始时间晚于当前时间"))
    if status not in BACKDATED:
        raise Invalid(
            FieldFault("/since", "only a loss or a revocation may reach back", "仅挂失、注销可追溯起始时间")
        )


def _refusal(actor: Principal, org: OrgCode, report: Report, steps: list[Told]) -> Event:
    return Event(
        type=EventType.SEAL_REFUSED, outcome=Outcome.DENY, who=who(actor, Role.PLATFORM_ADMIN),
        reason=SealRefused.slug(), provider_org=org, object_kind="seal",
        detail={"verdict": report.verdict, "steps": shown(steps)},
    )  # fmt: skip


def _event(
    kind: EventType, actor: Principal, seal: UUID, org: OrgCode, detail: dict[str, Any], held: RegisteredSeal | None = None
) -> Event:  # fmt: skip
    return Event(
        type=kind, outcome=Outcome.DONE, who=who(actor, Role.PLATFORM_ADMIN), provider_org=org, object_kind="seal",
        object_id=str(seal), detail=detail, cause=(held.cause,) if held else (),
    )  # fmt: skip
