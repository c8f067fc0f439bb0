"""One call from head to last byte, as a list of steps. A step that refuses raises; one place records and answers."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
import structlog
from aiohttp import web
from aiohttp.web import BaseRequest

from gateway.audit import AuditLog, AuditUnavailable, Written
from gateway.audit.receipts.inline import InlineReceipts
from gateway.authz import GRANTED, Call
from gateway.errors import GatewayError, Unauthenticated, Unavailable, Upstream
from gateway.exchange.admission import Admission, check_records
from gateway.exchange.callers import Callers
from gateway.exchange.connectors import Connectors
from gateway.exchange.connectors.forms import Form
from gateway.exchange.description import openapi
from gateway.exchange.evidence import Evidence, name_subject, record_ending, record_intent, record_release
from gateway.exchange.licences import Asked, Licences
from gateway.exchange.plans import Plan, Plans
from gateway.exchange.projection import Shown
from gateway.exchange.reading import Wanted, read_head, read_wanted, refuse_personal_query
from gateway.exchange.store import Taken
from gateway.exchange.streams import Streams
from gateway.identity import AccessToken, TokenRefused
from gateway.monitoring import Tally
from gateway.names import GrantId, new_id
from gateway.settings import Settings
from gateway.storage import Database
from gateway.telemetry import Metrics, get_logger
from gateway.web import check_front, problem_response
from gateway.web.problems import InternalFault, method_not_allowed
from gateway.web.records import noting

_log = get_logger()
_FLOOD_KEYS: Final = 10000


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
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._receipts = receipts
        self._callers = callers
        self._plans = plans
        self._admission = Admission(database, plans, settings.exchange)
        self._connectors = connectors
        self._licences = licences
        self._streams = Streams(log, plans, connectors, settings.exchange, now)
        self._settings = settings
        self._metrics = metrics
        self._tally = tally
        self._now = now
        self._description = orjson.dumps(openapi())
        self._base_url = base_url
        self._noted: OrderedDict[tuple[str, str, int], None] = OrderedDict()

    @property
    def admission(self) -> Admission:
        """What decides and counts; rows of batches are taken from it like calls."""
        return self._admission

    async def run(self) -> None:
        """The workers that calls rely on; run until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._plans.run())
            group.create_task(self._admission.run())

    async def answer(self, request: BaseRequest) -> web.StreamResponse:
        """Answer one call; never raises but for cancellation, which it records."""
        if request.raw_path == "/openapi.json":
            return self._describe(request)
        with noting() as noted:
            response = await self._answer(request)
        response.headers.update(noted.header(succeeded=False))
        return response

    async def _answer(self, request: BaseRequest) -> web.StreamResponse:
        began = time.perf_counter()
        response: web.StreamResponse
        evidence = Evidence(str(new_id()), request.remote or "")
        ended: GatewayError | None = None
        structlog.contextvars.clear_contextvars()
        self._metrics.inflight.inc()
        try:
            response = await self._call(request, evidence)
            reason = GRANTED
        except GatewayError as error:
            ended = error
            response, reason = await self._end(error, evidence), error.slug()
        except asyncio.CancelledError:
            await asyncio.shield(self._abandon(evidence))
            raise
        except Exception:
            _log.exception("call.broke", request_id=evidence.request_id)
            ended = InternalFault("the call failed inside the gateway", "调用在网关内部失败")
            response, reason = await self._end(ended, evidence), ended.slug()
        finally:
            self._metrics.inflight.dec()
        self._note(evidence, response.status, reason, ended, time.perf_counter() - began)
        return response

    def _describe(self, request: BaseRequest) -> web.Response:
        """The description is no call: it is not counted and leaves no record."""
        try:
            check_front(request, self._settings.web)
            if request.method != "GET":
                raise method_not_allowed(request.method, {"GET"})
        except GatewayError as error:
            return problem_response(error, str(new_id()), self._base_url)
        return web.Response(body=self._description, content_type="application/json")

    async def _call(self, request: BaseRequest, evidence: Evidence) -> web.StreamResponse:
        head = evidence.head = read_head(request, self._settings.web)
        token = evidence.token = await self._callers.identify(head, request)
        wanted = evidence.wanted = await read_wanted(request, head, self._settings.web)
        plan, fields, taken = await self._decide(evidence, wanted, token)
        try:
            return await self._served(request, evidence, wanted, plan, fields, taken)
        finally:
            self._admission.done(plan)

    async def _served(
        self,
        request: BaseRequest,
        evidence: Evidence,
        wanted: Wanted,
        plan: Plan,
        fields: tuple[str, ...],
        taken: Taken,
    ) -> web.StreamResponse:
        head = evidence.head
        assert head is not None  # it named the token the call was admitted by
        keep = self._settings.audit.keep_parameters
        await record_intent(self._log, evidence, fields, taken.used, with_parameters=keep)
        form = Form.accepted(request.headers.get("Accept", ""))
        if form is not Form.JSON:
            headers = {**_told(evidence, taken), **self._callers.headers(head)}
            response = await self._streams.answer(request, evidence, fields, form, headers)
            self._metrics.upstream.labels("ok").inc()
            return response
        shown, upstream_ms = await self._forward(plan, fields, wanted, evidence)
        self._metrics.upstream.labels("ok").inc()
        answer = b'{"service":"%s","request_id":"%s","records":%s}' % (
            wanted.service.encode(),
            evidence.request_id.encode(),
            shown.records,
        )
        released = await record_release(self._log, evidence, answer, shown.count, upstream_ms)
        answered = _answered(answer, evidence, released, taken)
        answered.headers.update(self._callers.headers(head))
        if head.inline:
            answered.headers.update(await self._receipts.headers(released))
        return answered

    async def _decide(
        self, evidence: Evidence, wanted: Wanted, token: AccessToken
    ) -> tuple[Plan, tuple[str, ...], Taken]:
        grant = _grant_of(token)
        evidence.plan = await self._plans.get(grant)
        await name_subject(self._log, evidence)
        if evidence.plan is not None:
            self._callers.check_bound(evidence.plan.resource.description, token)
            refuse_personal_query(wanted, set(evidence.plan.personal))
        body = wanted.body
        call = Call(
            client_id=token.subject,
            service=wanted.service,
            purpose=str(token.claims.get("purpose_id", "")),
            parameters=body.parameters,
            fields=tuple(body.fields) if body.fields is not None else None,
            matter=body.matter,
            case=body.case,
            operator=body.operator,
        )
        evidence.plan, allowed, taken = await self._admission.admit(grant, call, self._now())
        try:  # the resource may have been revised meanwhile
            self._callers.check_bound(evidence.plan.resource.description, token)
        except GatewayError:
            self._admission.done(evidence.plan)
            raise
        return evidence.plan, allowed.fields, taken

    async def _forward(
        self, plan: Plan, fields: tuple[str, ...], wanted: Wanted, evidence: Evidence
    ) -> tuple[Shown, float]:
        headers = {
            "Request-Id": evidence.request_id,
            "Gateway-Consumer": plan.grant.consumer_org,
            "Gateway-Grant": str(plan.grant.id),
            "Gateway-Purpose": plan.grant.purpose,
        }
        began, parameters = time.perf_counter(), wanted.body.parameters
        if plan.resource.description.licence is None:
            shown = await self._connectors.answer(plan, fields, parameters, headers)
            check_records(plan.grant, shown.count)
        else:
            shown = await self._licence(plan, fields, parameters, headers)
        return shown, (time.perf_counter() - began) * 1000

    async def _licence(
        self, plan: Plan, fields: tuple[str, ...], parameters: Mapping[str, str], headers: Mapping[str, str]
    ) -> Shown:
        records = await self._connectors.read(plan, parameters, headers)
        check_records(plan.grant, len(records))
        asked = Asked(parameters, fields, self._now())
        chosen = await self._licences.answered(plan.resource, records, asked, self._settings.exchange.rows)
        return self._connectors.written(plan, fields, chosen)

    async def _end(self, error: GatewayError, evidence: Evidence) -> web.Response:
        if isinstance(error, Upstream):
            self._metrics.upstream.labels(getattr(error, "result", "invalid")).inc()
        try:
            if self._worth_recording(error, evidence):
                await record_ending(self._log, evidence, error)
        except AuditUnavailable as failing:
            error = failing
        if isinstance(error, Unavailable | Upstream | InternalFault):
            _log.error("call.failed", request_id=evidence.request_id, problem=error.slug(), said=error.detail)
        return problem_response(error, evidence.request_id, self._base_url)

    async def _abandon(self, evidence: Evidence) -> None:
        if evidence.token is None:
            return
        try:
            stopped = CallAbandoned("the gateway was stopped", "网关已停止")
            await record_ending(self._log, evidence, stopped)
        except AuditUnavailable:
            _log.error("call.ending_not_recorded", request_id=evidence.request_id)

    def _worth_recording(self, error: GatewayError, evidence: Evidence) -> bool:
        """Everything of an identified caller; of unidentified ones one record per address, reason and minute."""
        if evidence.token is not None:
            return True
        if not isinstance(error, Unauthenticated):
            return False
        key = (evidence.address, str(error.extra.get("reason", error.slug())), int(time.monotonic() // 60))
        if key in self._noted:
            return False
        self._noted[key] = None
        if len(self._noted) > _FLOOD_KEYS:
            self._noted.popitem(last=False)
        return True

    def _note(
        self, evidence: Evidence, status: int, reason: str, ended: GatewayError | None, seconds: float
    ) -> None:
        self._metrics.requests.labels("exchange", f"{status // 100}xx").inc()
        self._metrics.duration.labels("exchange").observe(seconds)
        self._metrics.decided(reason == GRANTED, reason)
        plan, head = evidence.plan, evidence.head
        if plan is not None:
            self._tally.count(plan.resource.id, ended, seconds)
        _log.info(
            "call", request_id=evidence.request_id, service=head.service if head else "-", status=status,
            reason=reason, grant=str(plan.grant.id) if plan else "", consumer=plan.grant.consumer_org if plan else "",
            ms=round(seconds * 1000, 2),
        )  # fmt: skip


def _grant_of(token: AccessToken) -> GrantId:
    try:
        return GrantId(UUID(str(token.claims.get("grant_id"))))
    except ValueError:
        raise TokenRefused("the token names no grant", "令牌未列授权", reason="claims") from None


def _answered(answer: bytes, evidence: Evidence, released: Written, taken: Taken) -> web.Response:
    return web.Response(
        body=answer,
        content_type="application/json",
        headers={**_told(evidence, taken), "Receipt-Id": str(released.event_id)},
    )


def _told(evidence: Evidence, taken: Taken) -> dict[str, str]:
    """What the head of every answer says."""
    return {
        "Request-Id": evidence.request_id,
        "Receipt-Nonce": evidence.nonce.hex(),
        "Quota-Limit": str(taken.daily_quota),
        "Quota-Remaining": str(taken.daily_quota - taken.used),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
