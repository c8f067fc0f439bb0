"""``./gw bench exchange``: calls under load beside proxies, as a table or JSON."""

import json
from typing import Any

import click

from gateway.bench.exchange import Asked, measure
from gateway.bench.exchange.contenders import NAMES
from gateway.bench.exchange.further import FURTHER
from gateway.cli.exits import OK


@click.command("exchange")
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True, help="Rounds that count.")
@click.option("--seconds", type=click.IntRange(1, 60), default=1, show_default=True, help="Of one turn.")
@click.option(
    "--connections",
    type=click.IntRange(1, 1000),
    multiple=True,
    default=(1, 32, 256),
    show_default=True,
    help="May be given several times.",
)
@click.option(
    "--beside", type=click.Choice(NAMES), multiple=True, help="Only beside these.  [default: all there are]"
)
@click.option(
    "--without", type=click.Choice(FURTHER), multiple=True, help="Leave this out; may be given several times."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    rounds: int,
    seconds: int,
    connections: tuple[int, ...],
    beside: tuple[str, ...],
    without: tuple[str, ...],
    as_json: bool,
) -> None:
    """Calls with everything on, beside proxies that do less (数据调用基准).

    One gateway process answers on a core of its own; PostgreSQL, control and integrator, the provider and the load have
    the others. Each program is loaded in turn, round after round; ratios are medians of the rounds' own. Programs that are
    not installed are left out and named; those for Node.js are fetched once with npm. Exit code 0 also when a goal is
    missed: the table says so.
    """
    further = [name for name in FURTHER if name not in without]
    asked = Asked(beside or NAMES, connections, rounds, seconds, further)
    run = measure(asked, lambda said: click.echo(said, err=True)).shown()
    click.echo(json.dumps(run, ensure_ascii=False) if as_json else _table(run))
    ctx.exit(OK)


def _table(run: dict[str, Any]) -> str:
    machine = " · ".join(f"{name} {value}" for name, value in run["machine"].items())
    lines = [f"{machine} · fsync {run['fsync_seconds'] * 1e3:.2f} ms"]
    for count, at in run["connections"].items():
        lines += ["", f"{count} connections (并发连接)"]
        lines.append(
            f"  {'':<16}{'req/s':>9}{'CPU µs':>9}{'p50 ms':>9}{'p99 ms':>9}   gateway ÷ it: req/s, CPU"
        )
        lines.append(_row("gateway", at["gateway"], "") + _aside(at["gateway"]))
        for name, found in at["contenders"].items():
            ratios = f"   {at['ratios'].get(name, 0):>9.2f} ×{at['cpu_ratios'].get(name, 0):>7.2f} ×"
            lines.append(_row(name, found, ratios))
    lines += ["", *(f"not measured (未测): {name}: {why}" for name, why in run["absent"].items())]
    lines += [_goal(goal) for goal in run["goals"]]
    lines += _further(run)
    lines.append(f"memory of the process for calls (进程内存): {run['memory_bytes'] / 2**20:.0f} MiB")
    return "\n".join(lines)


def _further(run: dict[str, Any]) -> list[str]:
    """Waiting at a steady load, many grants and two processes, as far as measured."""
    lines = []
    if at := run.get("stages"):
        shares = ", ".join(f"{name} {us:.0f}" for name, us in at["us"].items())
        lines.append(f"CPU by stage, µs a call, of {at['cpu_us'] or 0:.0f} (各环节 CPU): {shares}")
    if at := run.get("latency"):
        added = at["added"]
        reached = f"{at['gateway']['rps']:,.0f} of {at['rate']:,.0f}/s answered"
        lines.append(
            f"added at {at['rate']:,.0f} calls/s (固定速率下增加的时延): p50 {added.get('p50_ms', 0):.2f} ms (must ≤ 2), "
            f"p99 {added.get('p99_ms', 0):.2f} ms (must ≤ 10); {reached}, {at['gateway']['late']} sent late"
        )
    if at := run.get("withdrawing"):
        lines.append(
            f"a suspended grant is refused after (暂停授权生效): p50 {at['p50_seconds']:.3f} s, "
            f"p99 {at['p99_seconds']:.3f} s (must ≤ 2), two processes, {at['times']} times"
        )
    if (at := run.get("grants")) and at["slower"] is not None:
        lines.append(
            f"with {at['grants']:,} grants a call costs {at['slower']:+.1%} CPU (must < +5 %); "
            f"memory {at['memory_bytes'] / 2**20:.0f} MiB (must ≤ 120) (大量授权下)"
        )
    if (at := run.get("processes")) and at["rps_ratio"] is not None:
        where = (
            "sharing a core with PostgreSQL and the load" if at["shares_a_core"] else "on a core of its own"
        )
        lines.append(
            f"two processes, the second {where}: {at['rps_ratio']:.2f} × the requests of one (双进程), "
            f"{at['cpu_ratio']:.2f} × its CPU per request"
        )
    return lines


def _row(name: str, found: dict[str, float], ratios: str) -> str:
    if not found:
        return f"  {name:<16} no round without a fault (各轮均有失败)"
    return (
        f"  {name:<16}{found['rps']:>9,.0f}{found['cpu_us']:>9,.0f}{found['p50_ms']:>9.2f}{found['p99_ms']:>9.2f}"
        + ratios
    )


def _aside(found: dict[str, float]) -> str:
    if not found:
        return ""
    return f"   beside: PostgreSQL {found['postgres_us']:,.0f} µs, control and integrator {found['integrator_us']:,.0f} µs"


def _goal(goal: dict[str, Any]) -> str:
    sign = "≥" if goal["figure"] == "ratios" else "≤"
    what = "requests/s" if goal["figure"] == "ratios" else "CPU"
    must = "–" if goal["must"] is None else f"{sign} {goal['must']:g}"
    aim = "–" if goal["aim"] is None else f"{sign} {goal['aim']:g}"
    marks = {True: "yes 达到", False: "no 未达", None: ""}
    return (
        f"{what + ' ÷ ' + goal['contender']:<28}{goal['connections']:>4}{goal['value']:>9.2f}   must {must:<7}"
        f"{marks[goal['met']]:<8}   aim {aim:<7}{marks[goal['aim_met']]}"
    )
