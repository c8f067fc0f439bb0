"""``./gw migrate``: bring the database to this version's schema, powers and logins; set up an empty one."""

import asyncio
import json

import click

from gateway.cli.context import Installation, installation, installation_options
from gateway.cli.setting_up import bootstrap
from gateway.storage.migrate import migrate
from gateway.storage.zones import database_of


@click.command("migrate")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Bring the database to this version's schema (数据库升级).

    Safe to run again and from several hosts at once: one applies, the others wait. The DSN's login must own the
    database and may need CREATEROLE for the zones' logins. On an empty database it also makes the signing key
    and the three administrators.
    """
    where = installation(ctx)
    applied, logins = asyncio.run(_migrate(where))
    if as_json:
        click.echo(json.dumps({"applied": applied, "administrators": logins}, ensure_ascii=False))
        return
    for name in applied:
        click.echo(f"applied {name}")
    click.echo("the database is up to date (数据库已是最新)")
    if logins:
        click.echo(
            f"administrators made (已建立管理员): {', '.join(logins)}; next: ./gw token --as platform-admin"
        )


async def _migrate(where: Installation) -> tuple[list[str], list[str]]:
    owner = where.owner_dsn()
    prefix = where.settings.storage.login_prefix or database_of(owner)
    applied = await migrate(owner, prefix, where.master_key())
    return applied, await bootstrap(where)
