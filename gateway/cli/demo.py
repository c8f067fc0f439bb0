"""``./gw demo``: a story on a throw-away installation, then a gateway to try."""

import click

from gateway.cli.exits import FAILED, OK
from gateway.demo.performance import perform


@click.command("demo")
@click.option("--once", is_flag=True, help="End after the story instead of leaving the gateway running.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object; the story goes to standard error."
)
@click.pass_context
def command(ctx: click.Context, once: bool, as_json: bool) -> None:
    """Real-estate registration in five working days, told with real processes (演示).

    Starts a gateway on a throw-away PostgreSQL and the services of three departments, then goes through
    registration, catalogue, six applications, permitted and refused calls, and the audit log. Afterwards the
    gateway stays up, with three lines to try, until Ctrl-C; then everything is removed. Needs nothing but this
    checkout and about 20 seconds, and touches no installation of yours.

    Exit code 0 only if every step had its expected outcome.
    """
    ctx.exit(OK if perform(once=once, as_json=as_json) else FAILED)
