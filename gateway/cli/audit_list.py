"""``./gw audit list``: records by every filter auditors have."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import click

from gateway.audit import EventType, Filter, Outcome, Page, Record
from gateway.cli.audit_reading import local_person, reading
from gateway.cli.context import installation_options
from gateway.cli.instants import instant
from gateway.names import OrgCode, is_org_code

_MOST_RECORDS: Final = 1000


def _org(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not is_org_code(value):
        raise click.BadParameter(f"{value!r} is not a unified social credit code (统一社会信用代码).")
    return value


_FILTERS: Final = (
    click.option("--org", callback=_org, metavar="CODE", help="A department on either side (部门)."),
    click.option("--consumer", callback=_org, metavar="CODE", help="The department that asks (使用方)."),
    click.option("--provider", callback=_org, metavar="CODE", help="The department that gives (提供方)."),
    click.option("--application", type=click.UUID, help="Only records of this application (申请)."),
    click.option("--grant", type=click.UUID, help="Only records of this grant (授权)."),
    click.option("--request", type=click.UUID, help="Only records of this request (请求)."),
    click.option("--resource", metavar="CODE", help="A resource by its code (信息资源)."),
    click.option("--grade", metavar="WORD", help="Grade of the resource, e.g. important (数据分级)."),
    click.option("--person", metavar="LOGIN", help="Acts of this person (人员)."),
    click.option("--client", metavar="ID", help="Acts of this application system (应用系统)."),
    click.option("--matter", metavar="CODE", help="Calls for this matter (事项编码)."),
    click.option("--case", metavar="NUMBER", help="Calls for this case (办件编号)."),
    click.option("--subject", metavar="HEX", help="Pseudonym of the party the data is about (当事人)."),
    click.option(
        "--outcome", type=click.Choice([each.value for each in Outcome]), help="How it ended (结果)."
    ),
    click.option("--reason", metavar="WORD", help="The exact reason, e.g. quota-used-up (原因)."),
    click.option("--since", callback=instant, metavar="TIME", help="Recorded at this time or later."),
    click.option("--until", callback=instant, metavar="TIME", help="Recorded before this time."),
    click.option(
        "--type",
        "kind",
        type=click.Choice([each.value for each in EventType]),
        metavar="TYPE",
        help="Only records of this type, e.g. call.released; see gw audit types.",
    ),
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """All filters as options of a command; :func:`filter_of` reads them."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def filter_of(
    kind: str | None,
    outcome: str | None,
    org: str | None,
    consumer: str | None,
    provider: str | None,
    application: UUID | None,
    grant: UUID | None,
    request: UUID | None,
    person: str | None,
    client: str | None,
    case: str | None,
    since: datetime | None,
    until: datetime | None,
    **same: str | None,
) -> Filter:
    """The filter that the options ask for; ``same`` are those whose names are the filter's."""
    if person and client:
        raise click.UsageError("--person and --client: who acted is either.")
    return Filter(
        type=EventType(kind) if kind else None,
        outcome=Outcome(outcome) if outcome else None,
        org=OrgCode(org) if org else None,
        consumer_org=OrgCode(consumer) if consumer else None,
        provider_org=OrgCode(provider) if provider else None,
        application_id=application,
        grant_id=grant,
        request_id=request,
        actor=f"person:{person}" if person else f"client:{client}" if client else None,
        case_id=case,
        since=since,
        until=until,
        **same,
    )


@click.command("list")
@click.option(
    "--limit", type=click.IntRange(1, _MOST_RECORDS), default=20, show_default=True, help="Records at most."
)
@click.option("--before", type=click.IntRange(0), help="Only records with a lower index; see next_before.")
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def list_records(ctx: click.Context, /, limit: int, before: int | None, as_json: bool, **asked: Any) -> None:
    """List records, newest first; the listing leaves a record itself (查询)."""
    page = asyncio.run(_find(ctx, filter_of(**asked), limit, before))
    if as_json:
        shown = {"records": [_shown(record) for record in page.records], "next_before": page.next_before}
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        click.echo(_listed(page))


async def _find(ctx: click.Context, wanted: Filter, limit: int, before: int | None) -> Page:
    async with reading(ctx) as reader:
        return await reader.find(local_person(), wanted, limit=limit, before=before)


def _shown(record: Record) -> dict[str, Any]:
    return {
        "idx": record.idx,
        "recorded_at": record.recorded_at.isoformat(),
        "event_id": str(record.columns.event_id),
        "cseq": record.cseq,
        "pseq": record.pseq,
        "leaf_hash": record.leaf_hash.hex(),
        "event": record.content(),
    }


def _listed(page: Page) -> str:
    lines = [
        f"{r.idx:>8}  {r.recorded_at:%Y-%m-%d %H:%M:%S}Z  {r.columns.type:<26} {r.columns.outcome:<6} "
        f"{r.columns.reason or '-':<24} {r.columns.actor or '-'}"
        for r in page.records
    ]
    more = [f"more: --before {page.next_before}"] if page.next_before is not None else []
    return "\n".join([*lines, *more]) or "no records (没有记录)"
