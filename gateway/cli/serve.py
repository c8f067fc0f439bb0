"""``./gw serve``: a gateway process on a managed PostgreSQL; any number of them, on any number of hosts."""

import click

from gateway.app import PARTS
from gateway.cli.context import installation, installation_options
from gateway.cli.running import run
from gateway.errors import BadSettings


@click.command("serve")
@click.option(
    "--only",
    type=click.Choice(sorted(PARTS)),
    multiple=True,
    help="Run only this part; may be given several times.  [default: all]",
)
@installation_options
@click.pass_context
def command(ctx: click.Context, only: tuple[str, ...]) -> None:
    """Run the gateway on a database of your own (生产运行).

    Needs GATEWAY__STORAGE__DSN and GATEWAY__SECRETS__MASTER_KEY_FILE (the same on every host), and, for more than
    one process, GATEWAY__PLATFORM__BASE_URL. Refuses to start on a database that ./gw migrate has not brought up
    to date. Run ./gw migrate once to set up an empty database.
    """
    where = installation(ctx)
    if where.settings.storage.dsn is None:
        raise BadSettings(
            "[storage] dsn is not set; without one use ./gw up",
            "未设置 [storage] dsn；无外部数据库请用 ./gw up",
        )
    where.data_dir.mkdir(parents=True, exist_ok=True)
    parts = frozenset(only) or PARTS
    if "control" not in parts and where.settings.platform.base_url is None:
        raise BadSettings(
            "[platform] base_url must be set where the control part runs elsewhere",
            "管理接口在其他进程运行时须设置 [platform] base_url",
        )
    run(where, where.settings.storage.dsn, parts)
