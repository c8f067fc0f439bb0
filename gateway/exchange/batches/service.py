"""What a system can do with its batches: order, look, cancel or delete, and take the result."""

import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.authz import Allowed, decide
from gateway.authz.grants.decide import standing
from gateway.authz.grants.denials import ParameterWrong, QuotaUsedUp, RateExceeded
from gateway.catalog.description import DataType, Description
from gateway.catalog.licence import Licence, Question
from gateway.errors import FieldFault, GatewayError, Invalid
from gateway.exchange.admission import obstacle
from gateway.exchange.batches import evidence, store
from gateway.exchange.batches.answering import call_of
from gateway.exchange.batches.keeping import Keeping
from gateway.exchange.batches.model import OPEN, Answering, Batch, Order, State, Tally
from gateway.exchange.batches.refusals import (
    BatchDestroyed,
    BatchNotReady,
    BatchStoreFull,
    NoSuchBatch,
    TooManyBatches,
)
from gateway.exchange.batches.wire import BatchOrder
from gateway.exchange.batches.working import Working, destroy
from gateway.exchange.plans import Plan
from gateway.names import new_id
from gateway.sections import Batches as Settings
from gateway.storage import Connection, Database
from gateway.web.ranges import Piece, Span, parts_in


@dataclass(frozen=True, slots=True)
class Taking:
    """A result on its way out, or the part of it that was asked for."""

    batch: Batch
    span: Span
    pieces: AsyncIterator[bytes]


class Batches:
    """The batches of the systems that call here. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        keeping: Keeping,
        working: Working,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._keeping = keeping
        self._working = working
        self._settings = settings
        self._now = now

    async def order(self, plan: Plan, body: BatchOrder, who: Who) -> Batch:
        """Accept a batch; every row would be permitted at this instant.

        Raises:
            Invalid: the list is too long, names a row twice, or asks for yes or no where there is none.
            GatewayError: one of the refusals of a call, with the ``row`` it is about.
            TooManyBatches, BatchStoreFull: too much is kept already.
        """
        now = self._now()
        order = self._checked(plan, body, now)
        batch_id = new_id()
        key = self._keeping.new_key(batch_id)
        asked = {"rows": body.rows, "operator": body.operator}
        wanted = self._keeping.seal_wanted(batch_id, key, asked)
        accepted = self._accepted(batch_id, order, plan, body, who)
        async with self._database.transaction() as tx:
            await self._check_standing(tx, plan, now)
            await self._check_room(tx, order)
            written = await self._log.emit(tx, accepted)
            batch = Batch(
                batch_id, order, State.QUEUED, Tally(len(body.rows)), 0, "", 0, now, now, None, None, key, None,
                written.cause,
            )  # fmt: skip
            await store.add(tx, batch, wanted)
        self._working.call()
        return batch

    def _accepted(self, batch_id: UUID, order: Order, plan: Plan, body: BatchOrder, who: Who) -> Event:
        nonce = os.urandom(16)
        detail = {
            "rows": len(body.rows), "answering": order.answering.value, "item": order.item,
            "fields": list(order.fields) if order.fields is not None else None,
            "list": hashlib.sha256(nonce + orjson.dumps(body.rows, option=orjson.OPT_SORT_KEYS)).hexdigest(),
            "nonce": nonce.hex(),
        }  # fmt: skip
        return evidence.event(
            batch_id, order, EventType.BATCH_ACCEPTED, who, detail, (plan.grant.cause,),
            personal={"operator": body.operator} if body.operator else {},
        )  # fmt: skip

    def _checked(self, plan: Plan, body: BatchOrder, now: datetime) -> Order:
        if faults := [*_list_faults(body, self._settings.rows_max)]:
            raise Invalid(*faults)
        item = _item(plan, body)
        fields = tuple(body.fields) if body.fields is not None else None
        order = evidence.order_of(
            plan, answering=body.answering, item=item, fields=fields, matter=body.matter, case=body.case
        )
        for number, parameters in enumerate(body.rows):
            verdict = decide(plan.compiled, call_of(order, parameters, body.operator), now)
            if not isinstance(verdict, Allowed):
                raise _about_row(verdict, number)
        return order

    async def _check_standing(self, tx: Connection, plan: Plan, now: datetime) -> None:
        found = standing(plan.compiled, now) or await obstacle(tx, plan.grant.id, now)
        if found is not None and not isinstance(found, QuotaUsedUp | RateExceeded):
            raise found  # a quota that is used up today is waited for

    async def _check_room(self, tx: Connection, order: Order) -> None:
        await store.hold_client(tx, order.client)
        batches, used = await store.kept(tx, order.client)
        if batches >= self._settings.kept_max:
            raise TooManyBatches(
                f"at most {self._settings.kept_max} batches of a system are open or kept",
                f"每个应用系统未完成及保留中的批量任务最多 {self._settings.kept_max} 个",
            )
        if used >= self._settings.stored_bytes:
            raise BatchStoreFull(
                "results of other batches wait for their download", "待下载的批量结果已占满空间"
            )

    async def show(self, plan: Plan, batch_id: UUID) -> Batch:
        """A batch of this grant.

        Raises:
            NoSuchBatch: also for others.
        """
        async with self._database.connection() as connection:
            return _of_grant(await store.find(connection, batch_id), plan, batch_id)

    async def end(self, plan: Plan, batch_id: UUID, who: Who) -> Batch:
        """Cancel a batch that is open, or destroy the result of one that is done; nothing of it can be had any more.

        Raises:
            NoSuchBatch. BatchDestroyed: it had ended before.
        """
        now = self._now()
        async with self._database.transaction() as tx:
            batch = _of_grant(await store.lock(tx, batch_id), plan, batch_id)
            if batch.state is State.DONE:
                await destroy(tx, self._log, batch, who, "deleted", now)
            elif batch.state in OPEN:
                detail = {"rows": batch.tally.rows, "rows_done": batch.tally.done, "bytes": 0}
                written = await self._log.emit(tx, evidence.of(batch, EventType.BATCH_CANCELLED, who, detail))
                await store.stop(tx, batch.id, State.CANCELLED, "cancelled", now, written)
            else:
                raise _gone(batch)
            return _of_grant(await store.find(tx, batch_id), plan, batch_id)

    async def manifest(self, plan: Plan, batch_id: UUID) -> dict[str, str]:
        """The sealed statement of what the result is; it outlives the result.

        Raises:
            NoSuchBatch, BatchNotReady.
        """
        await self.show(plan, batch_id)
        async with self._database.connection() as connection:
            found = await store.manifest(connection, batch_id)
        if found is None:
            raise BatchNotReady("nothing is sealed yet", "尚未出具清单")
        return found

    async def ready(self, plan: Plan, batch_id: UUID) -> Batch:
        """A batch whose result may leave at this instant.

        Raises:
            NoSuchBatch, BatchNotReady, BatchDestroyed.
            GatewayError: the grant is not in force any more.
        """
        batch = await self.show(plan, batch_id)
        if batch.state in (State.FAILED, State.CANCELLED, State.DESTROYED):
            raise _gone(batch)
        if batch.state is not State.DONE:
            raise BatchNotReady(f"it is {batch.state}", f"当前状态为 {batch.state}", state=batch.state.value)
        async with self._database.connection() as connection:
            await self._check_standing(connection, plan, self._now())
        return batch

    async def take(self, batch: Batch, span: Span, who: Who, request_id: str) -> Taking:
        """Record that bytes of a result leave; only then can they be had.

        Raises:
            AuditUnavailable: then no byte leaves.
        """
        tally = batch.tally
        counted = (
            {"yes": tally.yes, "no": tally.no}
            if batch.order.answering is Answering.YES_NO
            else {"records": tally.records}
        )
        detail = {
            "answering": batch.order.answering.value, "item": batch.order.item, "rows": tally.rows,
            "unanswered": tally.unanswered, **counted, "first_byte": span.start, "bytes": span.end - span.start,
            "sha256": (batch.sha256 or b"").hex(), "asked_as": request_id,
        }  # fmt: skip
        released = evidence.of(
            batch, EventType.BATCH_RELEASED, who, detail, outcome=Outcome.ALLOW, reason="granted"
        )
        await self._log.append(released)
        async with self._database.connection() as connection:
            pieces = await store.pieces(connection, batch.id)
        return Taking(batch, span, self._pieces(batch, pieces, span))

    async def _pieces(self, batch: Batch, pieces: list[Piece], span: Span) -> AsyncIterator[bytes]:
        for number, part in parts_in(pieces, span):
            async with self._database.connection() as connection:
                sealed = await store.segment(connection, batch.id, number)
            if sealed is None:
                raise BatchDestroyed("it was destroyed while it was fetched", "下载期间结果已被销毁")
            yield self._keeping.open_segment(batch, number, sealed)[part]

    async def cut_short(self, taking: Taking, sent: int, who: Who, request_id: str) -> None:
        """Record that less of a result left than was released. Raises AuditUnavailable."""
        detail = {"first_byte": taking.span.start, "bytes": sent, "asked_as": request_id}
        delivered = evidence.of(
            taking.batch, EventType.BATCH_DELIVERED, who, detail, outcome=Outcome.ERROR, reason="cut-short"
        )
        await self._log.append(delivered)


def _list_faults(body: BatchOrder, most: int) -> list[FieldFault]:
    if len(body.rows) > most:
        return [FieldFault("/rows", f"at most {most} rows in one batch", f"每个批量任务最多 {most} 行")]
    first: dict[tuple[tuple[str, str], ...], int] = {}
    faults = []
    for number, row in enumerate(body.rows):
        at = first.setdefault(tuple(sorted(row.items())), number)
        if at != number:
            faults.append(FieldFault(f"/rows/{number}", f"the same as row {at + 1}", f"与第 {at + 1} 行重复"))
    return faults


def _item(plan: Plan, body: BatchOrder) -> str | None:
    """The item that answers a 核验 batch: a yes-or-no one, or a licence's state; None for a batch that asks for records."""
    what = plan.resource.description
    if body.answering is Answering.RECORDS:
        if body.item is not None:
            raise Invalid(
                FieldFault("/item", "goes with answering yes_no", "仅用于 answering 为 yes_no 的核验")
            )
        return None
    if body.fields is not None:
        raise Invalid(FieldFault("/fields", "yes_no answers no fields", "核验不返回字段"))
    if what.licence is not None:
        return _state_item(plan, what.licence, body.item)
    found = [name for name in plan.compiled.order if _is_truth(what, name)]
    if body.item is None and len(found) == 1:
        return found[0]
    if body.item is None or body.item not in found:
        raise Invalid(
            FieldFault(
                "/item", f"name one granted yes-or-no item: {', '.join(found) or 'there is none'}",
                f"请指明一个已授权的是否类信息项：{'、'.join(found) or '无'}",
            )
        )  # fmt: skip
    return body.item


def _state_item(plan: Plan, licence: Licence, named: str | None) -> str:
    """Whether a licence stands is a yes or a no; the record of it, or of one behind a shown code, is more than that."""
    if licence.question is not Question.VERIFICATION:
        raise Invalid(
            FieldFault(
                "/answering",
                "only a verification of licences answers yes or no",
                "仅证照核验服务支持是否答复",
            )
        )
    item = licence.state
    if named not in (None, item) or item not in plan.compiled.order or item in plan.masked:
        raise Invalid(
            FieldFault(
                "/item",
                f"name {item}, granted unmasked, or leave it out",
                f"请填写已授权且不脱敏的 {item}，或省略",
            )
        )
    return item


def _is_truth(what: Description, name: str) -> bool:
    item = what.item(name)
    return item is not None and item.type is DataType.BOOLEAN


def _about_row(denial: GatewayError, number: int) -> GatewayError:
    """The same refusal, saying which row it is about; pointers lead into the list."""
    if isinstance(denial, ParameterWrong):
        at = f"/rows/{number}"
        return ParameterWrong(
            *(
                FieldFault(fault.pointer.replace("/parameters", at, 1), fault.detail, fault.detail_zh)
                for fault in denial.faults
            )
        )
    denial.extra["row"] = number + 1
    return denial


def _of_grant(batch: Batch | None, plan: Plan, batch_id: UUID) -> Batch:
    if batch is None or batch.order.grant != plan.grant.id:
        raise NoSuchBatch(f"no batch {batch_id}", f"没有批量任务 {batch_id}")
    return batch


def _gone(batch: Batch) -> BatchDestroyed:
    return BatchDestroyed(
        f"it is {batch.state}: {batch.reason}", f"当前状态为 {batch.state}：{batch.reason}", state=batch.state.value
    )  # fmt: skip
