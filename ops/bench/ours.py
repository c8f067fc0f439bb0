"""A gateway with one grant to call, set up over its own API as a department would."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from gateway.cli.context import Installation
from gateway.cli.setting_up import local_identity
from gateway.deadlines import local_day
from gateway.identity.assertion import ClientKeyFile, new_client_key, signed_assertion
from gateway.names import Login

CONSUMER, PROVIDER = "11621000MB00000024", "11621000MB00000037"


@dataclass(frozen=True)
class Ready:
    """Where to call, with which token, the processes to account for; where to ask for tokens, and with which key."""

    url: str
    token: str
    gateway_pid: int
    postgres_pid: int
    control: str
    issuer: str
    key: ClientKeyFile


@contextmanager
def gateway(upstream: str, settings: dict[str, str] | None = None) -> Iterator[Ready]:
    """A gateway process on a throw-away database, ready to be called."""
    with tempfile.TemporaryDirectory(prefix="gwb") as folder:
        os.chmod(folder, 0o711)
        data = Path(folder) / "data"
        ports = {f"GATEWAY__LISTEN__{name}_PORT": "0" for name in ("EXCHANGE", "CONTROL", "METRICS")}
        environment = {**os.environ, **ports, "GATEWAY__IDENTITY__TOKEN_SECONDS": "600", **(settings or {})}
        log = open(Path(folder) / "log", "wb")  # noqa: SIM115  # closed with the folder
        command = [sys.executable, "-P", "-m", "gateway", "up", "--data-dir", str(data), "--quiet"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            where = Installation(data, None)
            addresses = _wait(where, process)
            token = asyncio.run(_set_up(where, addresses, upstream, Path(folder)))
            postgres = int((data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
            key = ClientKeyFile.read(Path(folder) / "key.pem")
            url = f"{addresses['exchange']}/services/enterprise"
            yield Ready(url, token, process.pid, postgres, addresses["control"], addresses["issuer"], key)
        finally:
            process.terminate()
            process.wait(30)
            log.close()


def _wait(where: Installation, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    for _ in range(600):
        if where.run_file.exists():
            return where.addresses()
        if process.poll() is not None:
            raise SystemExit(
                "the gateway did not start: " + (where.data_dir.parent / "log").read_text()[-2000:]
            )
        time.sleep(0.05)
    raise SystemExit("the gateway did not start in 30 s")


async def _set_up(where: Installation, addresses: dict[str, Any], upstream: str, folder: Path) -> str:
    tokens: dict[str, str] = {}
    async with aiohttp.ClientSession(addresses["control"]) as session:

        async def act(login: str, method: str, path: str, body: Any = None) -> Any:
            if login not in tokens:
                async with local_identity(where, addresses["issuer"]) as identity:
                    tokens[login] = (await identity.console_token(Login(login)))[0]
            headers = {"Authorization": f"Bearer {tokens[login]}"}
            more = {} if body is None else {"json": body}
            async with session.request(method, path, headers=headers, **more) as answer:
                said = await answer.json(content_type=None)
                if answer.status >= 400:
                    raise SystemExit(f"{method} {path}: {json.dumps(said, ensure_ascii=False)}")
                return said

        for code, name in ((CONSUMER, "需求部门"), (PROVIDER, "提供部门")):
            await act("platform-admin", "POST", "/v1/orgs", {"code": code, "name": name, "region": "621000"})
        people = (("asks", CONSUMER, "requester"), ("gives", PROVIDER, "provider"))
        for login, org, role in people:
            body = {"login": login, "name": login, "org": org, "roles": [role]}
            await act("security-admin", "POST", "/v1/people", body)
        jwk = new_client_key(folder / "key.pem")
        client = {"id": "bench-system", "name": "bench", "org": CONSUMER, "keys": [jwk]}
        await act("security-admin", "POST", "/v1/clients", client)
        made = await act("gives", "POST", "/v1/resources", _description())
        one = f"/v1/resources/{made['id']}"
        mount = {"kind": "http", "url": upstream + "/{uscc}", "records_at": "/data"}
        await act("gives", "PUT", f"{one}/mount", {"mount": mount})
        await act("gives", "PUT", f"{one}/clearance", _clearance())
        await act("gives", "POST", f"{one}/submit")
        await act("platform-admin", "POST", f"{one}/publish")
        filed = await act("asks", "POST", "/v1/applications", _form(made["id"]))
        application = f"/v1/applications/{filed['id']}"
        await act("platform-admin", "POST", f"{application}/review", {"accept": True})
        await act("gives", "POST", f"{application}/approve", {"sign_off": _sign_off()})
        issuer = addresses["issuer"]
        data = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signed_assertion(
                "bench-system", issuer, ClientKeyFile.read(folder / "key.pem")
            ),
            "resource": f"{issuer}/services/enterprise",
        }
        async with session.post("/oauth/token", data=data) as answer:
            return str((await answer.json())["access_token"])


def _sign_off() -> dict[str, str]:
    return {
        "name": "王某",
        "position": "科长",
        "on": (local_day(datetime.now(UTC)) - timedelta(days=2)).isoformat(),
    }


def _clearance() -> dict[str, Any]:
    signed = _sign_off()
    assessed = {"reference": "测量", "by": "王某", "on": signed["on"], "result": "acceptable"}
    return {"confidentiality": assessed, "head": {**signed, "reference": "测量", "result": "agreed"}}


def _description() -> dict[str, Any]:
    texts = ("uscc", "name", "legal_person", "id_number", "phone", "address", "filler")
    return {
        "code": "307011024701/000001", "service": "enterprise", "name": "企业登记信息",
        "classification": ["部门"], "summary": "测量用资源", "format": "service",
        "items": [{"name": name, "title": name, "type": "C"} for name in texts],
        "sharing_class": "conditional", "conditions": "测量", "mode": "interface", "update_cycle": "daily",
        "parameters": [{"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}],
        "daily_quota_limit": 10000000,
    }  # fmt: skip


def _form(resource: str) -> dict[str, Any]:
    today = local_day(datetime.now(UTC))
    return {
        "resource_id": resource, "client": "bench-system", "basis": "测量", "purpose": "bench", "scene": "测量",
        "scope": "测量", "mode": "interface", "fields": ["uscc", "name", "legal_person", "phone", "filler"],
        "daily_quota": 10000000, "valid_from": (today - timedelta(days=2)).isoformat(),
        "valid_until": (today + timedelta(days=30)).isoformat(), "sign_off": _sign_off(),
    }  # fmt: skip
