"""The worker of the queue: takes what is due, speaks to the upper platform, keeps the answer; N processes share it.

At least once over the wire, once in effect: everything told carries its object and version or our own number, and an
answer that got lost is asked for again. Nothing here waits in a transaction for the network.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn
from uuid import UUID

from gateway.audit import AuditLog, EventType
from gateway.errors import GatewayError
from gateway.federation import store
from gateway.federation.evidence import SELF, cascade_event
from gateway.federation.model import ASKED_AFTER, Cascade, CascadeState, Flow, Told, wait_after
from gateway.federation.platforms import Platform, Platforms
from gateway.federation.reporting import Reporting
from gateway.federation.upper import UpperRefuses, Uppers, UpperSilent
from gateway.storage import Connection, Database
from gateway.telemetry import Metrics, get_logger

_log = get_logger()
_LEASE: Final = timedelta(seconds=120)
_AT_ONCE: Final = 10
_TEXT_MOST: Final = 500


class Sending:
    """One process's share of the queue; :meth:`run` is a worker of the control part."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        platforms: Platforms,
        uppers: Uppers,
        reporting: Reporting,
        metrics: Metrics,
        tick_seconds: float,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._platforms = platforms
        self._uppers = uppers
        self._reporting = reporting
        self._metrics = metrics
        self._tick_seconds = tick_seconds
        self._now = now

    async def run(self) -> NoReturn:
        """Work until cancelled; a database that fails is asked again with the next tick."""
        while True:
            try:
                while await self._reporting.look() + await self.once():
                    continue
                await self._fetch_classes()
                await self._count()
            except GatewayError as fault:
                _log.error("cascade.failed", why=fault.detail)
            except Exception:  # an upper platform must not be able to take the gateway down
                _log.exception("cascade.broke")
            await asyncio.sleep(self._tick_seconds)

    async def once(self) -> int:
        """Do what is due of the enabled platforms; how many were taken."""
        names = [platform.id for platform in self._platforms.enabled]
        now = self._now()
        async with self._database.connection() as connection:
            taken = await store.claim(connection, names, now, now + _LEASE, _AT_ONCE)
        await asyncio.gather(*(self._do(one) for one in taken))
        return len(taken)

    async def _do(self, cascade_id: UUID) -> None:
        """One attempt. What goes wrong inside the gateway is tried again when the lease is over."""
        async with self._database.connection() as connection:
            cascade = await store.find(connection, cascade_id)
            if cascade is None:
                return
            body = await _body(connection, cascade)
        platform = self._platforms.get(cascade.platform)
        try:
            if body is None:
                raise UpperSilent("its catalogue entry was not taken yet", "所属目录尚未上报成功")
            told = await self._ask(platform, cascade, body)
        except UpperRefuses as no:
            self._metrics.upper_calls.labels("refused").inc()
            await self._refused(platform, cascade, no)
        except GatewayError as fault:
            self._metrics.upper_calls.labels("silent").inc()
            await self._put_off(platform, cascade, fault)
        else:
            self._metrics.upper_calls.labels("ok").inc()
            await self._keep(platform, cascade, told)

    async def _ask(self, platform: Platform, cascade: Cascade, body: Mapping[str, Any]) -> Told:
        operation = ASKED_AFTER[cascade.flow] if cascade.is_asked_after else cascade.flow
        return _told(platform, await self._uppers.ask(platform, operation, body))

    async def _put_off(self, platform: Platform, cascade: Cascade, fault: GatewayError) -> None:
        """An outage: the cascade waits in its place; that is no step of it."""
        wait = wait_after(cascade.attempts + 1, timedelta(seconds=platform.retry_most_seconds))
        _log.warning(
            "cascade.put_off", cascade=str(cascade.id), attempts=cascade.attempts + 1, why=fault.detail
        )
        async with self._database.connection() as connection:
            await store.put_off(connection, cascade.id, self._now() + wait, fault.detail[:_TEXT_MOST], True)

    async def _refused(self, platform: Platform, cascade: Cascade, no: UpperRefuses) -> None:
        """A no to a report is for a person; a no to a question about one is asked again later."""
        if cascade.is_asked_after:
            await self._put_off(platform, cascade, no)
            return
        await self._move(
            replace(cascade, state=CascadeState.REJECTED, fault=no.detail[:_TEXT_MOST]),
            EventType.CASCADE_REJECTED,
        )

    async def _keep(self, platform: Platform, cascade: Cascade, told: Told) -> None:
        now = self._now()
        poll = now + timedelta(seconds=platform.poll_seconds)
        if not cascade.is_asked_after:
            after = replace(
                cascade, state=told.state or CascadeState.REPORTED, told=told, reported_at=now, next_at=poll, fault="",
                answered_at=now if told.state else None,
            )  # fmt: skip
            await self._move(after, EventType.CASCADE_REPORTED)
        elif told.state is not None or _is_news(cascade.told, told):
            state = told.state or cascade.state
            answered = now if told.state else None
            after = replace(cascade, state=state, told=told, next_at=poll, fault="", answered_at=answered)
            await self._move(after, EventType.CASCADE_ANSWERED)
        else:
            async with self._database.connection() as connection:
                await store.put_off(connection, cascade.id, poll, "", False)

    async def _move(self, after: Cascade, kind: EventType) -> None:
        """A step, unless somebody took it meanwhile: a lease that lapsed lets two processes ask the same thing."""
        async with self._database.transaction() as tx:
            present = await store.lock(tx, after.id)
            if present is None or present.cause != after.cause:
                return
            await store.move(tx, after, await self._log.emit(tx, cascade_event(kind, SELF, after)))

    async def _fetch_classes(self) -> None:
        """目录分类 come down, as a whole list."""
        for platform in self._platforms.enabled:
            if "classes" not in platform.operations:
                continue
            now = self._now()
            soon = now + timedelta(seconds=platform.retry_most_seconds)
            async with self._database.connection() as connection:
                if not await store.claim_classes(connection, platform.id, now, soon):
                    continue
            try:
                found = _classes(await self._uppers.ask(platform, "classes", {}))
            except GatewayError as fault:
                _log.warning("cascade.classes.put_off", platform=platform.id, why=fault.detail)
                continue
            again = now + timedelta(hours=platform.classes_hours)
            async with self._database.transaction() as tx:
                await store.replace_classes(tx, platform.id, found, now, again)

    async def _count(self) -> None:
        async with self._database.connection() as connection:
            found = await store.census(connection)
        for state in CascadeState:
            self._metrics.cascades.labels(state).set(found.get(state, 0))


async def _body(connection: Connection, cascade: Cascade) -> dict[str, Any] | None:
    """What to send: the question about what was reported, or the report; None while what it stands on is missing."""
    if cascade.is_asked_after:
        return {"id": cascade.told.upper_id, "number": cascade.object_id}
    if cascade.flow not in (Flow.SERVICE, Flow.TABLE):
        return dict(cascade.payload)
    entry = await store.upper_id_of_entry(connection, cascade.platform, cascade.object_id)
    return None if entry is None else {**cascade.payload, "cataId": entry}


def _told(platform: Platform, data: Any) -> Told:
    """The answer in our words; what is no object holds nothing."""
    words, given = platform.words, data if isinstance(data, dict) else {}
    texts = [
        str(given.get(name) or "")[:_TEXT_MOST] for name in (words.id, words.code, words.status, words.said)
    ]
    return Told(texts[0], texts[1], texts[2], texts[3], words.decision(texts[2]))


def _is_news(before: Told, now: Told) -> bool:
    pairs = (
        (before.upper_status, now.upper_status),
        (before.upper_code, now.upper_code),
        (before.said, now.said),
    )
    return any(new and new != old for old, new in pairs)


def _classes(data: Any) -> list[tuple[str, str, str]]:
    """Code, name, code above; the last of a repeated code counts. Raises UpperSilent on anything else than a list."""
    if not isinstance(data, list):
        raise UpperSilent("the class codes are no list", "目录分类不是列表")
    found = {}
    for one in data:
        if not isinstance(one, dict) or not one.get("code") or not one.get("name"):
            raise UpperSilent("a class has no code or name", "目录分类缺少代码或名称")
        found[str(one["code"])[:64]] = (str(one["name"])[:200], str(one.get("parent") or "")[:64])
    return [(code, name, parent) for code, (name, parent) in found.items()]
