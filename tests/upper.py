"""The upper platform's side, written from its callers' documents and not from ours: a real HTTP service.

It checks every signature itself, hands out the short-lived secret, keeps what it is told by object and version, decides
applications when a test says so, and can fall silent, refuse, or lose an answer after it has acted.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

RID = "5f1b8c2e-0000-4000-8000-00000000a621"
APP_KEY = "canary-app-key-0123456789abcdef"
NATIONAL_SERVICE = "s_1000000000000_0001"
DAY_SECONDS = 86400


@dataclass
class UpperPlatform:
    """What it holds and how it behaves now."""

    base: str = ""
    silent: bool = False
    losing_answers: int = 0
    refusing: dict[str, tuple[str, str]] = field(default_factory=dict)
    mode: str = "ecb"
    secret: str = "short-lived-1"
    secrets_given: int = 0
    kept: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    decisions: dict[str, dict[str, str]] = field(default_factory=dict)

    def told(self, service: str) -> list[dict[str, Any]]:
        """Bodies of a service in the order in which they came."""
        return [body for heard, body in self.heard if heard == service]

    def id_of(self, service: str, number: str) -> str:
        """The platform's own number for what it was told."""
        return "U" + hashlib.sha256(f"{service} {number}".encode()).hexdigest()[:18]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        if self.silent:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        service = request.headers.get("gjgxjhpt_sid", "")
        body = await request.json() if request.method == "POST" else dict(request.query)
        key = APP_KEY if request.path.endswith("refreshappsecret") else self.secret
        if not self._is_signed(request, service, key):
            self.forged.append(service)
            return _said("E-101", None, "签名错误")
        if key is APP_KEY:
            return _said("0", self._fresh_secret())
        if service in self.refusing:
            return _said(self.refusing[service][0], None, self.refusing[service][1])
        data = self._act(service, body)
        if self.losing_answers:
            self.losing_answers -= 1
            assert request.transport is not None
            request.transport.abort()
        return _said("0", data)

    def _is_signed(self, request: web.Request, service: str, key: str) -> bool:
        sent = request.headers
        when = sent.get("gjgxjhpt_rtime", "0")
        text = service + sent.get("gjgxjhpt_rid", "") + when
        mac = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
        near = abs(int(when) / 1000 - time.time()) < 10 * 366 * DAY_SECONDS  # tests set the domain's clock
        good = hmac.compare_digest(base64.b64encode(mac).decode(), sent.get("gjgxjhpt_sign", ""))
        return near and good and sent.get("gjgxjhpt_rid") == RID

    def _fresh_secret(self) -> dict[str, Any]:
        self.secrets_given += 1
        seed = hashlib.sha1(hashlib.sha1(APP_KEY.encode()).digest()).digest()[:16]
        how = modes.ECB() if self.mode == "ecb" else modes.CBC(b"AESCBCPKCS5Paddi")
        raw = self.secret.encode()
        pad = 16 - len(raw) % 16
        sealed = Cipher(algorithms.AES(seed), how).encryptor().update(raw + bytes([pad]) * pad)
        ends = int((time.time() + 10 * 366 * DAY_SECONDS) * 1000)
        return {"secret": base64.b64encode(sealed).decode(), "secretEndTime": ends}

    def _act(self, service: str, body: dict[str, Any]) -> Any:
        self.heard.append((service, body))
        if service == NATIONAL_SERVICE:
            return [{"uscc": body["uscc"], "name": "国家库企业", "secret": "内部备注"}]
        if service == "s_sys_catalog001":
            return [
                {"code": "1", "name": "基础信息资源"},
                {"code": "102", "name": "法人", "parent": "1"},
            ]
        if service in ("s_sys_supply003", "s_sys_problemback002"):
            return self.decisions.get(body["number"], {"status": "受理中"})
        number = body.get("applyNo") or body.get("problemNo") or f"{body['cataCode']}@{body['version']}"
        self.kept[service, number] = body
        return {"id": self.id_of(service, number), "code": f"GJ-{len(self.kept):04}", "status": "已接收"}


def _said(code: str, data: Any, message: str = "") -> web.Response:
    return web.json_response({"code": code, "data": data, "message": message})


@asynccontextmanager
async def upper_platform() -> AsyncIterator[UpperPlatform]:
    """Listening on a free port."""
    made = UpperPlatform()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


def platform_file(folder: Path, upper: UpperPlatform, **changes: Any) -> Path:
    """The shipped example, pointed at the test's platform and switched on; the folder it lies in."""
    shipped = Path(__file__).resolve().parents[1] / "config" / "federation" / "national.toml"
    text = shipped.read_text("utf-8")
    wanted = {
        "enabled": True, "base_url": upper.base, "requester": RID, "poll_seconds": 0.3, "retry_most_seconds": 0.3,
        "mode": upper.mode, **changes,
    }  # fmt: skip
    lines = []
    for line in text.splitlines():
        name = line.partition(" = ")[0]
        lines.append(f"{name} = {json.dumps(wanted[name])}" if name in wanted else line)
    folder.mkdir(exist_ok=True)
    (folder / "national.toml").write_text("\n".join(lines), "utf-8")
    return folder
