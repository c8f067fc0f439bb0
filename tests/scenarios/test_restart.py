"""A gateway that is killed in the middle of its work, started again, and told to stop in the middle of a call."""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import pytest
from applying import act
from providers import raw_provider, saying
from services import GOOD, Service, granted_service
from world import CONSUMER, PROVIDER, World, another, http_mount, sign_off

from gateway.app import Gateway
from gateway.identity import Identity
from gateway.web import Listener

ISSUER = "http://gateway.test"
ENVIRONMENT = {
    "GATEWAY__LISTEN__EXCHANGE_PORT": "0",
    "GATEWAY__LISTEN__CONTROL_PORT": "0",
    "GATEWAY__LISTEN__METRICS_PORT": "0",
    "GATEWAY__PLATFORM__BASE_URL": ISSUER,
}


@dataclass
class Installation:
    """A data directory, and the gateway's own process on it."""

    folder: Path
    process: asyncio.subprocess.Process | None = None

    async def command(self, *arguments: str) -> asyncio.subprocess.Process:
        with (self.folder / "log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "gateway", *arguments, "--data-dir", str(self.folder / "data"), "--json",
                env={**os.environ, **ENVIRONMENT}, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )  # fmt: skip

    async def answer(self, *arguments: str) -> Any:
        """The JSON a command prints; it must succeed."""
        process = await self.command(*arguments)
        out, _ = await process.communicate()
        assert process.returncode == 0, (self.folder / "log").read_text()[-2000:]
        return json.loads(out)

    async def console_token(self, login: str) -> tuple[str, int]:
        """As people get their tokens on the box."""
        said = await self.answer("token", "--as", login)
        return said["access_token"], said["expires_in"]

    async def up(self) -> Gateway:
        """Start the gateway's process; where it listens."""
        self.process = await self.command("up")
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line, (self.folder / "log").read_text()[-2000:]
        found = json.loads(line)
        at = {name: _listener(found[name]) for name in ("exchange", "control", "operations")}
        return Gateway(ISSUER, at["exchange"], at["control"], at["operations"], cast(Identity, self))

    async def end(self, how: signal.Signals) -> int:
        """Send the process a signal and wait for its end."""
        assert self.process is not None
        self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), 60)


def _listener(url: str) -> Listener:
    parts = urlsplit(url)
    return Listener(str(parts.hostname), parts.port or 0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that the account of the database server may pass through, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="gw-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def installation(folder: Path) -> AsyncIterator[Installation]:
    made = Installation(folder)
    yield made
    if made.process is not None and made.process.returncode is None:
        await made.end(signal.SIGTERM)


@asynccontextmanager
async def peopled(installation: Installation) -> AsyncIterator[World]:
    """The first start, with departments, people and one system registered."""
    async with aiohttp.ClientSession() as session:
        world = World(await installation.up(), session)
        await asyncio.gather(
            *(world.token_of(one) for one in ("platform-admin", "security-admin", "auditor"))
        )
        await world.org(CONSUMER, "自然资源局")
        await world.org(PROVIDER, "市场监管局")
        await world.person("requester", CONSUMER, "requester")
        await world.person("provider", PROVIDER, "provider")
        await world.client("registration", CONSUMER)
        await asyncio.gather(*(world.token_of(one) for one in ("requester", "provider")))
        yield world


async def in_a_call(service: Service) -> "asyncio.Task[Any]":
    """A call that has reached the provider."""
    asked = len(service.provider.heads)
    calling = asyncio.ensure_future(service.call())
    async with asyncio.timeout(60):
        while len(service.provider.heads) == asked:  # noqa: ASYNC110  # what a socket has seen
            await asyncio.sleep(0.01)
    return calling


async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.5)
    await GOOD(reader, writer)


async def test_a_killed_gateway_goes_on_where_it_was_and_stops_in_order(installation: Installation) -> None:
    async with peopled(installation) as world, raw_provider(GOOD) as provider:
        service = await granted_service(world, provider, daily_quota=5)
        (await service.call()).ok()
        what = another()
        waiting = (await world.file(await world.publish(what, http_mount(provider.base)))).ok()
        await world.accept(waiting["id"])
        shown = await how_it_stands(world, waiting["id"])

        provider.behave = saying(60.0)
        calling = await in_a_call(service)
        assert await installation.end(signal.SIGKILL) == -signal.SIGKILL
        with pytest.raises(aiohttp.ClientError):
            await calling

        world.gateway = await installation.up()
        assert await how_it_stands(world, waiting["id"]) == shown
        await the_story_goes_on(world, service, waiting["id"], what["service"])
        events = [event["type"] for event in await world.audit(grant_id=service.grant)]
        assert events == [
            "grant.issued", "token.issued", "call.intended", "call.released", "call.intended", "call.intended",
            "call.released",
        ]  # fmt: skip
        verdict = await installation.answer("audit", "verify")
        assert (verdict["ok"], verdict["finding"]) == (True, None)

        provider.behave = late
        calling = await in_a_call(service)
        assert await installation.end(signal.SIGTERM) == 0
        answer = await calling
        assert answer.ok()["records"] == [{"uscc": PROVIDER, "name": "示例企业"}]
        assert not (installation.folder / "data" / "gateway.json").exists()


async def how_it_stands(world: World, application: str) -> Any:
    return (await world.as_("requester", "GET", f"/v1/applications/{application}")).ok()


async def the_story_goes_on(world: World, service: Service, application: str, other: str) -> None:
    """The token of before still serves, the killed call was counted, and the open application is decided."""
    service.provider.behave = GOOD
    assert (await service.call()).headers["Quota-Remaining"] == "2"
    approved = (await act(world, application, "approve", {"sign_off": sign_off()})).ok()
    token = await world.access_token("registration", other, grant_id=approved["grant_id"])
    (await world.call(token, other, {"parameters": {"uscc": PROVIDER}})).ok()
