"""``./gw bench``: measure parts of the gateway on this machine."""

import json
import sys

import click
import uvloop

from gateway.bench.audit import Load, Measured, measure
from gateway.bench.machine import place
from gateway.cli.bench_exchange import command as exchange
from gateway.cli.exits import OK
from gateway.telemetry.logs import configure_logs


@click.group("bench")
def command() -> None:
    """Measure parts of the gateway on a throw-away database of their own (基准测试)."""


command.add_command(exchange)


@command.command("audit")
@click.option(
    "--events", type=click.IntRange(512), default=8192, show_default=True, help="Of a batched round."
)
@click.option(
    "--rate",
    type=click.IntRange(100),
    default=10_200,
    show_default=True,
    help="Steady load, events a second.",
)
@click.option(
    "--seconds", type=click.FloatRange(0.5, 600), default=5, show_default=True, help="How long it lasts."
)
@click.option(
    "--records",
    type=click.IntRange(1000),
    default=100_000,
    show_default=True,
    help="In the ledger that is verified.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def audit(ctx: click.Context, events: int, rate: int, seconds: float, records: int, as_json: bool) -> None:
    """The audit log: durable events per second, batched beside single; latency; CPU; verification (审计日志基准).

    Figures belong to this machine and to what else it does meanwhile; only ratios travel. Exit code 0 also when a goal
    is missed: the table says so.
    """
    configure_logs("warning", stream=sys.stderr)
    with place() as where:
        run = uvloop.run(measure(where, Load(events=events, rate=rate, seconds=seconds, records=records)))
    click.echo(json.dumps(run.shown(), ensure_ascii=False) if as_json else _table(run))
    ctx.exit(OK)


def _table(run: Measured) -> str:
    machine = " · ".join(f"{name} {value}" for name, value in run.machine.items())
    lines = [f"{machine} · fsync {run.fsync_seconds * 1e3:.2f} ms"]
    for figure in run.figures:
        bound, mark = "≥" if figure.least else "≤", "yes 达到" if figure.met else "no 未达"
        lines.append(
            f"{figure.name:<34} {figure.value:>12,.1f} {figure.unit:<3} goal {bound} {figure.goal:>10,.1f}  {mark}"
        )
    steady = run.inbox.paced
    lines.append(f"p99 until durable {steady.p99_seconds * 1e3:.1f} ms; refused {steady.refused}")
    return "\n".join(lines)
