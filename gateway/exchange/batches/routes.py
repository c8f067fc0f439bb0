"""The addresses of batches, below those of the services, on the listener of the calls and with a call's token."""

import re
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.audit import AuditUnavailable
from gateway.authz import DENIALS
from gateway.authz.grants.denials import NoGrant
from gateway.errors import GatewayError
from gateway.exchange.batches import evidence
from gateway.exchange.batches.model import Batch
from gateway.exchange.batches.refusals import (
    BatchDestroyed,
    BatchNotReady,
    BatchStoreFull,
    NoSuchBatch,
    TooManyBatches,
)
from gateway.exchange.batches.service import Batches, Taking
from gateway.exchange.batches.wire import BatchOrder, BatchShown, ManifestSealed
from gateway.exchange.beside import Counter, Handler
from gateway.exchange.evidence import Evidence
from gateway.exchange.plans import Plan
from gateway.names import is_slug
from gateway.telemetry import get_logger
from gateway.web import Route, read_json
from gateway.web.front import read_front
from gateway.web.incoming import Incoming
from gateway.web.outgoing import Outgoing, header_lines
from gateway.web.problems import UnknownPath, method_not_allowed
from gateway.web.ranges import RangeOutside, wanted_span
from gateway.web.reading import validated

RESULT_TYPE: Final = "application/x-ndjson"
_PATH: Final = re.compile(r"/services/([^/]+)(/batches(?:/([^/]+)(?:/(result|manifest))?)?)")
_METHODS: Final[dict[tuple[bool, str | None], frozenset[str]]] = {
    (False, None): frozenset({"POST"}),
    (True, None): frozenset({"GET", "DELETE"}),
    (True, "result"): frozenset({"GET"}),
    (True, "manifest"): frozenset({"GET"}),
}
_log = get_logger()


class BatchDoor:
    """Answers requests about batches."""

    def __init__(self, batches: Batches, counter: Counter) -> None:
        self._batches = batches
        self._counter = counter

    def at(self, path: str) -> Handler | None:
        """Who answers this address, if it is one of these."""
        return self.answer if _PATH.fullmatch(path) else None

    async def answer(self, request: Incoming) -> Outgoing:
        """Answer one request; never raises but for cancellation."""
        return await self._counter.answer(request, self._serve)

    async def _serve(self, request: Incoming, seen: Evidence) -> Outgoing:
        query, fields = read_front(request, self._counter.limits)
        at = _PATH.fullmatch(request.raw_path.partition("?")[0])
        assert at is not None  # that is why it came here
        service, beyond, batch, part = at.groups()
        if query or not is_slug(service):
            raise UnknownPath("there is nothing at this address", "该地址不存在")
        allowed = _METHODS[batch is not None, part]
        if request.method not in allowed:
            raise method_not_allowed(request.method, set(allowed))
        _, plan = await self._counter.identified(request, seen, fields, service, beyond)
        return await self._done(request, seen, plan, _id(batch), part)

    async def _done(
        self, request: Incoming, seen: Evidence, plan: Plan, batch: UUID | None, part: str | None
    ) -> Outgoing:
        assert seen.token is not None
        who = evidence.caller(seen.token, seen.address)
        if batch is None:
            body = await self._body(request)
            ordered = await self._batches.order(plan, body, who)
            return _shown(ordered, self._counter.always(seen), status=202)
        if request.method == "DELETE":
            return _shown(await self._batches.end(plan, batch, who), self._counter.always(seen))
        if part == "manifest":
            return _json(await self._batches.manifest(plan, batch), self._counter.always(seen))
        if part is None:
            return _shown(await self._batches.show(plan, batch), self._counter.always(seen))
        ready = await self._batches.ready(plan, batch)
        span = wanted_span(request.headers, _tag(ready), ready.tally.bytes)
        taking = await self._batches.take(ready, span, who, seen.request_id)
        return await self._send(request, taking, seen)

    async def _body(self, request: Incoming) -> BatchOrder:
        sent = await request.body(self._counter.limits.body_bytes, self._counter.limits.body_seconds)
        return validated(BatchOrder, read_json(request, sent, self._counter.limits.json_depth), strict=True)

    async def _send(self, request: Incoming, taking: Taking, seen: Evidence) -> Outgoing:
        """The bytes, a segment at a time; what was released and did not leave is said in a record."""
        span = taking.span
        status = 206 if span.is_part else 200
        head = Outgoing(status, header_lines(self._counter.always(seen) | _headers(taking)), b"")
        flow = request.flow(head, span.end - span.start)
        sent = 0
        try:
            async for piece in taking.pieces:
                await flow.write(piece)
                sent += len(piece)
            return await flow.end()
        except (GatewayError, OSError) as cut:
            _log.warning("batch.cut_short", request_id=seen.request_id, sent=sent, why=type(cut).__name__)
            assert seen.token is not None
            who = evidence.caller(seen.token, seen.address)
            await self._batches.cut_short(taking, sent, who, seen.request_id)
            if request.transport is not None:
                request.transport.abort()  # never the beginning of a result that looks like a whole one
            return head


def _id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchBatch(f"{text} is no id of a batch", f"{text} 不是批量任务编号") from None


def _tag(batch: Batch) -> str:
    return f'"{(batch.sha256 or b"").hex()}"'


def _headers(taking: Taking) -> dict[str, str]:
    return {
        "Content-Type": RESULT_TYPE,
        "Content-Disposition": f'attachment; filename="{taking.batch.id}.ndjson"',
        **taking.span.headers(_tag(taking.batch), taking.batch.tally.bytes),
    }


def _shown(batch: Batch, headers: dict[str, str], status: int = 200) -> Outgoing:
    more = {"Location": f"/services/{batch.order.service}/batches/{batch.id}"} if status == 202 else {}
    return _json(BatchShown.of(batch).model_dump(mode="json", exclude_none=True), headers | more, status)


def _json(value: Any, headers: dict[str, str], status: int = 200) -> Outgoing:
    lines = header_lines({"Content-Type": "application/json", **headers})
    return Outgoing(status, lines, orjson.dumps(value))


_ONE: Final = "/services/{service}/batches/{batch_id}"
_route: Final = partial(Route, handle=None, access=frozenset({"client"}), tag="batches")

ROUTES: Final = (
    _route(
        method="POST", path="/services/{service}/batches", name="order_batch", summary="Order a batch of calls (批量交换, 核验)",
        summary_zh="提交批量任务", given=BatchOrder, returns=BatchShown, status=202,
        problems=(*DENIALS, TooManyBatches, BatchStoreFull, AuditUnavailable),
    ),
    _route(
        method="GET", path=_ONE, name="show_batch", summary="A batch and how far it is", summary_zh="查询批量任务进度",
        returns=BatchShown, problems=(NoSuchBatch, NoGrant),
    ),
    _route(
        method="DELETE", path=_ONE, name="end_batch", summary="Cancel a batch, or destroy its result",
        summary_zh="取消批量任务或销毁结果", returns=BatchShown, problems=(NoSuchBatch, NoGrant, BatchDestroyed),
    ),
    _route(
        method="GET", path=f"{_ONE}/result", name="fetch_batch_result",
        summary="The result, one line of JSON a row; ranges resume a download", summary_zh="下载批量结果（支持断点续传）",
        gives=(RESULT_TYPE,), ranges=True,
        problems=(*DENIALS, NoSuchBatch, BatchNotReady, BatchDestroyed, RangeOutside, AuditUnavailable),
    ),
    _route(
        method="GET", path=f"{_ONE}/manifest", name="show_batch_manifest", summary="The sealed manifest of a result",
        summary_zh="批量结果签封清单", returns=ManifestSealed, problems=(NoSuchBatch, NoGrant, BatchNotReady),
    ),
)  # fmt: skip
