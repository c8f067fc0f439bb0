"""``./gw keys``: the gateway's signing keys."""

import asyncio
import json
from typing import Final

import click

from gateway.cli.context import Installation, installation, installation_options
from gateway.cli.setting_up import local_identity, local_revoking
from gateway.identity import Role
from gateway.identity.store import SigningKey
from gateway.web import Principal

_OPERATOR: Final = Principal(
    "system", "console", "", frozenset({Role.SECURITY_ADMIN}), "", "account on the machine"
)


@click.group("keys")
def command() -> None:
    """List, announce, rotate and revoke the gateway's signing keys (签名密钥)."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def show(ctx: click.Context, as_json: bool) -> None:
    """List the keys that sign, will sign or still verify tokens (公钥列表)."""
    keys = asyncio.run(_list(installation(ctx)))
    if as_json:
        click.echo(json.dumps({"keys": [key.public for key in keys]}))
        return
    for key in keys:
        click.echo(f"{key.kid}  {key.public['alg']}  {_standing(key)}")


def _standing(key: SigningKey) -> str:
    if key.is_current:
        return "in use"
    return (
        "verifies older tokens"
        if key.retired_at
        else f"announced, signs from {key.active_from:%Y-%m-%dT%H:%MZ}"
    )


@command.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def rotate(ctx: click.Context, as_json: bool) -> None:
    """Let the announced key, or a new one, sign at once; issued tokens stay valid to their end (轮换密钥). No restart."""
    kid = asyncio.run(_rotate(installation(ctx)))
    click.echo(json.dumps({"kid": kid}) if as_json else f"now signing with {kid}")


@command.command("announce")
@click.option(
    "--seconds", type=click.IntRange(0, 31536000), help="How long before it signs.  [default: as set]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def announce(ctx: click.Context, seconds: int | None, as_json: bool) -> None:
    """Publish the next key ahead of its use, so that whoever keeps the key set learns it in time (预告密钥)."""
    kid = asyncio.run(_announce(installation(ctx), seconds))
    click.echo(json.dumps({"kid": kid}) if as_json else f"announced {kid}")


@command.command("revoke")
@click.argument("kid")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def revoke(ctx: click.Context, kid: str, as_json: bool) -> None:
    """Strike the key KID off: every token it signed is refused within two seconds (吊销密钥)."""
    successor = asyncio.run(_revoke(installation(ctx), kid))
    said = {"kid": kid, "successor": successor}
    click.echo(
        json.dumps(said)
        if as_json
        else f"revoked {kid}" + (f", now signing with {successor}" if successor else "")
    )


async def _list(where: Installation) -> list[SigningKey]:
    async with local_revoking(where) as revoking:
        return await revoking.keys()


async def _rotate(where: Installation) -> str:
    async with local_identity(where, issuer="") as identity:
        return await identity.rotate_key(_OPERATOR)


async def _announce(where: Installation, seconds: int | None) -> str:
    async with local_revoking(where) as revoking:
        return await revoking.announce_key(_OPERATOR, seconds)


async def _revoke(where: Installation, kid: str) -> str | None:
    async with local_revoking(where) as revoking:
        return await revoking.revoke_key(_OPERATOR, kid)
