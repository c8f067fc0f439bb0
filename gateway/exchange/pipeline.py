"""One call from head to last byte, as a list of steps. A step that refuses raises; one place records and answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

import orjson

from gateway.audit import AuditLog, AuditUnavailable, Written
from gateway.audit.receipts.inline import InlineReceipts
from gateway.authz import GRANTED, Call
from gateway.errors import GatewayError, Upstream
from gateway.exchange.admission import Admission, check_records
from gateway.exchange.callers import Callers
from gateway.exchange.connectors import Connectors
from gateway.exchange.description import openapi
from gateway.exchange.evidence import (
    Evidence,
    name_subject,
    named_at_once,
    record_ending,
    record_intent,
    record_release,
)
from gateway.exchange.licences import Licences
from gateway.exchange.licensed import Licensed
from gateway.exchange.plans import Plan, Plans
from gateway.exchange.projection import Shown
from gateway.exchange.ratelimit import day_limit, day_policy
from gateway.exchange.reading import (
    Head,
    Wanted,
    asked_by_query,
    read_head,
    read_wanted,
    refuse_personal_query,
)
from gateway.exchange.refusing import Endings
from gateway.exchange.sequences import Sequences
from gateway.exchange.stages import record_stages
from gateway.exchange.store import Taken
from gateway.exchange.streams import Streams
from gateway.identity import AccessToken, TokenRefused
from gateway.monitoring import Tally
from gateway.names import GrantId, new_id
from gateway.settings import Settings
from gateway.storage import Database, RowId
from gateway.telemetry import AccessLog, Metrics, get_logger
from gateway.web import check_front
from gateway.web.incoming import Incoming
from gateway.web.outgoing import Outgoing, header_lines
from gateway.web.problems import OVERDUE, InternalFault, method_not_allowed, overdue, problem_outgoing
from gateway.web.records import HEADER as AUDIT_ID

_log = get_logger()
_GRANTS_READ: Final = 10000


class CallAbandoned(Upstream):
    """The gateway stopped before the call was over（网关停止，调用未完成）."""


class Exchange:
    """Answers calls.

    Args:
        database: the exchange zone's.
        base_url: the issuer, under which problems are explained.
        now: the present instant with its zone.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        base_url: str,
        callers: Callers,
        plans: Plans,
        connectors: Connectors,
        licences: Licences,
        settings: Settings,
        metrics: Metrics,
        tally: Tally,
        receipts: InlineReceipts,
        access: AccessLog,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._receipts = receipts
        self._callers = callers
        self._plans = plans
        self._admission = Admission(database, plans, settings.exchange, Sequences(log, settings.exchange))
        self._connectors = connectors
        self._licensed = Licensed(connectors, licences, settings.exchange.rows)
        self._streams = Streams(log, plans, connectors, settings.exchange, now)
        self._settings = settings
        self._metrics = metrics
        self._tally = tally
        self._access = access
        self._ended = {kind: metrics.requests.labels("exchange", f"{kind}xx") for kind in (2, 4, 5)}
        self._seconds = metrics.duration.labels("exchange")
        self._upstream_ok = metrics.upstream.labels("ok")
        self._now = now
        self._description = orjson.dumps(openapi())
        self._base_url = base_url
        self.endings = Endings(log, base_url, metrics)
        if settings.telemetry.call_stages:
            record_stages(self, metrics)

    @property
    def admission(self) -> Admission:
        """What decides and counts; rows of batches are taken from it like calls."""
        return self._admission

    async def run(self) -> None:
        """The workers that calls rely on; run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._plans.run())
            group.create_task(self._admission.run())

    async def answer(self, request: Incoming) -> Outgoing:
        """Answer one call; never raises but for cancellation, which it records."""
        if request.raw_path == "/openapi.json":
            return self._describe(request)
        began = time.perf_counter()
        evidence = Evidence.begin(request.remote)
        ended: GatewayError | None = None
        self._metrics.inflight.inc()
        try:
            answer = await self._call(request, evidence)
            reason = GRANTED
        except GatewayError as error:
            ended = error
            answer, reason = await self.endings.end(error, evidence), error.slug()
        except asyncio.CancelledError as stopped:
            ended = self._stopped(is_overdue=OVERDUE in stopped.args)
            await asyncio.shield(self._abandon(evidence, ended))
            raise
        except Exception:
            _log.exception("call.broke", request_id=evidence.request_id)
            ended = InternalFault("the call failed inside the gateway", "调用在网关内部失败")
            answer, reason = await self.endings.end(ended, evidence), ended.slug()
        finally:
            self._metrics.inflight.dec()
        self._note(evidence, answer.status, reason, ended, time.perf_counter() - began)
        return answer

    def _describe(self, request: Incoming) -> Outgoing:
        """The description is no call: it is not counted and leaves no record."""
        request_id = str(new_id())
        try:
            check_front(request, self._settings.web)
            if request.method != "GET":
                raise method_not_allowed(request.method, {"GET"})
        except GatewayError as error:
            return problem_outgoing(error, request_id, self._base_url)
        headers = {
            "Request-Id": request_id,
            "Content-Type": "application/json",
            "X-Content-Type-Options": "nosniff",
        }
        return Outgoing(200, header_lines(headers), self._description)

    async def _call(self, request: Incoming, evidence: Evidence) -> Outgoing:
        recognised = self._callers.recognised(request)
        if recognised is not None:
            head, token = evidence.head, evidence.token = recognised
        else:
            head = evidence.head = self._head(request)
            token = evidence.token = await self._identify(head, request)
        if head.query is not None:
            wanted = evidence.wanted = asked_by_query(head.service, head.query)
        else:
            wanted = evidence.wanted = await self._read(request, head)
        plan, fields, taken = await self._decide(evidence, wanted, token)
        try:
            await self._intend(evidence, fields, taken)
            if self._streams.are_wanted(head, plan):
                return await self._streamed(request, evidence, head, fields, taken)
            shown, upstream_ms = await self._forward(plan, fields, wanted, evidence)
            self._upstream_ok.inc()
            answer = b'{"service":"%s","request_id":"%s","records":%s}' % (
                wanted.service.encode(), evidence.request_id.encode(), shown.records,
            )  # fmt: skip
            released = await self._release(evidence, answer, shown.count, upstream_ms)
            more = self._callers.headers(head)
            if head.inline:
                more.update(await self._receipts.headers(released))
            return self._answered(answer, evidence, released, taken, more)
        finally:
            self._admission.done(plan)

    async def _streamed(
        self, request: Incoming, evidence: Evidence, head: Head, fields: tuple[str, ...], taken: Taken
    ) -> Outgoing:
        told = {**_told(evidence, taken, self._now()), **self._callers.headers(head)}
        streamed = await self._streams.answer(request, evidence, fields, told)
        self._upstream_ok.inc()
        return streamed

    def _head(self, request: Incoming) -> Head:
        return read_head(request, self._settings.web)

    async def _identify(self, head: Head, request: Incoming) -> AccessToken:
        token = self._callers.known(head)
        if token is None:
            return await self._callers.identify(head, request)
        self._callers.remember(request, head)
        return token

    async def _read(self, request: Incoming, head: Head) -> Wanted:
        return await read_wanted(request, head, self._settings.web)

    def _intend(self, evidence: Evidence, fields: tuple[str, ...], taken: Taken) -> Awaitable[Written]:
        keep = self._settings.audit.keep_parameters
        return record_intent(self._log, evidence, fields, taken.used, with_parameters=keep)

    def _release(
        self, evidence: Evidence, answer: bytes, records: int, upstream_ms: float
    ) -> Awaitable[Written]:
        return record_release(self._log, evidence, answer, records, upstream_ms)

    async def _decide(
        self, evidence: Evidence, wanted: Wanted, token: AccessToken
    ) -> tuple[Plan, tuple[str, ...], Taken]:
        grant = _grant_of(token)
        plan, now, body = self._plans.now(grant), self._now(), wanted.body
        known = plan is not None and named_at_once(self._log, evidence, plan, now)
        if not known:
            plan = evidence.plan = plan or await self._plans.get(grant)
            await name_subject(self._log, evidence, plan, now)
        evidence.plan = plan
        if plan is not None:
            self._callers.check_bound(plan.resource.description, token)
            if plan.personal:
                refuse_personal_query(wanted, plan.personal)
        call = Call(
            token.subject, wanted.service, str(token.claims.get("purpose_id", "")), body.parameters,
            tuple(body.fields) if body.fields is not None else None, body.matter, body.case, body.operator,
            body.consent,
        )  # fmt: skip
        admitted = self._admission.at_once(plan, call, now) if known and plan else None
        evidence.plan, allowed, taken = admitted or await self._admission.admit(grant, call, now)
        if evidence.plan is not plan:  # the resource was revised meanwhile
            self._check_again(evidence.plan, token)
        return evidence.plan, allowed.fields, taken

    def _check_again(self, plan: Plan, token: AccessToken) -> None:
        try:
            self._callers.check_bound(plan.resource.description, token)
        except GatewayError:
            self._admission.done(plan)
            raise

    async def _forward(
        self, plan: Plan, fields: tuple[str, ...], wanted: Wanted, evidence: Evidence
    ) -> tuple[Shown, float]:
        began, parameters = time.perf_counter(), wanted.body.parameters
        if plan.resource.description.licence is None:
            shown = await self._connectors.answer(plan, fields, parameters, evidence.request_id)
            check_records(plan.grant, shown.count)
        else:
            shown = await self._licensed.answer(plan, fields, parameters, evidence.request_id, self._now())
        return shown, (time.perf_counter() - began) * 1000

    def _stopped(self, *, is_overdue: bool) -> GatewayError:
        if is_overdue:
            return overdue(self._settings.web.handler_seconds)
        return CallAbandoned("the gateway was stopped", "网关已停止")

    async def _abandon(self, evidence: Evidence, stopped: GatewayError) -> None:
        if evidence.token is None:
            return
        try:
            await record_ending(self._log, evidence, stopped)
        except AuditUnavailable:
            _log.error("call.ending_not_recorded", request_id=evidence.request_id)

    def _note(
        self, evidence: Evidence, status: int, reason: str, ended: GatewayError | None, seconds: float
    ) -> None:
        self._ended[status // 100].inc()
        self._seconds.observe(seconds)
        self._metrics.decided(reason == GRANTED, reason)
        plan, head = evidence.plan, evidence.head
        if plan is not None:
            self._tally.count(plan.resource.id, ended, seconds)
        self._access.call(
            evidence.request_id, head.service if head else "-", status, reason,
            str(plan.grant.id) if plan else "", plan.grant.consumer_org if plan else "", seconds * 1000,
        )  # fmt: skip

    def _answered(
        self, answer: bytes, evidence: Evidence, released: Written, taken: Taken, more: dict[str, str]
    ) -> Outgoing:
        record = str(released.event_id)
        lines = (
            f"Content-Type: application/json\r\nRequest-Id: {evidence.request_id}\r\nReceipt-Id: {record}\r\n"
            f"Receipt-Nonce: {evidence.nonce.hex()}\r\nQuota-Limit: {taken.daily_quota}\r\n"
            f"Quota-Remaining: {taken.daily_quota - taken.used}\r\nRateLimit-Policy: {day_policy(taken.daily_quota)}\r\n"
            f"RateLimit: {day_limit(taken.daily_quota - taken.used, self._now())}\r\nCache-Control: no-store\r\n"
            f"X-Content-Type-Options: nosniff\r\n{AUDIT_ID}: {record}\r\n"
        ).encode("ascii")
        return Outgoing(200, lines + header_lines(more) if more else lines, answer)


def _grant_of(token: AccessToken) -> GrantId:
    try:
        return _grant_id(str(token.claims.get("grant_id")))
    except ValueError:
        raise TokenRefused("the token names no grant", "令牌未列授权", reason="claims") from None


@lru_cache(_GRANTS_READ)
def _grant_id(text: str) -> GrantId:
    return GrantId(
        RowId(UUID(text).bytes)
    )  # of the kind whose hash is kept: every call looks it up several times


def _told(evidence: Evidence, taken: Taken, now: datetime) -> dict[str, str]:
    """What the head of a long answer says."""
    return {
        "Request-Id": evidence.request_id,
        "Receipt-Nonce": evidence.nonce.hex(),
        "Quota-Limit": str(taken.daily_quota),
        "Quota-Remaining": str(taken.daily_quota - taken.used),
        "RateLimit-Policy": day_policy(taken.daily_quota),
        "RateLimit": day_limit(taken.daily_quota - taken.used, now),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
