"""``./gw keys``: the gateway's signing keys."""

import asyncio
import json
from typing import Any

import click

from gateway.cli.context import Installation, installation, installation_options
from gateway.cli.setting_up import local_identity
from gateway.identity import Role
from gateway.web import Principal


@click.group("keys")
def command() -> None:
    """List and rotate the gateway's signing keys (签名密钥)."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def show(ctx: click.Context, as_json: bool) -> None:
    """List the public keys that verify tokens now, newest first (公钥列表)."""
    keys = asyncio.run(_list(installation(ctx)))
    if as_json:
        click.echo(json.dumps({"keys": keys}))
        return
    for place, key in enumerate(keys):
        click.echo(f"{key['kid']}  {key['alg']}  {'in use' if place == 0 else 'verifies older tokens'}")


@command.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def rotate(ctx: click.Context, as_json: bool) -> None:
    """Make a new signing key; tokens already issued stay valid to their end (轮换密钥). No restart is needed."""
    kid = asyncio.run(_rotate(installation(ctx)))
    click.echo(json.dumps({"kid": kid}) if as_json else f"now signing with {kid}")


async def _list(where: Installation) -> list[dict[str, Any]]:
    async with local_identity(where, issuer="") as identity:
        return await identity.tokens.keys.public()


async def _rotate(where: Installation) -> str:
    operator = Principal(
        "system", "console", "", frozenset({Role.SECURITY_ADMIN}), "", "account on the machine"
    )
    async with local_identity(where, issuer="") as identity:
        return await identity.rotate_key(operator)
