"""``gw person`` as the first administrators use it: a code on the box, then everything over the control API."""

import asyncio
import base64
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest
from signing_in import CHEAP, PASSWORD, accept, ask, invite
from upstream_sign_in import SECRET, link, oidc_provider, provider_settings
from world import World, running_world

Start = Callable[..., Any]


@pytest.fixture
async def people(database: Any) -> AsyncIterator[World]:
    async with running_world(database, identity=CHEAP) as made:
        yield made


@pytest.fixture
def start(database: Any, tmp_path: Path) -> Start:
    """Begin ``gw person``, which asks on standard input as it has no terminal."""
    key = tmp_path / "master.key"
    key.write_bytes(base64.b64encode(database.master_key))
    key.chmod(0o600)
    environment = os.environ | {
        "GATEWAY__STORAGE__DSN": database.owner_dsn,
        "GATEWAY__STORAGE__LOGIN_PREFIX": database.prefix,
        "GATEWAY__SECRETS__MASTER_KEY_FILE": str(key),
        "PYTHONWARNINGS": "ignore",
    }

    async def begin(*arguments: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "person", *arguments, env=environment, stdin=pipe, stdout=pipe, stderr=pipe,
            start_new_session=True,
        )  # fmt: skip

    return begin


async def told(process: asyncio.subprocess.Process, *lines: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error once these lines are typed."""
    out, err = await process.communicate("".join(f"{line}\n" for line in lines).encode())
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_first_administrator_sets_password_and_second_factor_and_signs_in(
    people: World, start: Start, tmp_path: Path
) -> None:
    at = ("--url", people.control)
    code, shown, said = await told(await start("invite", "platform-admin"))
    assert (code, "gw person accept platform-admin" in said) == (0, True)
    accepting = await start("accept", "platform-admin", *at)
    accepting.stdin.write(f"{shown}".encode())
    address = (await accepting.stdout.readline()).decode().strip()
    otp = pyotp.parse_uri(address)
    assert isinstance(otp, pyotp.TOTP)
    code, _, said = await told(accepting, PASSWORD, PASSWORD, otp.now())
    assert (code, "can sign in" in said) == (0, True), said

    device = tmp_path / "device"
    signing_in = ("sign-in", "platform-admin", *at, "--device", str(device))
    code, _, said = await told(await start(*signing_in), "Wrong-Word-5", otp.now())
    assert (code, "not right" in said, "security administrator" in said) == (1, True, True)
    soon = otp.at(int(time.time()) + 30)
    code, token, said = await told(await start(*signing_in), PASSWORD, soon)
    assert code == 0, said
    assert device.stat().st_mode & 0o777 == 0o600
    body = {"code": "11621000MB0000005D", "name": "医保局", "region": "621000"}
    (await ask(people, token.strip(), "POST", "/v1/orgs", body)).ok()

    code, _, said = await told(await start("sign-out", token.strip(), *at))
    assert code == 0, said
    (await ask(people, token.strip(), "GET", "/v1/orgs")).refused(401, "session-over")


async def test_an_unknown_person_and_a_wrong_code_are_answered_with_the_next_step(
    people: World, start: Start
) -> None:
    code, _, said = await told(await start("invite", "nobody-here"))
    assert (code, "unknown" in said) == (1, True)
    code, _, said = await told(await start("accept", "platform-admin", "--url", people.control), "A" * 20)
    assert (code, "has expired" in said, "邀请码" in said) == (1, True, True)


async def test_a_person_signs_in_through_a_provider_by_the_address_the_browser_ended_at(
    database: Any, start: Start, tmp_path: Path
) -> None:
    redirect = "http://127.0.0.1:9/signed-in/province"
    async with oidc_provider(client_secret=SECRET, redirect_uri=redirect, people={"li": {}}) as issuer:
        providers = [provider_settings("province", issuer, tmp_path)]
        async with running_world(database, identity={**CHEAP, "providers": providers}) as world:
            person = await accept(world, "provider", await invite(world, "provider"), time.time())
            await link(world, "provider", "province", "u-li")
            process = await start("sign-in", "--provider", "province", "--url", world.control)
            await process.stderr.readline()
            address = (await process.stderr.readline()).decode().strip()
            async with world.session.post(address, data={"login": "li"}, allow_redirects=False) as answer:
                ended_at = answer.headers["Location"]
            code, token, said = await told(process, ended_at, person.digits(time.time() + 30))
            assert code == 0, said
            assert (await ask(world, token.strip(), "GET", "/v1/me")).ok()["login"] == "provider"
