"""A gateway as a process of its own: what it writes to standard output and error holds nothing a caller sent."""

import asyncio
import base64
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from raw import request, wire
from world import CONSUMER, PROVIDER, World, another, form, http_mount, provider_service, running_world

ROOT = Path(__file__).resolve().parents[3]
CANARY = "canary7f3a"
ID_NUMBER = "11010519491231002X"
ISSUER = "http://gateway.test"
SECRET_DSN = f"postgresql://reader:{CANARY}@127.0.0.1:9/{CANARY}"


class Process:
    """``./gw serve`` on a database that is set up; its addresses, and all it has written."""

    def __init__(self, database: Any, folder: Path) -> None:
        key = folder / "master.key"
        key.write_text(base64.b64encode(database.master_key).decode())
        key.chmod(0o600)
        env = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY__")}
        env |= {
            "GATEWAY__STORAGE__DSN": database.owner_dsn, "GATEWAY__STORAGE__LOGIN_PREFIX": database.prefix,
            "GATEWAY__PLATFORM__BASE_URL": ISSUER, "GATEWAY__SECRETS__MASTER_KEY_FILE": str(key),
            "GATEWAY__TELEMETRY__LEVEL": "debug", "GATEWAY__LISTEN__EXCHANGE_PORT": "0",
            "GATEWAY__LISTEN__CONTROL_PORT": "0", "GATEWAY__LISTEN__METRICS_PORT": "0",
        }  # fmt: skip
        self.folder, self.log = folder, folder / "log"
        command = [sys.executable, "-m", "gateway", "serve", "--data-dir", str(folder)]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)

    async def addresses(self) -> dict[str, str]:
        """Where it listens, once it does."""
        async with asyncio.timeout(60):
            while not (self.folder / "gateway.json").exists():
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.05)
        found: dict[str, str] = json.loads((self.folder / "gateway.json").read_text())
        return found

    async def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(self.process.wait, 60) == 0
        return self.log.read_text()


async def grant_and_tokens(world: World, base: str) -> tuple[str, dict[str, str]]:
    """A granted service, and tokens of everybody, good for any gateway of this issuer."""
    described = another()
    await world.granted(await world.publish(described, http_mount(base)))
    tokens = {
        login: await world.token_of(login)
        for login in ("platform-admin", "security-admin", "requester", "provider")
    }
    return described["service"], tokens | {
        "call": await world.access_token("registration", described["service"])
    }


@pytest.fixture
async def written(database: Any, tmp_path: Path) -> AsyncIterator[tuple[str, list[str]]]:
    """What a process wrote while it was sent canaries everywhere; and the secrets that were really used."""
    async with provider_service() as (base, _):
        async with running_world(database, platform={"base_url": ISSUER}) as world:
            service, tokens = await grant_and_tokens(world, base)
        served = Process(database, tmp_path)
        try:
            at = await served.addresses()
            await send_canaries(at, service, tokens)
        finally:
            text = await served.stop()
        yield text, [*tokens.values(), database.owner_dsn.partition("@")[0].rpartition(":")[2]]


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def jsoned(method: str, target: str, token: str, body: Any, *headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return request(
        method, target, f"Authorization: Bearer {token}", "Content-Type: application/json", *headers, body=raw
    )


async def send_canaries(at: dict[str, str], service: str, tokens: dict[str, str]) -> None:
    control, exchange, operations = (port_of(at[name]) for name in ("control", "exchange", "operations"))
    parameters = {"parameters": {"uscc": PROVIDER}, "operator": CANARY, "case": CANARY, "matter": ID_NUMBER}
    person = {"login": f"x-{CANARY}", "name": f"{CANARY} {ID_NUMBER}", "org": CONSUMER, "roles": []}
    draft = another(name=CANARY, summary=ID_NUMBER, mode="table", format="database")
    form_body = f"grant_type={CANARY}&client_assertion={CANARY}.{CANARY}.{CANARY}".encode()
    sent = [
        (exchange, jsoned("POST", f"/services/{service}", tokens["call"], parameters)),
        (exchange, jsoned("POST", f"/services/{service}", tokens["call"], {"parameters": {"uscc": CANARY}})),
        (exchange, jsoned("POST", f"/services/{service}", f"{CANARY}.{CANARY}.{CANARY}", parameters)),
        (exchange, request("GET", f"/services/{service}?uscc={CANARY}", f"Authorization: Bearer {tokens['call']}")),
        (exchange, request("GET", f"/services/{service}?id={ID_NUMBER}&token={CANARY}")),
        (control, jsoned("POST", "/v1/people", tokens["security-admin"], person)),
        (control, jsoned("POST", "/v1/resources", tokens["provider"], draft)),
        (control, jsoned("POST", "/v1/resources", tokens["provider"], {**draft, CANARY: CANARY})),
        (control, jsoned("POST", "/v1/applications", tokens["requester"], form(ID_ZERO, purpose=CANARY, scene=ID_NUMBER))),
        (control, jsoned("PUT", f"/v1/resources/{ID_ZERO}/mount", tokens["provider"],
                         {"mount": {"kind": "table", "dsn": SECRET_DSN, "relation": CANARY}})),
        (control, jsoned("POST", "/v1/orgs", tokens["platform-admin"], CANARY.encode())),
        (control, request("POST", "/oauth/token", "Content-Type: application/x-www-form-urlencoded", body=form_body)),
        (control, request("GET", f"/v1/{CANARY}?access_token={CANARY}", f"Cookie: session={CANARY}")),
        (control, request("GET", "/v1/orgs", f"User-Agent: {CANARY}", f"X-Forwarded-For: {CANARY}", f"Idempotency-Key: {CANARY}")),
        (control, request("GET", "/v1/orgs", f"Authorization: Basic {CANARY}")),
        (control, f"GET /{CANARY} HTTP/1.1\r\n{CANARY}\r\n\r\n".encode()),
        (control, request(CANARY.upper(), "/")),
        (control, request("GET", f"/v1/orgs?q={CANARY}%0d%0aforged")),
        (operations, request("GET", f"/{CANARY}")),
    ]  # fmt: skip
    for port, data in sent:
        async with wire(port) as open_:
            await open_.send(data)
            assert (await open_.answer()).status < 500


ID_ZERO = "00000000-0000-7000-8000-000000000000"


async def test_nothing_a_caller_sends_and_no_secret_is_written(written: tuple[str, list[str]]) -> None:
    text, secrets = written
    assert len(text.splitlines()) > 15
    assert CANARY not in text.lower()
    assert ID_NUMBER not in text
    for secret in secrets:
        assert secret not in text
        assert secret.split(".")[0] not in text or "." not in secret
    assert not re.search(r"eyJ[A-Za-z0-9_-]{8}|postgres(ql)?://|PRIVATE KEY|Traceback", text)


async def test_every_line_is_one_json_object_with_time_level_and_event(
    written: tuple[str, list[str]],
) -> None:
    text, _ = written
    lines = [json.loads(line) for line in text.splitlines()]
    assert all({"time", "level", "event"} <= set(line) for line in lines)
    asked = [line for line in lines if line["event"] in ("request", "call")]
    assert len(asked) >= 15
    assert all(re.fullmatch(r"[0-9a-f-]{36}", line["request_id"]) for line in asked)
    assert {line.get("route") for line in asked if line["event"] == "request"} >= {
        "/v1/people",
        "/oauth/token",
        "-",
    }
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029\u202e]", text)
