"""Acts on use records and disposals: each method is one act, one transaction, one audit record."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from gateway.audit import JSON, Event, EventType, Outcome
from gateway.authz.grants import Grants
from gateway.authz.grants.model import Grant
from gateway.authz.grants.service import GrantNotInState, NotYourGrant
from gateway.authz.use_records import store
from gateway.authz.use_records.model import Disposal, Method, UseRecord, kept_until
from gateway.deadlines import local_day
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role, who
from gateway.names import GrantId, new_id
from gateway.storage import Connection
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class Account:
    """What a use record says (Decree 809 Art. 29): 使用场景, 使用过程, 应用成效, 存储情况, for a period of days."""

    begins: date
    ends: date
    scene: str
    process: str
    effect: str
    storage: str


@dataclass(frozen=True, slots=True)
class Pack:
    """All that is on record of the use of one grant."""

    uses: list[UseRecord]
    disposals: list[Disposal]


class UseRecords:
    """Recording use, recording disposal, inspecting both."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def record(self, actor: Principal, grant: GrantId, account: Account) -> UseRecord:
        """The requester records the use of a period.

        Raises:
            Invalid: the period ends before it begins, or in the future.
            NotYourGrant, NoSuchGrant.
        """
        now = self._grants.now()
        if account.ends < account.begins or account.ends > local_day(now):
            raise Invalid(FieldFault("/ends", "must lie from begins to today", "须在开始日期与今日之间"))
        async with self._grants.database.transaction() as tx:
            held = await self._own(tx, actor, grant)
            new = new_id()
            period: dict[str, JSON] = {"begins": account.begins.isoformat(), "ends": account.ends.isoformat()}
            written = await self._grants.log.emit(
                tx, _event(EventType.USE_RECORDED, actor, Role.REQUESTER, held, new, period)
            )
            made = UseRecord(
                id=new, grant_id=grant, consumer_org=held.consumer_org, begins=account.begins, ends=account.ends,
                scene=account.scene, process=account.process, effect=account.effect, storage=account.storage,
                recorded_by=actor.id, recorded_at=now, keep_until=kept_until(local_day(now)),
                event_id=written.event_id,
            )  # fmt: skip
            await store.add_use(tx, made)
        return made

    async def dispose(
        self, actor: Principal, grant: GrantId, method: Method, account: str, disposed_on: date, witness: str
    ) -> Disposal:
        """The requester records how the data was disposed of, once the grant is over or has expired.

        Raises:
            Invalid: disposed of in the future.
            GrantNotInState: calls could still be made.
        """
        now = self._grants.now()
        if disposed_on > local_day(now):
            raise Invalid(FieldFault("/disposed_on", "lies in the future", "处置日期晚于今日"))
        async with self._grants.database.transaction() as tx:
            held = await self._own(tx, actor, grant)
            if not held.state.is_over and held.terms.valid_until >= local_day(now):
                raise GrantNotInState(
                    "end the grant first: calls could still bring new data", "请先结束使用，否则仍可能取得新数据",
                    state=held.state,
                )  # fmt: skip
            new = new_id()
            written = await self._grants.log.emit(
                tx, _event(EventType.DISPOSAL_RECORDED, actor, Role.REQUESTER, held, new, {"method": method})
            )
            made = Disposal(
                id=new, grant_id=grant, consumer_org=held.consumer_org, method=method, account=account,
                disposed_on=disposed_on, witness=witness, recorded_by=actor.id, recorded_at=now,
                keep_until=kept_until(local_day(now)), event_id=written.event_id,
            )  # fmt: skip
            await store.add_disposal(tx, made)
        return made

    async def inspect(self, actor: Principal, grant: GrantId) -> Pack:
        """All that is on record; for anybody but the requester this is an inspection (Art. 29) and leaves a record.

        Raises:
            NoSuchGrant: also for departments that are no party to it.
        """
        async with self._grants.database.transaction() as tx:
            held = await self._grants.locked(tx, actor, grant)
            if actor.org != held.consumer_org:
                role = next(iter(sorted(actor.roles)))
                kind = EventType.USE_INSPECTED
                await self._grants.log.emit(tx, _event(kind, actor, Role(role), held, held.id, {}))
            return Pack(await store.uses_of(tx, grant), await store.disposals_of(tx, grant))

    async def _own(self, tx: Connection, actor: Principal, grant: GrantId) -> Grant:
        held = await self._grants.locked(tx, actor, grant)
        if actor.org != held.consumer_org:
            raise NotYourGrant("the requesting department records its use", "应由需求部门记录")
        return held


def _event(
    kind: EventType, actor: Principal, role: Role, grant: Grant, subject: UUID, detail: dict[str, JSON]
) -> Event:
    return Event(
        type=kind, outcome=Outcome.DONE, who=who(actor, role), consumer_org=grant.consumer_org,
        provider_org=grant.provider_org, object_kind="use", object_id=str(subject), resource=grant.service,
        purpose=grant.purpose, grant_id=str(grant.id), application_id=str(grant.application_id), detail=detail,
        cause=(grant.cause,),
    )  # fmt: skip
