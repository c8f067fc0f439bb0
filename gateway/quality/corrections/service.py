"""Acts on corrections: each method is one act, one transaction, one audit record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from gateway.audit import JSON, AuditLog, Cause, EventType
from gateway.authz.grants import Grant, Grants
from gateway.authz.grants.service import NoSuchGrant
from gateway.catalog import Catalog, Resource
from gateway.deadlines import Clockwork, Subject, local_day
from gateway.errors import Conflict, FieldFault, Invalid, NotFound
from gateway.identity import Role
from gateway.names import GrantId, OrgCode, new_id
from gateway.quality.comparisons import store as comparisons
from gateway.quality.comparisons.model import Run
from gateway.quality.comparisons.service import NoSuchComparison
from gateway.quality.corrections import store
from gateway.quality.corrections.clock import case_of, clocks_of, reckoned
from gateway.quality.corrections.evidence import correction_event, notice_event
from gateway.quality.corrections.informing import answered, corrected, doubted
from gateway.quality.corrections.model import (
    Content,
    Correction,
    Doubt,
    Notice,
    State,
    is_personal,
    key_faults,
)
from gateway.seals import Vault
from gateway.seals.pseudonyms import Pseudonyms
from gateway.storage import Connection, Database, Once, claim
from gateway.supervision import keep, tell
from gateway.web import Principal

_SEE_ALL = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class NoSuchCorrection(NotFound):
    """There is no such correction（没有该校核申请）."""


class NoSuchCorrectionNotice(NotFound):
    """There is no such notice to your department（没有发给本部门的该告知）."""


class CorrectionClosed(Conflict):
    """The correction is over（校核申请已办结）."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A correction as one reader may see it; ``content`` is None for who is no party to it."""

    correction: Correction
    content: Content | None
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Ground:
    """From what a doubt follows: a grant, or a comparison of the authority."""

    grant_id: GrantId | None
    comparison_id: UUID | None
    consumer_org: OrgCode
    cause: Cause


class Corrections:
    """The acts on corrections. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        catalog: Catalog,
        grants: Grants,
        clocks: Clockwork,
        vault: Vault,
        pseudonyms: Pseudonyms,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._catalog = catalog
        self._grants = grants
        self._clocks = clocks
        self._vault = vault
        self._pseudonyms = pseudonyms
        self.now = now

    async def file(
        self,
        actor: Principal,
        grant: GrantId,
        item: str,
        doubt: Doubt,
        content: Content,
        once: Once | None,
    ) -> Opened:
        """A recipient doubts one item of one record received under a grant (Decree 809 Art. 26).

        Raises:
            NoSuchGrant: none of the own department.
            Invalid: the item is not in the grant, or the key not of the resource.
            AlreadyDoubted: an open one of this department says the same.
        """
        new = new_id()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._opened(tx, actor, earlier)
            held = await self._grants.at(tx, grant)
            if held is None or held.consumer_org != actor.org:
                raise NoSuchGrant(f"no grant {grant}", f"没有授权 {grant}")
            filed = await self._filed(tx, new, actor, held, item, doubt, content)
            return await self._put(tx, actor, Role.REQUESTER, filed)

    async def file_found(
        self, actor: Principal, comparison: UUID, sample: int, side: str, item: str, note: str
    ) -> Opened:
        """The authority has a side of a comparison verify one sampled record; it never sees the key itself.

        Raises:
            NoSuchComparison.
            Invalid: the newest report has no such sample, or the side no such item.
            AlreadyDoubted: an open one says the same.
        """
        new = new_id()
        async with self._database.transaction() as tx:
            found = await comparisons.find(tx, comparison)
            runs = await comparisons.runs_of(tx, comparison, 1)
            if found is None:
                raise NoSuchComparison(f"no comparison {comparison}", f"没有多源校核 {comparison}")
            doubted = found.left if side == "left" else found.right
            key = self._sampled(runs, sample)
            resource = await self._catalog.at(tx, doubted.resource)
            if resource.description.item(item) is None:
                raise Invalid(FieldFault("/item", "not an item of that side", "该侧资源没有此信息项"))
            content = Content({doubted.key: key}, None, None, note)
            ground = _Ground(None, comparison, OrgCode(actor.org), found.cause)
            filed = self._made(new, actor, resource, ground, item, Doubt.WRONG, content)
            return await self._put(tx, actor, Role.PLATFORM_ADMIN, filed)

    async def answer(self, actor: Principal, correction: UUID, outcome: State, report: str) -> Opened:
        """The provider reports back: corrected, or found right; every other recipient of a corrected record is told.

        Raises:
            NoSuchCorrection: not of the own department's data.
            CorrectionClosed, SelfApproval.
        """
        async with self._database.transaction() as tx:
            before = await self._open_one(tx, correction, actor.org, "provider_org")
            now = self.now()
            after = replace(
                before, state=outcome, report=report, answered_by=actor.id, closed_at=now, version=before.version + 1
            )  # fmt: skip
            told = []
            if outcome is State.CORRECTED:
                told = await store.recipients(tx, before.resource_id, before.consumer_org)
                await store.tell(tx, correction, told, now)
                for org in sorted({org for _, org in told}):
                    await tell(tx, corrected(after, org), now)
            detail: dict[str, JSON] = {
                "outcome": outcome,
                "in_time": not after.is_overdue(now),
                "told": len(told),
            }
            event = correction_event(EventType.CORRECTION_ANSWERED, actor, Role.PROVIDER, after, **detail)
            await store.close(tx, after, await self._log.emit(tx, event))
            await keep(tx, case_of(after), clocks_of(self._clocks, after, now))
            await tell(tx, answered(after), now)
            return await self._opened(tx, actor, correction)

    async def withdraw(self, actor: Principal, correction: UUID, reason: str) -> Opened:
        """The recipient takes an open doubt back.

        Raises:
            NoSuchCorrection, CorrectionClosed.
        """
        async with self._database.transaction() as tx:
            before = await self._open_one(tx, correction, actor.org, "consumer_org")
            after = replace(
                before, state=State.WITHDRAWN, report=reason, closed_at=self.now(), version=before.version + 1
            )
            event = correction_event(EventType.CORRECTION_WITHDRAWN, actor, Role.REQUESTER, after)
            await store.close(tx, after, await self._log.emit(tx, event))
            await keep(tx, case_of(after), clocks_of(self._clocks, after, self.now()))
            return await self._opened(tx, actor, correction)

    async def show(self, actor: Principal, correction: UUID) -> Opened:
        """Raises NoSuchCorrection, also for departments that are no party to it."""
        async with self._database.connection() as connection:
            return await self._opened(connection, actor, correction)

    async def listed(
        self, actor: Principal, state: State | None, after: UUID | None, count: int
    ) -> list[Correction]:
        """Newest first: all for the administrators, those of or to the own department for others."""
        async with self._database.connection() as connection:
            found = await store.listed(connection, _scope(actor), state, after, count)
        now = self.now()
        return [reckoned(self._clocks, one, now) for one in found]

    async def doubts(self, actor: Principal, grant: GrantId) -> tuple[int, datetime | None]:
        """How many corrections of the grant's resource are open, and since when: what its callers are told.

        Raises:
            NoSuchGrant.
        """
        held = await self._grants.show(actor, grant)
        async with self._database.connection() as connection:
            return await store.open_doubts(connection, held.resource_id)

    async def notices(self, actor: Principal, after: UUID | None, count: int) -> list[Notice]:
        """Newest first: all for the administrators, those to the own department for others."""
        async with self._database.connection() as connection:
            return await store.notices(connection, _scope(actor), after, count)

    async def acknowledge(self, actor: Principal, notice: UUID) -> Notice:
        """A recipient has looked after its copies. Raises NoSuchCorrectionNotice."""
        async with self._database.transaction() as tx:
            found = await self._own_notice(tx, actor, notice)
            if found.acknowledged_at is None:
                await self._log.emit(tx, notice_event(EventType.CORRECTION_ACKNOWLEDGED, actor, found))
                await store.acknowledge(tx, notice, actor.id, self.now())
            return await self._own_notice(tx, actor, notice)

    async def matches(self, actor: Principal, notice: UUID, key: Mapping[str, str]) -> bool:
        """Whether a record the recipient holds is the corrected one: yes or no, and the question is recorded.

        Raises:
            NoSuchCorrectionNotice.
        """
        async with self._database.transaction() as tx:
            found = await self._own_notice(tx, actor, notice)
            same = self._pseudonyms.of(found.resource_code, key) == found.pseudonym
            await self._log.emit(tx, notice_event(EventType.CORRECTION_MATCHED, actor, found, same=same))
            return same

    async def _put(self, tx: Connection, actor: Principal, role: Role, filed: Correction) -> Opened:
        written = await self._log.emit(tx, correction_event(EventType.CORRECTION_FILED, actor, role, filed))
        await store.add(tx, replace(filed, cause=written.cause))
        await keep(tx, case_of(filed), clocks_of(self._clocks, filed, self.now()))
        await tell(tx, doubted(filed), self.now())
        return await self._opened(tx, actor, filed.id)

    async def _filed(
        self,
        tx: Connection,
        new: UUID,
        actor: Principal,
        grant: Grant,
        item: str,
        doubt: Doubt,
        content: Content,
    ) -> Correction:
        resource = await self._catalog.at(tx, grant.resource_id)
        faults = key_faults(content.key, resource.description)
        if item not in grant.terms.fields:
            faults.append(FieldFault("/item", "the grant does not hold this item", "授权不含此信息项"))
        if faults:
            raise Invalid(*faults)
        ground = _Ground(grant.id, None, grant.consumer_org, grant.cause)
        return self._made(new, actor, resource, ground, item, doubt, content)

    def _made(
        self,
        new: UUID,
        actor: Principal,
        resource: Resource,
        ground: "_Ground",
        item: str,
        doubt: Doubt,
        content: Content,
    ) -> Correction:
        now, code = self.now(), resource.description.code
        said = orjson.dumps([dict(content.key), content.seen, content.expected, content.note])
        made = Correction(
            id=new, resource_id=resource.id, resource_code=code, grant_id=ground.grant_id,
            comparison_id=ground.comparison_id, consumer_org=ground.consumer_org,
            provider_org=resource.provider_org, item=item, doubt=doubt,
            pseudonym=self._pseudonyms.of(code, content.key),
            key_shown=None if is_personal(content.key, resource.description) else content.key,
            sealed=self._vault.wrap(said, str(new)), state=State.OPEN,
            rule_sets=self._clocks.in_force(local_day(now), Subject.CORRECTION),
            filed_by=actor.id, filed_at=now, report=None, answered_by=None, closed_at=None, version=1,
            cause=ground.cause,
        )  # fmt: skip
        return reckoned(self._clocks, made, now)

    def _sampled(self, runs: list[Run], sample: int) -> str:
        keys = (
            orjson.loads(self._vault.unwrap(runs[0].sealed, str(runs[0].id)))
            if runs and runs[0].sealed
            else []
        )
        if sample >= len(keys):
            raise Invalid(
                FieldFault("/sample", "the newest report has no such sample", "最近一次报告没有该样例")
            )
        return str(keys[sample])

    async def _open_one(self, tx: Connection, correction: UUID, org: str, party: str) -> Correction:
        found = await store.lock(tx, correction)
        if found is None or getattr(found, party) != org:
            raise _unknown(correction)
        if found.state is not State.OPEN:
            raise CorrectionClosed(
                f"it was closed as {found.state}", f"该校核申请已办结：{found.state}", state=found.state
            )
        return reckoned(self._clocks, found, self.now())

    async def _opened(self, tx: Connection, actor: Principal, correction: UUID) -> Opened:
        found = await store.find(tx, correction)
        parties = (found.consumer_org, found.provider_org) if found else ()
        if found is None or not (actor.org in parties or actor.roles & _SEE_ALL):
            raise _unknown(correction)
        content = self._content(found) if _is_party(actor, found) else None
        timed = reckoned(self._clocks, found, self.now())
        return Opened(timed, content, tuple(await store.notices_of(tx, correction)))

    def _content(self, correction: Correction) -> Content:
        said = orjson.loads(self._vault.unwrap(correction.sealed, str(correction.id)))
        return Content(*said)

    async def _own_notice(self, tx: Connection, actor: Principal, notice: UUID) -> Notice:
        found = await store.lock_notice(tx, notice)
        if found is None or found.consumer_org != actor.org:
            raise NoSuchCorrectionNotice(f"no notice {notice}", f"没有告知 {notice}")
        return found


def _is_party(actor: Principal, correction: Correction) -> bool:
    """Who files and who answers, by department and role: nobody else reads keys and values."""
    files = actor.org == correction.consumer_org and Role.REQUESTER in actor.roles
    return files or (actor.org == correction.provider_org and Role.PROVIDER in actor.roles)


def _scope(actor: Principal) -> str | None:
    return None if actor.roles & _SEE_ALL else actor.org


def _unknown(correction: UUID) -> NoSuchCorrection:
    return NoSuchCorrection(f"no correction {correction}", f"没有校核申请 {correction}")
