"""``./gw audit export``: ask a gateway for an evidence pack, see how far it is, and fetch it, however often the connection breaks."""

import asyncio
import hashlib
import json
import time
from pathlib import Path
from typing import Any, BinaryIO, Final

import aiohttp
import click

from gateway.cli.context import installation_options
from gateway.cli.instants import instant
from gateway.cli.person import NotLetIn
from gateway.cli.reaching import URL, base_of
from gateway.cli.token import GatewayUnreachable
from gateway.errors import Conflict, Unavailable

_PATH: Final = "/v1/audit/exports"
_OPEN: Final = ("queued", "running")
_LOOK_SECONDS: Final = 1.0
_SILENT_SECONDS: Final = 60
_PATIENCE_SECONDS: Final = (1, 2, 5, 10, 30)
_CHUNK: Final = 1 << 16
_TOKEN = click.option(
    "--token", envvar="GATEWAY_TOKEN", required=True, help="Who asks: see gw person sign-in.  [GATEWAY_TOKEN]"
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


class NoPack(Conflict):
    """The export has no pack to fetch（该导出没有可下载的举证包）."""

    remedy = ("Ask for it anew; reason says what to change.", "请按 reason 所示原因调整后重新申请。")


class PackDiffers(Unavailable):
    """What was fetched is not the pack that was announced（下载内容与举证包摘要不符）."""

    remedy = ("Fetch it again; nothing was kept.", "请重新下载；已删除不符内容。")


@click.group("export")
def export() -> None:
    """Evidence packs of records from a gateway anywhere: ask, show, fetch (导出举证包)."""


@export.command("ask")
@click.option("--org", help="Whose records; without it those of the whole log (部门).")
@click.option(
    "--side", "sides", type=click.Choice(["consumer", "provider"]), multiple=True, help="As whose records."
)
@click.option("--since", callback=instant, help="From this instant on.")
@click.option("--until", callback=instant, help="Before this instant.")
@click.option("--first", type=int, help="From this number of the department on, with one --side.")
@click.option("--last", type=int, help="Up to this number.")
@click.option(
    "--filter", "filters", metavar="NAME=VALUE", multiple=True, help="What a record must say; repeatable."
)
@click.option(
    "--table", "tables", type=click.Choice(["csv", "xlsx"]), multiple=True, help="As a table besides."
)
@click.option(
    "--use-records", is_flag=True, help="The sealed archive pack of a department's use (使用记录档案包)."
)
@URL
@_TOKEN
@_JSON
@installation_options
@click.pass_context
def ask(
    ctx: click.Context, /, url: str | None, token: str, as_json: bool, use_records: bool, filters: tuple[str, ...], **wanted: Any
) -> None:  # fmt: skip
    """Ask for an export and print its id (申请导出)."""
    body = {name: value for name, value in wanted.items() if value not in (None, ())}
    body |= {name: wanted[name].isoformat() for name in ("since", "until") if wanted[name] is not None}
    if use_records:
        body["kind"] = "use-records"
    if filters:
        body["filter"] = dict(_pair(one) for one in filters)
    made = asyncio.run(_Gateway(base_of(ctx, url), token).asked("POST", _PATH, body))
    click.echo(json.dumps(made, ensure_ascii=False) if as_json else made["id"])


@export.command("show")
@click.argument("export_id", metavar="EXPORT")
@URL
@_TOKEN
@_JSON
@installation_options
@click.pass_context
def show(ctx: click.Context, export_id: str, url: str | None, token: str, as_json: bool) -> None:
    """How far an export is (查询进度)."""
    found = asyncio.run(_Gateway(base_of(ctx, url), token).asked("GET", f"{_PATH}/{export_id}"))
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else _told(found))


@export.command("fetch")
@click.argument("export_id", metavar="EXPORT")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@URL
@_TOKEN
@_JSON
@installation_options
@click.pass_context
def fetch(ctx: click.Context, export_id: str, file: Path, url: str | None, token: str, as_json: bool) -> None:
    """Wait for the pack and fetch it to FILE (下载举证包).

    Shows how far it is. A connection that breaks is taken up again where it broke, and so is a fetch that was stopped:
    run the same command again. What arrived waits beside FILE until it is whole and has the announced SHA-256.
    """
    if file.exists():
        raise click.BadParameter(f"{file} exists; name a new file.", param_hint="'FILE'")
    gateway = _Gateway(base_of(ctx, url), token)
    found = _fetched(gateway, export_id, file)
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else f"{file}: sha256 {found['sha256']}")


def _fetched(gateway: "_Gateway", export_id: str, file: Path) -> dict[str, Any]:
    path = f"{_PATH}/{export_id}"
    found = asyncio.run(gateway.asked("GET", path))
    while found["state"] in _OPEN:
        _say(_told(found))
        time.sleep(_LOOK_SECONDS)
        found = asyncio.run(gateway.asked("GET", path))
    _say(_told(found))
    if found["state"] != "done":
        raise NoPack(
            f"it is {found['state']}: {found.get('reason')}", f"状态 {found['state']}：{found.get('reason')}"
        )
    part = file.with_name(f".{file.name}.{found['sha256'][:16]}.part")
    _all_of(gateway, f"{path}/pack", part, found)
    if _digest(part) != found["sha256"]:
        part.unlink()
        raise PackDiffers("another SHA-256 than announced", "SHA-256 与公布的不符")
    part.replace(file)
    return {
        "file": str(file),
        "bytes": found["bytes"],
        "records": found["records"],
        "sha256": found["sha256"],
    }


def _all_of(gateway: "_Gateway", path: str, part: Path, found: dict[str, Any]) -> None:
    """Fetch what is still lacking, from where the last attempt stopped.

    Raises:
        GatewayUnreachable: several attempts in a row brought nothing.
    """
    vain = 0
    while (have := part.stat().st_size if part.exists() else 0) < found["bytes"]:
        _say(f"{have} of {found['bytes']} bytes ({have * 100 // found['bytes']} %)")
        try:
            with part.open("r+b" if have else "wb") as out:
                asyncio.run(gateway.rest(path, out, have, f'"{found["sha256"]}"'))
        except (aiohttp.ClientError, TimeoutError):
            vain = 0 if part.exists() and part.stat().st_size > have else vain + 1
            if vain > len(_PATIENCE_SECONDS):
                raise GatewayUnreachable(
                    f"the connection to {gateway.base} broke {vain} times",
                    f"与 {gateway.base} 的连接中断 {vain} 次",
                ) from None
            if vain:
                time.sleep(_PATIENCE_SECONDS[vain - 1])


class _Gateway:
    """A gateway's control API, for somebody who holds a token."""

    def __init__(self, base: str, token: str) -> None:
        self.base = base
        self._headers = {"Authorization": f"Bearer {token}"}

    async def asked(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer to a request.

        Raises:
            NotLetIn: a refusal, in its own words. GatewayUnreachable.
        """
        timeout = aiohttp.ClientTimeout(total=_SILENT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=self._headers) as session,
                session.request(method, f"{self.base}{path}", json=body) as answer,
            ):
                return await _said(answer)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise GatewayUnreachable(
                f"no gateway answers at {self.base}", f"{self.base} 没有网关应答"
            ) from None

    async def rest(self, path: str, out: BinaryIO, have: int, tag: str) -> None:
        """Write the bytes from ``have`` on to the end of a file, as they come.

        Raises:
            aiohttp.ClientError, TimeoutError: the connection broke; what came is written. NotLetIn.
        """
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_SILENT_SECONDS, sock_read=_SILENT_SECONDS)
        wanted = {"Range": f"bytes={have}-", "If-Range": tag} if have else {}
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=self._headers, auto_decompress=False) as session,
            session.get(f"{self.base}{path}", headers=wanted) as answer,
        ):
            if answer.status >= 400:
                await _said(answer)
            out.seek(have if answer.status == 206 else 0)
            out.truncate()
            async for chunk in answer.content.iter_chunked(_CHUNK):
                out.write(chunk)


async def _said(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    said: dict[str, Any] = await answer.json(content_type=None)
    if answer.status >= 400:
        raise NotLetIn(str(said.get("detail", "refused")), str(said.get("detail_zh", "被拒绝")))
    return said


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.BadParameter("must be NAME=VALUE", param_hint="'--filter'")
    return name, value


def _told(found: dict[str, Any]) -> str:
    done, rows = found["rows_done"], found.get("rows")
    far = f"{done} of {rows} rows 行 ({done * 100 // rows} %)" if rows else "not counted yet 尚未统计"
    return f"{found['state']}: {far}" + (f", {found['reason']}" if found.get("reason") else "")


def _say(text: str) -> None:
    click.echo(text, err=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
