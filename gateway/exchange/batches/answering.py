"""One row of a batch: permitted, counted and recorded like a call, asked, and turned into its line of the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from gateway.audit import AuditLog, EventType, Outcome
from gateway.authz import Allowed, Call
from gateway.catalog.licence import LicenceState
from gateway.errors import GatewayError
from gateway.exchange.admission import Admission, check_records
from gateway.exchange.batches import evidence
from gateway.exchange.batches.model import Answering, Batch, Order, Row, Tally
from gateway.exchange.connectors import Connectors
from gateway.exchange.licences import Licences
from gateway.exchange.licensed import Licensed
from gateway.exchange.plans import Plan
from gateway.exchange.projection import Shown
from gateway.names import new_id
from gateway.settings import Exchange as Limits
from gateway.web.outbound import UpstreamInvalid

YES: Final = "yes"
NO: Final = "no"


@dataclass(frozen=True, slots=True)
class Permitted:
    """A row that may be asked: its number from 1 on, its parameters, and what was taken for it."""

    number: int
    parameters: Mapping[str, str]
    plan: Plan
    fields: tuple[str, ...]
    used: int


def call_of(order: Order, parameters: Mapping[str, str], operator: str | None) -> Call:
    """The call that a row is; of a 核验 batch only its one item is asked for."""
    return Call(
        client_id=order.client, service=order.service, purpose=order.purpose, parameters=parameters,
        fields=(order.item,) if order.item is not None else order.fields, matter=order.matter, case=order.case,
        operator=operator,
    )  # fmt: skip


class Asking:
    """Asks the provider for rows. ``admission`` decides each like a call and counts it."""

    def __init__(
        self,
        log: AuditLog,
        admission: Admission,
        connectors: Connectors,
        licences: Licences,
        limits: Limits,
    ) -> None:
        self._log = log
        self._admission = admission
        self._connectors = connectors
        self._licensed = Licensed(connectors, licences, limits.rows)

    async def permit(
        self, batch: Batch, number: int, parameters: Mapping[str, str], operator: str | None, now: datetime
    ) -> Permitted:
        """Decide a row by the grant as it is now and take it from the quota.

        Raises:
            GatewayError: one of the refusals of a call.

        The row holds a place among the calls until :meth:`done`.
        """
        call = call_of(batch.order, parameters, operator)
        plan, allowed, taken = await self._admission.admit(batch.order.grant, call, now)
        assert isinstance(allowed, Allowed)
        return Permitted(number, parameters, plan, allowed.fields, taken.used)

    def done(self, row: Permitted) -> None:
        """The row is over, however it ended: its place is another's."""
        self._admission.done(row.plan)

    async def answer(self, batch: Batch, row: Permitted, now: datetime) -> Row:
        """Record that the row is about to be asked, ask, and keep of the answer what may be kept.

        Raises:
            Upstream: the provider gave no usable answer.
            GatewayError: the grant does not allow what the provider answered.
            AuditUnavailable: then nothing is asked.
        """
        asked_as = str(new_id())
        named = row.plan.subject_in(row.parameters)
        subject = await self._log.subject(*named) if named else ""
        detail = {
            "row": row.number, "fields": list(row.fields), "parameters": sorted(row.parameters),
            "answering": batch.order.answering.value, "quota_used": row.used, "asked_as": asked_as,
        }  # fmt: skip
        await self._log.append(
            evidence.of(
                batch, EventType.BATCH_INTENDED, evidence.orderer(batch), detail, outcome=Outcome.ALLOW, reason="granted",
                subject=subject,
            )
        )  # fmt: skip
        shown = await self._shown(row, asked_as, now)
        of_licences = row.plan.resource.description.licence is not None
        return line_of(batch.order, row.number, shown, of_licences=of_licences)

    async def _shown(self, row: Permitted, asked_as: str, now: datetime) -> Shown:
        """As in a call: written anew with granted fields only, masked where the grant says so; licences are judged first."""
        plan, fields = row.plan, row.fields
        if plan.resource.description.licence is not None:
            return await self._licensed.answer(plan, fields, row.parameters, asked_as, now)
        shown = await self._connectors.answer(plan, fields, row.parameters, asked_as)
        check_records(plan.grant, shown.count)
        return shown


def line_of(order: Order, number: int, shown: Shown, *, of_licences: bool = False) -> Row:
    """The line of a row: its records, or yes or no and nothing else.

    Args:
        of_licences: yes means that the licence stands; one that is suspended, replaced, revoked, expired or not there is a no.

    Raises:
        UpstreamInvalid: a question with a yes or a no has several answers, or one that is neither.
    """
    if order.answering is Answering.RECORDS:
        line = b'{"row":%d,"records":%b}\n' % (number, shown.records)
        return Row(line, Tally(1, done=1, records=shown.count, bytes=len(line)))
    if shown.count > 1:
        raise UpstreamInvalid("several records answer one question", "同一问题对应多条记录")
    records = orjson.loads(shown.records)
    truth = records[0][order.item or ""] if records else False
    if of_licences:
        truth = truth == LicenceState.VALID
    if not isinstance(truth, bool):
        raise UpstreamInvalid("the answer is neither yes nor no", "应答既非“是”也非“否”")
    line = orjson.dumps({"row": number, "answer": YES if truth else NO}) + b"\n"
    return Row(line, Tally(1, done=1, yes=int(truth), no=int(not truth), bytes=len(line)))


def unanswered(number: int, why: GatewayError) -> Row:
    """The line of a row that this provider will not answer, however often it is asked.

    It repeats what the provider's system said to its failure, where the grant says so (``rules.provider_errors``).
    """
    said = {name: why.extra[name] for name in ("provider_said", "provider_error") if name in why.extra}
    line = orjson.dumps({"row": number, "unanswered": why.slug(), **said}) + b"\n"
    return Row(line, Tally(1, done=1, unanswered=1, bytes=len(line)))
