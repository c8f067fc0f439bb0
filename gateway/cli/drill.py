"""``./gw drill``: faults made from outside a running gateway, and what became of every call."""

import json

import click

from gateway.cli.exits import FAILED, OK
from gateway.drill import FAULT_NAMES, Drilled, drill


@click.command("drill")
@click.option(
    "--seconds",
    type=click.FloatRange(0.2, 3600),
    default=4,
    show_default=True,
    help="How long each fault is kept up.",
)
@click.option(
    "--only", type=click.Choice(FAULT_NAMES), multiple=True, help="Only these faults.  [default: all]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, seconds: float, only: tuple[str, ...], as_json: bool) -> None:
    """Break what a gateway stands on, under load, and account for every call (故障演练).

    On a throw-away database: records refused, the disk full, connections cut at every message, PostgreSQL and the gateway
    killed, providers that hang, drip, reset, lie, bomb and redirect, slow clients, the last call of a quota raced for, a
    grant revoked. Nothing may be lost, unaudited or over quota; exit code 1 if anything was.
    """
    run = drill(only or FAULT_NAMES, seconds, lambda said: click.echo(said, err=True))
    click.echo(json.dumps(run.shown(), ensure_ascii=False) if as_json else _table(run))
    ctx.exit(OK if run.is_clean else FAILED)


def _table(run: Drilled) -> str:
    heads = ("calls", "released", "lost", "unaudited", "over quota", "leaked", "doubled", "open")
    words = ("调用", "放行", "丢失", "未留痕", "超额", "泄露", "重复", "未了结")
    lines = [f"{'fault':<28}" + "".join(f"{head:>11}" for head in heads)]
    lines.append(f"{'故障':<26}" + "".join(f"{word:>{11 - len(word)}}" for word in words))
    for row in run.rows:
        figures = (
            row.calls, row.released, row.lost, row.unaudited, row.over_quota, row.leaked, row.doubled, row.open,
        )  # fmt: skip
        lines.append(f"{row.name:<28}" + "".join(f"{figure:>11}" for figure in figures) + f"   {row.note}")
    verdict = "nothing lost, unaudited or over quota (无丢失、无漏记、无超额)"
    lines += ["", verdict if run.is_clean else "an invariant was broken: see above (有不变量被破坏，见上表)"]
    lines.append(
        f"the log verifies (日志核验通过); processes started again (重启进程): {run.restarts}; "
        f"memory (内存): {run.memory_bytes / 2**20:.0f} MiB"
    )
    return "\n".join(lines)
