"""``./gw up``: a gateway on a persistent data directory, with its own PostgreSQL unless a DSN is set."""

import asyncio
import contextlib
import json
import shlex
import sys

import click

from gateway.app import Gateway
from gateway.cli.context import Installation, database, default_data_dir, installation, installation_options
from gateway.cli.running import AlreadyServing, run
from gateway.cli.setting_up import bootstrap
from gateway.errors import BadSettings, Unavailable
from gateway.seals import create_master_key
from gateway.storage.migrate import migrate
from gateway.storage.zones import database_of


@click.command("up")
@click.option("--quiet", is_flag=True, help="Only logs; no addresses and next steps.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with the addresses when ready.")
@installation_options
@click.pass_context
def command(ctx: click.Context, quiet: bool, as_json: bool) -> None:
    """Start a gateway that keeps its data (启动网关).

    The first start makes the master key, the database, the signing key and three administrators (platform,
    security, audit: 三权分立), then prints the next step. Logs go to standard output, one JSON
    object a line (with --json to standard error).
    Stop it with Ctrl-C; requests in work are finished first.
    """
    where = installation(ctx)
    prepare(where)
    with database(where) as owner_dsn:
        made = asyncio.run(_bring_up_to_date(where, owner_dsn))

        def ready(gateway: Gateway) -> None:
            if as_json:
                click.echo(json.dumps(where.addresses(), ensure_ascii=False))
            elif not quiet:
                click.echo(_next_step(where, gateway), err=True)

        if made and not quiet:
            click.echo(f"new database: {len(made)} migrations applied (已初始化数据库)", err=True)
        run(where, owner_dsn, ready=ready, logs_to=sys.stderr if as_json else sys.stdout)


def prepare(where: Installation) -> None:
    """Make the data directory and, where there is none yet, the master key.

    Raises:
        AlreadyServing: a gateway runs on it.
        BadSettings: the directory cannot be made.
    """
    with contextlib.suppress(Unavailable):
        found = where.addresses()
        raise AlreadyServing(
            f"process {found['pid']} serves {found['control']}", f"进程 {found['pid']} 正在服务"
        )
    try:
        if not where.data_dir.exists():
            where.data_dir.mkdir(parents=True)
            where.data_dir.chmod(0o755)  # whatever the umask: started by root, the server runs as nobody
        key = where.settings.secrets.master_key_file
        if key is not None and not key.exists() and _is_new(where):
            create_master_key(key)
    except OSError as fault:
        raise BadSettings(
            f"the data directory {where.data_dir} cannot be written: {fault.strerror}",
            f"数据目录 {where.data_dir} 无法写入",
        ) from None


async def _bring_up_to_date(where: Installation, owner_dsn: str) -> list[str]:
    prefix = where.settings.storage.login_prefix or database_of(owner_dsn)
    applied = await migrate(owner_dsn, prefix, where.master_key())
    await bootstrap(where)
    return applied


def _is_new(where: Installation) -> bool:
    """A lost key is never replaced in silence: what it closed could not be opened any more."""
    return where.settings.storage.dsn is not None or not where.postgres_dir.exists()


def _next_step(where: Installation, gateway: Gateway) -> str:
    control = gateway.control.url if gateway.control else ""
    data = (
        ""
        if where.data_dir == default_data_dir().absolute()
        else f" --data-dir {shlex.quote(str(where.data_dir))}"
    )
    return f"""
The gateway is up (网关已启动). Stop it with Ctrl-C.
  calls      (数据调用)  {gateway.exchange.url if gateway.exchange else "-"}/services/<service>
  control    (管理接口)  {control}   description: {control}/openapi.json
  operations (运行监测)  {gateway.operations.url}/metrics /healthz /readyz
  data       (数据目录)  {where.data_dir}

Next step (下一步): register the first department, as the platform administrator, in another terminal
(here an invented one; put its code, name and region in place):
  TOKEN=$(./gw token --as platform-admin{data})
  curl -s {control}/v1/orgs -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
    -d '{{"code": "11621000MB00000024", "name": "示例局", "region": "621000"}}'
Then follow the README from "Your own resource". Administrators: platform-admin, security-admin, auditor.
Each sets an own password and second factor with a one-time code (各管理员凭邀请码设置密码和动态口令):
  ./gw person invite security-admin{data}      then, as that person:  ./gw person accept security-admin{data}
"""
