"""Acts on alerts: raised by the watch, listed, acknowledged by a person."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gateway.alerts import store
from gateway.alerts.model import Alert, Hit, Rule
from gateway.audit import AuditLog, Cause, Event, EventType, Outcome, Who
from gateway.errors import Conflict, NotFound
from gateway.identity import Role, who
from gateway.names import GrantId, OrgCode, new_id
from gateway.storage import Connection, Database
from gateway.supervision import NoticeKind, Told, tell
from gateway.web import Principal

Suspend = Callable[[GrantId, str, str, UUID | None], Awaitable[None]]
"""Suspends a grant, if it is not suspended: the grant, why in words, the rule, and the record that shows it."""


class NoSuchAlert(NotFound):
    """There is no such alert（没有该告警）."""


class AlertAcknowledged(Conflict):
    """The alert was acknowledged before（告警已被确认）."""


class Alerts:
    """Alerts on the audit log. ``now`` gives the present instant with its zone.

    Args:
        platform: whose handler is told.
        node: this host's name in records.

    ``suspend`` is what a rule that suspends does; the roof sets it, because grants lie in a room of their own.
    """

    def __init__(
        self, database: Database, log: AuditLog, rules: Sequence[Rule], platform: OrgCode, node: str,
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self.rules = rules
        self._database = database
        self._log = log
        self._platform = platform
        self._node = node
        self._now = now
        self.suspend: Suspend | None = None

    async def raise_for(self, hits: Sequence[Hit], next_idx: int | None = None) -> list[Alert]:
        """Count the hits on open alerts and open new ones; what was looked at up to ``next_idx`` is remembered with it.

        Raises:
            DatabaseDown, AuditUnavailable: nothing was changed.
        """
        grouped: dict[tuple[str, str], list[Hit]] = {}
        for hit in hits:
            grouped.setdefault((hit.rule.id, hit.key), []).append(hit)
        raised = []
        for some in grouped.values():
            await self._act_on(some[-1])
        async with self._database.transaction() as tx:
            for (rule, key), some in sorted(grouped.items()):
                last = some[-1]
                if not await store.again(tx, rule, key, len(some), last.at, _event(last)):
                    raised.append(await self._open(tx, some))
            if next_idx is not None:
                await store.move(tx, next_idx)
        return raised

    async def _act_on(self, hit: Hit) -> None:
        """Before the alert, so that a crash between the two leaves a grant that is suspended and records to be seen again."""
        if hit.rule.suspends and hit.key and self.suspend is not None:
            because = f"{hit.rule.title_zh}（{hit.rule.title}）"
            await self.suspend(GrantId(UUID(hit.key)), because, hit.rule.id, _event(hit))

    async def listed(self, actor: Principal, only_open: bool, after: UUID | None, count: int) -> list[Alert]:
        """Newest first; being looked at is on record before they are shown.

        Raises:
            AuditUnavailable: it could not be recorded.
        """
        async with self._database.connection() as connection:
            found = await store.list_alerts(connection, only_open, after, count)
        asked = {"alerts": len(found), "only_open": only_open}
        await self._log.append(
            Event(EventType.AUDIT_QUERIED, Outcome.ALLOW, Who.of(actor, _role(actor)), detail=asked)
        )
        return found

    async def acknowledge(self, actor: Principal, alert: UUID, note: str) -> Alert:
        """Somebody has looked into it and says what it was; the next hit opens another.

        Raises:
            NoSuchAlert, AlertAcknowledged.
        """
        async with self._database.transaction() as tx:
            found = await store.lock_alert(tx, alert)
            if found is None:
                raise NoSuchAlert(f"no alert {alert}", f"没有告警 {alert}")
            if found.acknowledged_at is not None:
                raise AlertAcknowledged("it was acknowledged before", "该告警已被确认")
            at = self._now()
            await self._log.emit(
                tx,
                Event(
                    EventType.ALERT_ACKNOWLEDGED, Outcome.DONE, who(actor, Role.SECURITY_ADMIN), object_kind="alert",
                    object_id=str(alert), detail={"rule": found.rule, "times": found.times, "note": note},
                ),
            )  # fmt: skip
            await store.acknowledge(tx, alert, at, actor.id, note)
        return replace(found, acknowledged_at=at, acknowledged_by=actor.id, note=note)

    async def _open(self, tx: Connection, hits: Sequence[Hit]) -> Alert:
        first, last = hits[0], hits[-1]
        rule, alert = first.rule, new_id()
        made = Alert(
            alert, rule.id, first.key, rule.severity, first.at, last.at, len(hits), _event(first), _event(last), None,
            None, None,
        )  # fmt: skip
        await self._log.emit(
            tx,
            Event(
                EventType.ALERT_RAISED, Outcome.DONE, Who(kind="system", id=self._node), object_kind="alert",
                object_id=str(alert), cause=_cause(first),
                detail={"rule": rule.id, "severity": rule.severity, "key": first.key, "times": len(hits)},
            ),
        )  # fmt: skip
        await store.add_alert(tx, made)
        await tell(
            tx,
            Told(
                NoticeKind.ALARM, self._platform, "alert", alert, f"{rule.title_zh} {rule.title}",
                f"Audit rule {rule.id}, severity {rule.severity}.", f"审计告警规则 {rule.id}，级别 {rule.severity}。",
            ),
            self._now(),
        )  # fmt: skip
        return made


def _event(hit: Hit) -> UUID | None:
    return hit.record.columns.event_id if hit.record else None


def _cause(hit: Hit) -> tuple[Cause, ...]:
    if hit.record is None:
        return ()
    return (Cause(hit.record.columns.event_id, hashlib.sha256(hit.record.whole()).digest()),)


def _role(actor: Principal) -> str:
    return next(
        (role for role in (Role.AUDITOR, Role.SECURITY_ADMIN) if role in actor.roles), Role.PLATFORM_ADMIN
    )
