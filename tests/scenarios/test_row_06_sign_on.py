"""mission row 6, 统一身份认证, “一次认证、全网通办”: a clerk signs in once with the province, acts here, and is out on every process
as soon as a security administrator says so; who is unknown here, or shows a foreign or expired session, is told in words.
"""

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from signing_in import CHEAP, ask
from upstream_sign_in import SECRET, link, oidc_provider, provider_settings, through
from world import CONSUMER, World, another, form, http_mount, running_world

BASE = "http://gateway.test"
PEOPLE: dict[str, Any] = {"zhang": {"amr": ["pwd", "otp"]}, "sun": {}}


@asynccontextmanager
async def second_process(database: Any, folder: Path) -> AsyncIterator[str]:
    """Another gateway process on the same database; the address of its control API."""
    key = folder / "master.key"
    key.write_bytes(base64.b64encode(database.master_key))
    key.chmod(0o600)
    environment = {
        "GATEWAY__STORAGE__DSN": database.owner_dsn, "GATEWAY__STORAGE__LOGIN_PREFIX": database.prefix,
        "GATEWAY__SECRETS__MASTER_KEY_FILE": str(key), "GATEWAY__PLATFORM__BASE_URL": BASE,
        **{f"GATEWAY__LISTEN__{part}_PORT": "0" for part in ("EXCHANGE", "CONTROL", "METRICS")},
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "gateway", "serve", "--only", "control", "--data-dir", str(folder),
            env={**os.environ, **environment}, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            while not (folder / "gateway.json").exists():
                assert process.returncode is None, (folder / "log").read_text()[-2000:]
                await asyncio.sleep(0.05)
        yield json.loads((folder / "gateway.json").read_text())["control"]
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)


@asynccontextmanager
async def province(database: Any, folder: Path) -> AsyncIterator[World]:
    """A city's gateway whose people sign in with the province."""
    async with oidc_provider(
        client_secret=SECRET, redirect_uri="http://127.0.0.1:9/signed-in/province", people=PEOPLE
    ) as issuer:
        one = provider_settings("province", issuer, folder, second_factor_amr=["otp"])
        limits = {**CHEAP, "providers": [one]}
        async with running_world(database, identity=limits, platform={"base_url": BASE}) as world:
            yield world


async def test_a_clerk_signs_in_with_the_province_acts_and_is_out_on_every_process_at_once(
    database: Any, tmp_path: Path
) -> None:
    async with province(database, tmp_path) as world, second_process(database, tmp_path) as elsewhere:
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        await world.person("zhang", CONSUMER, "requester")
        told = (await through(world, "province", "zhang")).refused(403, "account-not-linked")
        await link(world, "zhang", told["provider"], told["subject"])
        token = (await through(world, "province", "zhang")).ok()["token"]

        filed = (await ask(world, token, "POST", "/v1/applications", form(resource))).ok()
        seen = await world.send("GET", f"{elsewhere}/v1/applications/{filed['id']}", token=token)
        assert seen.ok()["id"] == filed["id"]

        (await world.as_("security-admin", "POST", "/v1/people/zhang/disable")).ok()
        (await ask(world, token, "GET", "/v1/applications")).refused(401, "session-over")
        (await world.send("GET", f"{elsewhere}/v1/applications", token=token)).refused(401, "session-over")
        (await through(world, "province", "zhang")).refused(403, "person-not-active")

        events = [event["type"] for event in await world.audit() if event["who"].get("id") == "zhang"]
        assert events[:2] == ["person.signed_in", "application.filed"]


async def test_a_foreign_or_made_up_session_is_refused_in_words(database: Any, tmp_path: Path) -> None:
    async with province(database, tmp_path) as world:
        foreign = "gxs_" + "A" * 43
        said = (await ask(world, foreign, "GET", "/v1/me")).refused(401, "session-over")
        assert "重新登录" in said["remedy_zh"]
        unknown = (await through(world, "province", "sun")).refused(403, "account-not-linked")
        assert "安全管理员" in unknown["remedy_zh"]
        assert unknown["subject"] == "u-sun"
