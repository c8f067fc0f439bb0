"""Getting records from where a resource is mounted: 接口, 库表, 文件.

A call gets them written down as they may leave; licences, trials and comparisons get plain records that map the
provider's names to scalars, of which nothing leaves before ``project`` has checked and chosen.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

from gateway.audit.writer import utc_now
from gateway.catalog import BucketMount, FileMount, FolderMount, HttpMount, Resource, TableMount
from gateway.exchange.assertion import Assertions
from gateway.exchange.connectors.file import read_file
from gateway.exchange.connectors.files import Checked, Files
from gateway.exchange.connectors.forms import Form, Segment, Writer
from gateway.exchange.connectors.http import Questions, address, read_http, told
from gateway.exchange.connectors.table import Query, Tables
from gateway.exchange.connectors.upper import UpperServices
from gateway.exchange.plans import Plan
from gateway.exchange.projection import Projection, Projections, Shown
from gateway.settings import Exchange as Limits
from gateway.web.egress import Egress
from gateway.web.fetching import Fetching
from gateway.web.outbound import Outbound, UpstreamInvalid, UpstreamTooLarge, target_of
from gateway.web.peers import Peers

Record = Mapping[str, Any]
_CHOICES_MOST: Final = 64


class Connectors:
    """All three, with what they hold open.

    Args:
        uppers: signs calls to upper platforms.
        peers: says whose certificates count, and which are shown.
        assertions: signs what departments are told of calls; None tells them nothing signed.
        now: the present instant with its zone, which signed requests to stores must name.
    """

    def __init__(
        self,
        limits: Limits,
        uppers: UpperServices,
        peers: Peers | None = None,
        assertions: Assertions | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        egress = Egress(limits.egress_networks)
        self._limits = limits
        self._uppers = uppers
        self._assertions = assertions
        self._outbound = Outbound(limits, egress, peers)
        self._tables = Tables(limits, egress)
        self._fetching = Fetching(limits, egress, peers)
        self._files = Files(limits, self._fetching, now)
        self._projections = Projections(limits.rows)

    async def __aenter__(self) -> Self:
        await self._outbound.__aenter__()
        await self._fetching.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._outbound.__aexit__()
        await self._fetching.__aexit__()
        await self._tables.close()

    async def answer(
        self, plan: Plan, fields: tuple[str, ...], parameters: Mapping[str, str], request_id: str
    ) -> Shown:
        """The provider's records for a call as they may leave: ``fields`` in their order, masked where the grant says so.

        Not for licences, whose records must be judged first; see :meth:`read` and :meth:`written`.

        Raises:
            Upstream: in one of its kinds.
            ParameterWrong: a value that cannot stand in the address.
        """
        questions, projection = plan.made.get(fields) or self._made(plan, fields)
        if questions is not None:
            return projection.of_answer(await questions.ask(parameters, request_id))
        headers = self._asserted(plan, parameters, request_id)
        return projection.of_records(
            await self.read_from(plan.resource, plan.dsn, fields, parameters, headers)
        )

    def _made(self, plan: Plan, fields: tuple[str, ...]) -> tuple[Questions | None, Projection]:
        mount, questions = plan.resource.mount, None
        if isinstance(mount, HttpMount) and mount.upper is None:
            questions = Questions(self._outbound, plan, mount, self._assertions, self._limits.answer_bytes)
        if len(plan.made) >= _CHOICES_MOST:
            plan.made.clear()
        made = plan.made[fields] = questions, self._projections.of(plan.resource, fields, plan.masked)
        return made

    def written(self, plan: Plan, fields: tuple[str, ...], chosen: list[dict[str, Any]]) -> Shown:
        """Records of a licence, chosen and judged, as they may leave."""
        return self._projections.of(plan.resource, fields, plan.masked).written(chosen)

    async def read(self, plan: Plan, parameters: Mapping[str, str], request_id: str) -> Sequence[Record]:
        """The provider's records for a call.

        Raises:
            Upstream: in one of its kinds.
        """
        fields, licence = plan.grant.terms.fields, plan.resource.description.licence
        if licence is not None:
            fields = list(dict.fromkeys((*fields, *licence.needed_items())))
        sent = self._asserted(plan, parameters, request_id)
        return await self.read_from(plan.resource, plan.dsn, fields, parameters, sent)

    def _asserted(self, plan: Plan, parameters: Mapping[str, str], request_id: str) -> Mapping[str, str]:
        """What the gateway says to the department; an upper platform has a signature of its own."""
        made, mount, headers = self._assertions, plan.resource.mount, told(plan, request_id)
        if made is None or not isinstance(mount, HttpMount | FileMount):
            return headers
        if isinstance(mount, HttpMount) and mount.upper is not None:
            return headers
        target = ""
        if made.is_each_call(plan.grant):
            url = address(mount.url, parameters) if isinstance(mount, HttpMount) else mount.url
            target = target_of(url)
        return {**headers, "Gateway-Assertion": made.of(plan.grant, request_id, target)}

    async def read_from(
        self,
        resource: Resource,
        dsn: str | None,
        fields: Sequence[str],
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> Sequence[Record]:
        """The provider's records of these fields; ``dsn`` only for tables.

        Raises:
            Upstream: in one of its kinds; UpstreamInvalid too for a file that is given as it is.
        """
        match resource.mount:
            case HttpMount() as mount:
                return await read_http(self._outbound, mount, parameters, headers, self._limits, self._uppers)
            case TableMount() as mount:
                return await self._tables.read(dsn or "", fields, mount, parameters)
            case FileMount() as mount:
                return await read_file(self._outbound, mount, parameters, headers, self._limits)
            case FolderMount() | BucketMount():
                raise UpstreamInvalid(
                    "the resource is a file given as it is; it has no records",
                    "该资源为整份文件，没有可读取的记录",
                )
        raise UpstreamInvalid("the resource is not mounted", "资源未挂接")

    def opened(
        self, resource: Resource, secret: str | None, parameters: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Checked]:
        """The file of a resource that is given as it is, read through and scanned; see :meth:`Files.opened`."""
        mount = resource.mount
        if not isinstance(mount, FolderMount | BucketMount):
            raise UpstreamInvalid("the resource is not mounted as a whole file", "资源未挂接为整份文件")
        return self._files.opened(mount, resource.provider_org, secret or "", parameters)

    async def stream(
        self,
        plan: Plan,
        fields: tuple[str, ...],
        parameters: Mapping[str, str],
        form: Form,
        request_id: str,
    ) -> AsyncIterator[Segment]:
        """The records as they may leave, projected and masked, in segments of a long answer; tables page by page.

        Nothing here is recorded: whoever lets a segment out records it first (``call.segment``).

        Raises:
            Upstream: in one of its kinds; UpstreamTooLarge beyond ``stream_rows``.
            NoKeyToPageBy: a table without a key.
        """
        projection, most = self._projections.of(plan.resource, fields, plan.masked), self._limits.stream_rows
        writer, count = Writer(form, fields, self._limits.segment_bytes), 0
        async for records in self._pages(plan, fields, parameters, request_id):
            count += len(records)
            if count > most:
                raise UpstreamTooLarge(f"more than {most} records in a stream", f"流式应答超过 {most} 条记录")
            for segment in writer.write(projection.page_of(records)):
                yield segment
        for segment in writer.rest():
            yield segment

    async def _pages(
        self, plan: Plan, fields: Sequence[str], parameters: Mapping[str, str], request_id: str
    ) -> AsyncIterator[Sequence[Record]]:
        mount = plan.resource.mount
        if isinstance(mount, TableMount):
            async for page in self._tables.pages(plan.dsn or "", Query(mount, fields, parameters)):
                yield page
        else:
            sent = self._asserted(plan, parameters, request_id)
            yield await self.read_from(plan.resource, plan.dsn, fields, parameters, sent)
