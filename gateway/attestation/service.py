"""Handing out statements: one act, one audit record; the record is durable before the statement leaves."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.attestation.keys import SealKeys
from gateway.attestation.model import (
    DECIDING,
    DECISION,
    RECEIPT,
    Issuer,
    RecordDamaged,
    content_of,
    decision_content,
    expected_acts,
    receipt_content,
)
from gateway.audit import AuditLog, AuditReader, Event, EventType, Outcome, Record
from gateway.authz import Applications
from gateway.errors import Conflict, NotFound, Unavailable
from gateway.identity import Role, who
from gateway.names import ApplicationId
from gateway.storage import Database
from gateway.web import Principal

_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class NothingDecided(Conflict):
    """Nothing was decided on the application yet（该申请尚未作出决定）."""

    remedy = ("Ask again once it was reviewed.", "请在规范性审查后再申请出证。")


class NotOnRecordYet(Unavailable):
    """The act is not in the audit ledger yet（该行为尚未写入审计账本）."""

    remedy = ("Ask again in a second.", "请稍候一秒再试。")


class NoSuchReceipt(NotFound):
    """There is no such receipt（没有该回执）."""

    remedy = (
        "Use the Receipt-Id or Request-Id of the call's answer; a receipt is ready about a second after it.",
        "请使用调用应答中的 Receipt-Id 或 Request-Id；应答约一秒后即可出具回执。",
    )


class Attestation:
    """The two statements. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        reader: AuditReader,
        applications: Applications,
        keys: SealKeys,
        issuer: Issuer,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._reader = reader
        self._applications = applications
        self.keys = keys
        self._issuer = issuer
        self._now = now

    async def decision(self, actor: Principal, application: ApplicationId) -> dict[str, str]:
        """The sealed statement of what was decided on an application, to whoever may see it.

        Raises:
            NoSuchApplication, NothingDecided, NotOnRecordYet, RecordDamaged, AuditUnavailable.
        """
        standing = await self._applications.show(actor, application)
        at, wanted = standing.application, expected_acts(standing.application.state, standing.grant_id)
        if not wanted and not at.was_accepted:
            raise NothingDecided("it waits for its review", "该申请等待规范性审查")
        found = await self._reader.acts_on(application, DECIDING)
        if wanted - {record.columns.type for record in found} or not found:
            raise NotOnRecordYet("the decision is not in the ledger yet", "该决定尚未写入审计账本")
        content = decision_content(self._issuer, found, self._now())
        return await self._sealed(
            DECISION, content, EventType.DECISION_SEALED, actor, object_kind="application", object_id=str(at.id),
            consumer_org=at.consumer_org, provider_org=at.provider_org, application_id=str(at.id),
        )  # fmt: skip

    async def receipt(self, actor: Principal, receipt: UUID) -> dict[str, str]:
        """The sealed receipt of an answered call, to its two departments and to who watches over all.

        Args:
            receipt: the id of its release, or of the call itself: the head of a long answer leaves before the release.

        Raises:
            NoSuchReceipt: also for others. RecordDamaged, AuditUnavailable.
        """
        released = await self._reader.evidence(receipt) or await self._reader.of_request(
            receipt, EventType.CALL_RELEASED
        )
        if released is None or released.columns.type != EventType.CALL_RELEASED:
            raise _unknown(receipt)
        at = released.columns
        if actor.org not in (at.consumer_org, at.provider_org) and not actor.roles & _EVERYWHERE:
            raise _unknown(receipt)
        intended = await self._intended(released)
        content = receipt_content(self._issuer, intended, released, self._now())
        return await self._sealed(
            RECEIPT, content, EventType.RECEIPT_ISSUED, actor, object_kind="receipt", object_id=str(at.event_id),
            consumer_org=at.consumer_org or "", provider_org=at.provider_org or "", grant_id=str(at.grant_id or ""),
            application_id=str(at.application_id or ""),
        )  # fmt: skip

    async def _intended(self, released: Record) -> Record:
        causes = content_of(released).get("cause", ())
        found = await self._reader.evidence(UUID(causes[0]["id"])) if causes else None
        if found is None:
            raise RecordDamaged(
                f"the intent of the record {released.idx} is missing",
                f"缺少第 {released.idx} 条记录的调用准备记录",
            )
        return found

    async def _sealed(
        self, kind: str, content: dict[str, Any], act: EventType, actor: Principal, **about: Any
    ) -> dict[str, str]:
        async with self._database.transaction() as tx:
            sealed = await self.keys.seal(tx, kind, content)
            digest = hashlib.sha256(sealed["payload"].encode()).hexdigest()
            await self._log.emit(
                tx, Event(act, Outcome.DONE, who(actor), detail={"payload_sha256": digest}, **about)
            )
        return sealed


def _unknown(receipt: UUID) -> NoSuchReceipt:
    return NoSuchReceipt(f"no receipt {receipt}", f"没有回执 {receipt}")
