"""``./gw token``: tokens for people (on the box) and for application systems (as their developers get them)."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import click

from gateway.cli.context import Installation, installation, installation_options
from gateway.cli.setting_up import local_identity
from gateway.cli.token_proof import proof
from gateway.cli.token_verify import verify
from gateway.errors import BadSettings, Unauthenticated, Unavailable
from gateway.identity.assertion import ClientKeyFile, new_client_key, signed_assertion
from gateway.names import Login


class TokenNotIssued(Unauthenticated):
    """The gateway did not issue the token（网关未签发令牌）."""

    remedy = ("Correct what the detail says and ask again.", "请按说明修正后重试。")


class GatewayUnreachable(Unavailable):
    """The gateway does not answer at this address（该地址的网关没有应答）."""

    remedy = ("Check the address and that ./gw up is running.", "请核对地址，并确认 ./gw up 正在运行。")


@click.group("token", invoke_without_command=True)
@click.option("--as", "login", metavar="LOGIN", help="A person to act as, e.g. platform-admin (人员).")
@click.option(
    "--client", metavar="ID", help="An application system to act as (应用系统); needs --key, --service."
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The system's private key (PEM).",
)
@click.option("--service", help="The data service the token is for (数据服务).")
@click.option("--grant", help="The grant, where several match (授权).")
@click.option("--url", help="The control API's address.  [default: the gateway running here]")
@click.option(
    "--new-key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make a key pair in this file; print the public JWK.",
)
@click.option("--seconds", type=click.IntRange(60, 43200), help="Life of a person's token.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def command(
    ctx: click.Context,
    login: str | None,
    client: str | None,
    key_file: Path | None,
    service: str | None,
    grant: str | None,
    url: str | None,
    new_key: Path | None,
    seconds: int | None,
    as_json: bool,
) -> None:
    """Get a token (获取令牌).

    \b
    For a person, on the gateway's own machine:   ./gw token --as platform-admin
    A key pair for an application system:         ./gw token --new-key system.pem
    For an application system, from anywhere:     ./gw token --client ID --key system.pem --service NAME --url URL
    Why a token is refused, rule by rule:         ./gw token verify TOKEN --jwks FILE
    Why a DPoP proof is refused:                  ./gw token proof PROOF --url URL
    """
    if ctx.invoked_subcommand is not None:
        return
    if sum(given is not None for given in (login, client, new_key)) != 1:
        raise click.UsageError("give exactly one of --as, --client, --new-key")
    if new_key is not None:
        answer = _make_key(new_key)
        click.echo(json.dumps(answer if as_json else answer["jwk"], ensure_ascii=False))
        return
    where = installation(ctx)
    if login is not None:
        answer = asyncio.run(_for_person(where, Login(login), seconds))
    else:
        if key_file is None or service is None:
            raise click.UsageError("--client needs --key and --service")
        answer = asyncio.run(_for_client(where, client or "", key_file, service, grant, url))
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else answer["access_token"])


async def _for_person(where: Installation, login: Login, seconds: int | None) -> dict[str, Any]:
    async with local_identity(where, where.issuer()) as identity:
        token, expires = await identity.console_token(login, seconds)
    return {"access_token": token, "token_type": "Bearer", "expires_in": expires - int(time.time())}


async def _for_client(
    where: Installation, client: str, key_file: Path, service: str, grant: str | None, url: str | None
) -> dict[str, Any]:
    base = (url or where.addresses()["control"]).rstrip("/")
    if urlsplit(base).scheme not in ("http", "https"):
        raise click.BadParameter("must be an http(s) address", param_hint="'--url'")
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
            async with session.get(f"{base}/.well-known/oauth-authorization-server") as found:
                metadata = await found.json()
            issuer = metadata["issuer"]
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": signed_assertion(client, issuer, ClientKeyFile.read(key_file)),
                "resource": f"{issuer}/services/{service}",
            }
            if grant is not None:
                form["grant_id"] = grant
            async with session.post(f"{base}/oauth/token", data=form) as answer:
                said: dict[str, Any] = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        raise GatewayUnreachable(f"no gateway answers at {base}", f"{base} 没有网关应答") from None
    if "access_token" not in said:
        raise TokenNotIssued(str(said.get("detail", "refused")), str(said.get("detail_zh", "被拒绝")))
    return said


def _make_key(file: Path) -> dict[str, Any]:
    try:
        return {"file": str(file), "jwk": new_client_key(file)}
    except FileExistsError:
        raise BadSettings(f"{file} exists and is not overwritten", f"{file} 已存在，不会覆盖") from None


command.add_command(verify)
command.add_command(proof)
