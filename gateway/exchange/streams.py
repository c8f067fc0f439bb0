"""Long answers: records one after the other as NDJSON or CSV, or a file; each segment on record before it leaves.

What is wrong with the first segment is told as a problem like any other; later the connection is cut, so that nobody
takes a part for the whole, and the record says how much left at most. The last segment leaves only when the release of
the whole is durable. Before each further segment it is asked again whether the grant still stands.
"""

import asyncio
import time
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

from gateway.audit import AuditLog
from gateway.audit.model import JSON
from gateway.catalog import BucketMount, FolderMount
from gateway.catalog.mount import WholeFile
from gateway.deadlines import local_day
from gateway.errors import Forbidden, Malformed, Unavailable
from gateway.exchange.admission import check_records
from gateway.exchange.connectors import Connectors
from gateway.exchange.connectors.files import Checked
from gateway.exchange.connectors.forms import Form, Segment
from gateway.exchange.evidence import Evidence, record_segment, record_whole
from gateway.exchange.plans import Plan, Plans
from gateway.exchange.reading import Head
from gateway.settings import Exchange as Limits
from gateway.web.flow import Flow
from gateway.web.incoming import Incoming
from gateway.web.outgoing import Outgoing, header_lines
from gateway.web.ranges import Span, wanted_span

T = TypeVar("T")


class FormNotOffered(Malformed):
    """This service does not answer in that form（该服务不提供此应答格式）."""

    status = 406
    remedy = ("Ask for application/json.", "请改用 application/json。")


class FileHoldsMore(Forbidden):
    """The file holds items that may not be given（文件包含未获授权的信息项）."""

    remedy = (
        "Apply for all items of the resource, unmasked, and name no fields in the call.",
        "请申请该资源的全部信息项且不脱敏，调用时不指定字段。",
    )


class TooManyStreams(Unavailable):
    """Too many long answers are under way（进行中的长应答过多）."""


class GrantEndedMeanwhile(Forbidden):
    """The grant was changed or ended while its answer was on the way（数据传输期间授权已变更或终止）."""

    remedy = ("Look at the grant, then call again.", "请查看授权状态后重新调用。")


class CallerGone(Malformed):
    """The caller went away or stopped reading before the answer was complete（调用方中断接收）."""

    remedy = ("Call again, and read the answer without pause.", "请重新调用并持续接收应答。")


class Streams:
    """Answers calls whose callers take records as they come. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        log: AuditLog,
        plans: Plans,
        connectors: Connectors,
        limits: Limits,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._plans = plans
        self._connectors = connectors
        self._limits = limits
        self._now = now
        self._under_way = 0

    def are_wanted(self, head: Head, plan: Plan) -> bool:
        """Whether the answer is a long one: the caller asks for one of its forms, or the resource is a file."""
        return _is_file(plan) or (bool(head.accept) and Form.accepted(head.accept) is not Form.JSON)

    async def answer(
        self, request: Incoming, evidence: Evidence, fields: tuple[str, ...], headers: dict[str, str]
    ) -> Outgoing:
        """Answer a call that was admitted and whose intent is on record.

        Args:
            headers: of the answer, beside its type.

        Raises:
            FormNotOffered, TooManyStreams, Upstream, AuditUnavailable: nothing left. Of files also FileHoldsMore,
                FileNotThere, FileNotScanned, RangeOutside and Malformed for a range that is none.
            GrantEndedMeanwhile, CallerGone, Upstream, AuditUnavailable: after segments left; the connection is cut.
        """
        plan, wanted, asked = evidence.plan, evidence.wanted, evidence.head
        assert plan is not None  # admitted
        assert wanted is not None
        assert asked is not None
        if plan.resource.description.licence is not None:
            raise FormNotOffered("licences are answered as JSON only", "电子证照仅以 JSON 应答")
        async with self._place():
            if _is_file(plan):
                return await self._file(request, evidence, plan, fields, headers)
            form = Form.accepted(asked.accept)
            segments = self._connectors.stream(
                plan, fields, wanted.body.parameters, form, evidence.request_id
            )
            kind = f"{form}; charset=utf-8"
            flow = request.flow(Outgoing(200, header_lines({"Content-Type": kind, **headers}), b""))
            return await self._send(request, flow, evidence, plan, segments)

    async def _file(
        self,
        request: Incoming,
        evidence: Evidence,
        plan: Plan,
        fields: tuple[str, ...],
        headers: dict[str, str],
    ) -> Outgoing:
        _check_holds_no_more(plan, fields)
        request.allow(self._limits.check_seconds)
        parameters = evidence.wanted.body.parameters if evidence.wanted else {}
        async with self._connectors.opened(plan.resource, plan.dsn, parameters) as file:
            tag = f'"{file.facts.sha256.hex()}"'
            span = wanted_span(request.headers, tag, file.facts.size)
            lines = header_lines({**headers, **_told_of(file, tag, span, plan)})
            flow = request.flow(Outgoing(206 if span.is_part else 200, lines, b""), span.end - span.start)
            parts = self._parts(file, span)
            whole: dict[str, JSON] = {
                "file": file.facts.sha256.hex(), "file_sm3": file.facts.sm3.hex(), "from": span.start,
            }  # fmt: skip
            return await self._send(request, flow, evidence, plan, parts, **whole)

    async def _parts(self, file: Checked, span: Span) -> AsyncIterator[Segment]:
        size = self._limits.segment_bytes
        for start in range(span.start, span.end, size):
            yield Segment.of(await file.source.read(start, min(size, span.end - start)), 0)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._under_way >= self._limits.streams_max:
            raise TooManyStreams("too many long answers at once", "进行中的长应答数已达上限")
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def _send(
        self,
        request: Incoming,
        flow: Flow,
        evidence: Evidence,
        plan: Plan,
        segments: AsyncIterator[Segment],
        **whole: JSON,
    ) -> Outgoing:
        began, held = time.monotonic(), None
        try:
            async for segment in segments:
                if held is not None:
                    await self._taken(flow.write(held))
                    await self._still_granted(plan)
                check_records(plan.grant, segment.records + _records(evidence))
                await record_segment(self._log, evidence, segment, segment.records)
                held = segment
            await record_whole(self._log, evidence, (time.monotonic() - began) * 1000, **whole)
            if held is not None:
                await self._taken(flow.write(held))
            return await self._taken(flow.end())
        except BaseException:
            if flow.begun and request.transport is not None:
                request.transport.abort()
            raise
        finally:
            if isinstance(segments, AsyncGenerator):
                await segments.aclose()

    async def _taken(self, sending: Coroutine[Any, Any, T]) -> T:
        """What was sent; a caller that does not take it in time has gone."""
        try:
            async with asyncio.timeout(self._limits.stall_seconds):
                return await sending
        except TimeoutError:
            _gone(f"a segment was not taken within {self._limits.stall_seconds:g} s", "未在时限内接收")
        except ConnectionError:
            _gone("the connection was closed", "连接已断开")

    async def _still_granted(self, plan: Plan) -> None:
        fresh = await self._plans.get(plan.grant.id)
        if fresh is None or fresh.versions != plan.versions or not fresh.is_live:
            raise GrantEndedMeanwhile(
                "the grant is no longer what it was when the call began", "授权与调用开始时不再一致"
            )
        if plan.grant.terms.valid_until < local_day(self._now()):
            raise GrantEndedMeanwhile("the grant expired", "授权已到期")


def _is_file(plan: Plan) -> bool:
    return isinstance(plan.resource.mount, FolderMount | BucketMount)


def _check_holds_no_more(plan: Plan, fields: tuple[str, ...]) -> None:
    """A file cannot be cut to some of its items, nor masked."""
    items = {item.name for item in plan.resource.description.items}
    if plan.masked or items - set(fields):
        raise FileHoldsMore(
            "the file is given as it is, with all its items; the grant or the call leaves some out",
            "文件整份提供，包含全部信息项；授权或本次调用未包含其中部分信息项",
        )


def _told_of(file: Checked, tag: str, span: Span, plan: Plan) -> dict[str, str]:
    """Digests of the whole file, whatever part is sent (Repr-Digest, RFC 9530)."""
    mount, digest = plan.resource.mount, b64encode(file.facts.sha256).decode()
    told = {
        "Content-Type": mount.media_type if isinstance(mount, WholeFile) else "",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Repr-Digest": f"sha-256=:{digest}:",
        "Repr-Digest-SM3": file.facts.sm3.hex(),
    }
    if span.is_part:
        told["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{file.facts.size}"
    return told


def _records(evidence: Evidence) -> int:
    return evidence.let_out.records if evidence.let_out else 0


def _gone(how: str, how_zh: str) -> NoReturn:
    raise CallerGone(how, how_zh) from None
