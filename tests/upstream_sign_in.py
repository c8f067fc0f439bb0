"""A person at a browser, between the gateway and a real identity provider that runs as a process of its own."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
from world import Answer, World

SECRET: Final = "between-gateway-and-province"
CLIENT: Final = "share-gateway"


@asynccontextmanager
async def oidc_provider(**settings: Any) -> AsyncIterator[str]:
    """The provider of tests/oidc_provider.py; its issuer."""
    program = str(Path(__file__).parent / "oidc_provider.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", program, json.dumps({"client_id": CLIENT, **settings}),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            issuer = (await process.stdout.readline()).decode().strip()  # type: ignore[union-attr]  # a pipe
        yield issuer
    finally:
        process.kill()
        await process.wait()


def provider_settings(name: str, issuer: str, folder: Path, **changes: Any) -> dict[str, Any]:
    """One of ``[identity] providers``, with its secret in a file."""
    file = folder / f"{name}.secret"
    file.write_text(SECRET)
    file.chmod(0o600)
    return {
        "name": name, "title": f"{name} 统一身份认证", "issuer": issuer, "client_id": CLIENT,
        "redirect_uri": f"http://127.0.0.1:9/signed-in/{name}", "client_secret_file": str(file), **changes,
    }  # fmt: skip


async def begin(world: World, provider: str) -> Any:
    return (await world.as_(None, "POST", "/v1/sign-in/begin", {"provider": provider})).ok()


async def at_the_provider(
    session: aiohttp.ClientSession, url: str, login: str, twist: str = ""
) -> dict[str, str]:
    """The person signs in there; what stands in the address the browser is sent back to."""
    form = {"login": login, "twist": twist}
    async with session.post(url, data=form, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        back = urlsplit(answer.headers["Location"])
        return {name: values[0] for name, values in parse_qs(back.query).items()}


async def finish(world: World, provider: str, ticket: str, back: dict[str, str], **changes: Any) -> Answer:
    body = {"provider": provider, "ticket": ticket, **back, **changes}
    sent = {name: value for name, value in body.items() if value is not None}
    return await world.as_(None, "POST", "/v1/sign-in/finish", sent)


async def through(world: World, provider: str, login: str, twist: str = "") -> Answer:
    """The whole way."""
    begun = await begin(world, provider)
    back = await at_the_provider(world.session, begun["authorize_url"], login, twist)
    return await finish(world, provider, begun["ticket"], back)


async def link(world: World, login: str, provider: str, subject: str) -> Any:
    body = {"provider": provider, "subject": subject}
    return (await world.as_("security-admin", "POST", f"/v1/people/{login}/accounts", body)).ok()
