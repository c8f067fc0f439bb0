"""``./gw person``: how people get in: a one-time code made on the box, and signing in from anywhere."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import click

from gateway.cli.context import Installation, installation, installation_options
from gateway.cli.reaching import URL, base_of
from gateway.cli.setting_up import local_invitations
from gateway.cli.token import GatewayUnreachable
from gateway.errors import Forbidden
from gateway.names import Login

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


class NotLetIn(Forbidden):
    """The gateway said no（网关拒绝了请求）."""

    remedy = ("Do what the detail says and try again.", "请按说明处理后重试。")


@click.group("person")
def command() -> None:
    """People: invite one, set a password, sign in and out (人员登录).

    \b
    1. On the gateway's machine:   ./gw person invite platform-admin
    2. The person, from anywhere:  ./gw person accept platform-admin --url URL
    3. Whenever they work:         TOKEN=$(./gw person sign-in platform-admin --url URL)
       or through the province:    TOKEN=$(./gw person sign-in --provider province --url URL)
    """


@command.command()
@click.argument("login")
@click.option(
    "--renew-second-factor", is_flag=True, help="The device is lost: a new one without proof of the old."
)
@_JSON
@installation_options
@click.pass_context
def invite(ctx: click.Context, login: str, renew_second_factor: bool, as_json: bool) -> None:
    """Issue a one-time code (签发邀请码): with it LOGIN sets the own password and second factor.

    For the first administrators, and for one who lost the device. Elsewhere a security administrator does it by
    POST /v1/people/LOGIN/invitation.
    """
    where = installation(ctx)
    issued = asyncio.run(_invite(where, Login(login), renew_second_factor))
    if as_json:
        click.echo(json.dumps(issued))
        return
    click.echo(issued["code"])
    click.echo(
        f"One-time code for {login}, until {issued['expires_at']}. Pass it on by a way of its own; then:\n"
        f"  ./gw person accept {login}\n"
        f"{login} 的邀请码（一次有效），请另行转交本人，由本人执行上述命令设置密码。",
        err=True,
    )


@command.command()
@click.argument("login")
@URL
@installation_options
@click.pass_context
def accept(ctx: click.Context, login: str, url: str | None) -> None:
    """Set the own password and second factor with a one-time code (凭邀请码设置密码).

    Asks for the code, shows what to enter into an authenticator, and asks for the password.
    """
    base = base_of(ctx, url)
    code = click.prompt("One-time code (邀请码)", err=True)
    offer = asyncio.run(_post(base, "/v1/invitations/open", {"login": login, "code": code}))
    body = {"login": login, "code": code}
    if offer["second_factor"] == "set":
        click.echo(f"Enter this into an authenticator (请录入动态口令程序): {offer['secret']}", err=True)
        click.echo(offer["otpauth"])
    password = click.prompt("New password (新密码)", hide_input=True, confirmation_prompt=True, err=True)
    if offer["second_factor"] != "optional":
        body["second_factor"] = click.prompt("Six digits (动态口令)", err=True)
    asyncio.run(_post(base, "/v1/invitations/accept", {**body, "password": password}))
    click.echo(f"Done. {login} can sign in (设置完成，可以登录).", err=True)


@command.command("sign-in")
@click.argument("login", required=False)
@click.option("--provider", metavar="NAME", help="Sign in through this identity provider instead (上级平台).")
@URL
@click.option(
    "--device",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that marks this machine as known: a stranger's wrong guesses then do not hold you up.",
)
@_JSON
@installation_options
@click.pass_context
def sign_in(
    ctx: click.Context,
    login: str | None,
    provider: str | None,
    url: str | None,
    device: Path | None,
    as_json: bool,
) -> None:
    """Sign in and print the session token (登录).

    Send it as "Authorization: Bearer TOKEN"; it ends by itself, with sign-out, and with every change of the person.
    """
    if (login is None) == (provider is None):
        raise click.UsageError("give either LOGIN or --provider")
    base = base_of(ctx, url)
    begun = _through(base, provider) if provider is not None else _by_password(base, login or "", device)
    click.echo(json.dumps(begun, ensure_ascii=False) if as_json else begun["token"])


def _by_password(base: str, login: str, device: Path | None) -> dict[str, Any]:
    body = {"login": login, "password": click.prompt("Password (密码)", hide_input=True, err=True)}
    digits = click.prompt(
        "Six digits, empty if none (动态口令，无则留空)", default="", show_default=False, err=True
    )
    if digits:
        body["second_factor"] = digits
    if device is not None and device.exists():
        body["device"] = device.read_text("ascii").strip()
    begun = asyncio.run(_post(base, "/v1/sign-in", body))
    if device is not None:
        device.touch(mode=0o600)
        device.write_text(begun["device"] + "\n", "ascii")
    return begun


def _through(base: str, provider: str) -> dict[str, Any]:
    begun = asyncio.run(_post(base, "/v1/sign-in/begin", {"provider": provider}))
    click.echo(f"Open in a browser and sign in (请在浏览器中登录):\n{begun['authorize_url']}", err=True)
    address = click.prompt("The address the browser ended at (登录后的地址栏内容)", err=True)
    answer = {
        name: value for name, value in parse_qsl(urlsplit(address).query) if name in ("code", "state", "iss")
    }
    body = {"provider": provider, "ticket": begun["ticket"], **answer}
    try:
        return asyncio.run(_post(base, "/v1/sign-in/finish", body))
    except NotLetIn as fault:
        ticket = fault.extra.get("ticket")
        if ticket is None:
            raise
    digits = click.prompt("Six digits (动态口令)", err=True)
    return asyncio.run(_post(base, "/v1/sign-in/second-factor", {"ticket": ticket, "second_factor": digits}))


@command.command("sign-out")
@click.argument("token")
@URL
@installation_options
@click.pass_context
def sign_out(ctx: click.Context, token: str, url: str | None) -> None:
    """End the session of TOKEN (退出)."""
    ended = asyncio.run(_post(base_of(ctx, url), "/v1/sign-out", None, token))
    click.echo(f"session {ended['id']} is over (会话已结束)", err=True)


async def _invite(where: Installation, login: Login, renew: bool) -> dict[str, Any]:
    async with local_invitations(where) as invitations:
        issued = await invitations.issue_from_console(login, renew_factor=renew)
    return {"login": issued.login, "code": issued.code, "expires_at": issued.expires_at.isoformat()}


async def _post(
    base: str, path: str, body: dict[str, Any] | None, token: str | None = None
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    more = {} if body is None else {"json": body}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session,
            session.post(f"{base}{path}", headers=headers, **more) as answer,  # type: ignore[arg-type]
        ):
            said: dict[str, Any] = await answer.json(content_type=None)
            refused = answer.status >= 400
    except (aiohttp.ClientError, TimeoutError, ValueError):
        raise GatewayUnreachable(f"no gateway answers at {base}", f"{base} 没有网关应答") from None
    if refused:
        detail, zh = str(said.get("detail", "refused")), str(said.get("detail_zh", "被拒绝"))
        more = {"ticket": said["ticket"]} if "ticket" in said else {}
        raise NotLetIn(f"{detail}. {said.get('remedy', '')}", f"{zh}。{said.get('remedy_zh', '')}", **more)
    return said
