"""``./gw audit chain``: what a record follows from, and what followed it."""

import asyncio
import json
from typing import Any
from uuid import UUID

import click

from gateway.audit.chain.model import Chain, Link, LinkState, Step
from gateway.audit.chain.service import Chains
from gateway.audit.record import Record
from gateway.cli.audit_reading import local_person, reading_zone
from gateway.cli.context import installation_options
from gateway.cli.exits import FAILED, OK


@click.command("chain")
@click.argument("event_id", type=click.UUID)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Records forward at most."
)
@click.option(
    "--after", type=click.IntRange(0), help="Only records forward with a higher index; see next_after."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def chain(ctx: click.Context, event_id: UUID, limit: int, after: int | None, as_json: bool) -> None:
    """Walk from a record back to what it follows from, and forward to what followed (证据链).

    Every cause is pinned by the SHA-256 of its bytes; exit code 1 if a link is broken. The walk leaves a record itself.
    """
    found = asyncio.run(_walk(ctx, event_id, limit, after))
    click.echo(json.dumps(_shown(found), ensure_ascii=False) if as_json else _told(found))
    ctx.exit(OK if found.is_whole else FAILED)


async def _walk(ctx: click.Context, event_id: UUID, limit: int, after: int | None) -> Chain:
    async with reading_zone(ctx) as (database, record):
        return await Chains(database, record).walk(local_person(), event_id, limit=limit, after=after)


def _shown(found: Chain) -> dict[str, Any]:
    return {
        "whole": found.is_whole,
        "start": _step(found.start),
        "back": [_step(step) | {"distance": step.distance} for step in found.back],
        "forward": [_step(step) | {"follows": step.follows} for step in found.forward],
        "next_after": found.next_after,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "idx": step.record.idx,
        "event": step.record.content(),
        "links": [
            {"event_id": str(link.event_id), "sha256": link.sha256, "state": link.state}
            for link in step.links
        ],
    }


def _told(found: Chain) -> str:
    back = [_line("back" + " " * step.distance, step) for step in reversed(found.back)]
    forward = [_line("then" if step.follows else "also", step) for step in found.forward]
    more = [f"more: --after {found.next_after}"] if found.next_after is not None else []
    return "\n".join([*back, _line("HERE", found.start), *forward, *more])


def _line(where: str, step: Step) -> str:
    at: Record = step.record
    broken = [_complaint(link) for link in step.links if link.state in (LinkState.DIFFERS, LinkState.MISSING)]
    line = (
        f"{where[:10]:<10} {at.idx:>8}  {at.recorded_at:%Y-%m-%d %H:%M:%S}Z  {at.columns.type:<26} "
        f"{at.columns.outcome:<6} {at.columns.event_id}  {at.columns.actor or '-'}"
    )
    return "\n".join([line, *broken])


def _complaint(link: Link) -> str:
    wrong = "is not in the ledger" if link.state is LinkState.MISSING else "has other bytes than were pinned"
    return f"    BROKEN: its cause {link.event_id} {wrong}（证据链断裂）"
