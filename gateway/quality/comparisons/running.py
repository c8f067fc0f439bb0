"""The worker: takes what is due, reads both sides, keeps the report; N processes share the work."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NoReturn
from uuid import UUID

import orjson

from gateway.audit import JSON, AuditLog, Event, EventType, Outcome, Who
from gateway.catalog import Catalog, State
from gateway.errors import GatewayError
from gateway.names import new_id
from gateway.quality.comparisons import store
from gateway.quality.comparisons.model import Comparing, Comparison, Run
from gateway.quality.comparisons.sources import Sources
from gateway.seals import Vault
from gateway.seals.pseudonyms import Pseudonyms
from gateway.storage import Database
from gateway.telemetry import get_logger

_log = get_logger()
_ABANDONED: Final = timedelta(hours=1)


class Running:
    """One process's share of the comparisons; :meth:`run` is a worker of the control part."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        catalog: Catalog,
        sources: Sources,
        pseudonyms: Pseudonyms,
        vault: Vault,
        poll_seconds: float,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._catalog = catalog
        self._sources = sources
        self._pseudonyms = pseudonyms
        self._vault = vault
        self._poll_seconds = poll_seconds
        self._now = now

    async def run(self) -> NoReturn:
        """Compare until cancelled; a database that fails is asked again with the next poll."""
        while True:
            try:
                while await self.once():
                    pass
            except GatewayError as fault:
                _log.error("comparisons.failed", why=fault.detail)
            except Exception:  # what compares must not be what takes the gateway down
                _log.exception("comparisons.broke")
            await asyncio.sleep(self._poll_seconds)

    async def once(self) -> bool:
        """Run one that is due; whether there was one."""
        now = self._now()
        async with self._database.transaction() as tx:
            due = await store.claim_due(tx, now, now - _ABANDONED)
        if due is None:
            return False
        async with self._database.connection() as connection:
            comparison = await store.find(connection, due)
        if comparison is not None:
            await self._keep(comparison, await self._ran(comparison, now))
        return True

    async def _ran(self, comparison: Comparison, started: datetime) -> Run:
        new = new_id()
        try:
            found = await self._compared(comparison)
        except GatewayError as refused:
            return Run(new, comparison.id, started, self._now(), refused.slug(), None)
        report = found.report()
        sealed = self._vault.wrap(orjson.dumps(found.sampled), str(new))
        return Run(new, comparison.id, started, self._now(), None, report, sealed)

    async def _compared(self, comparison: Comparison) -> Comparing:
        async with self._database.connection() as connection:
            left = await self._catalog.at(connection, comparison.left.resource)
            right = await self._catalog.at(connection, comparison.right.resource)
        for side in (left, right):
            if side.state is not State.PUBLISHED:
                await self._catalog_gone(side.id)

        def pseudonyms(key: str) -> tuple[str, str]:
            mine = self._pseudonyms.of(left.description.code, {comparison.left.key: key})
            other = self._pseudonyms.of(right.description.code, {comparison.right.key: key})
            return mine.hex(), other.hex()

        comparing = Comparing(comparison.left.items, pseudonyms)
        async for page in self._sources.read(left, comparison.left):
            comparing.left(page)
        async for page in self._sources.read(right, comparison.right):
            comparing.right(page)
        return comparing

    async def _catalog_gone(self, resource: UUID) -> None:
        async with self._database.connection() as connection:
            await self._catalog.published(connection, resource)  # type: ignore[arg-type]  # raises what it is

    async def _keep(self, comparison: Comparison, run: Run) -> None:
        again = timedelta(comparison.every_days) if comparison.every_days else None
        detail: dict[str, JSON] = {"comparison": str(comparison.id)}
        if run.report is not None:
            detail |= run.report.model_dump(mode="json", exclude={"samples"})
        async with self._database.transaction() as tx:
            await self._log.emit(
                tx,
                Event(
                    EventType.COMPARISON_RAN, Outcome.DONE if run.fault is None else Outcome.ERROR,
                    Who(kind="system", id="comparisons"), reason=run.fault or "", provider_org=comparison.left_org,
                    object_kind="comparison", object_id=str(comparison.id), detail=detail, cause=(comparison.cause,),
                ),
            )  # fmt: skip
            await store.keep_run(tx, run, run.started_at + again if again else None)
