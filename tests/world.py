"""A whole gateway in the test's process: real database, real sockets, real tokens; departments and people ready.

``World`` knows the control API as a user does; nothing here reaches behind it, but for the console's tokens.
"""

import itertools
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from authorities import authorities
from cryptography.hazmat.primitives.asymmetric import ec
from mint import trust_dir
from waiting import until

from gateway.app import Gateway, build
from gateway.deadlines import local_day
from gateway.identity.assertion import ClientKeyFile, signed_assertion
from gateway.names import Login
from gateway.settings import Settings, load

PLATFORM = "11621000MB00000011"
CONSUMER = "11621000MB00000024"
PROVIDER = "11621000MB00000037"
OTHER = "11621000MB0000004A"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Answer:
    """What came back: status, headers, and the body as JSON where it is JSON."""

    status: int
    headers: Any
    body: Any

    def ok(self) -> Any:
        assert self.status in (200, 201), (self.status, self.body)
        return self.body

    def refused(self, status: int, slug: str) -> Any:
        assert (self.status, self.body.get("type", "").rpartition("/")[2]) == (status, slug), (
            self.status,
            self.body,
        )
        assert self.headers["Content-Type"].startswith("application/problem+json")
        assert self.body["detail"]
        assert self.body["detail_zh"]
        assert self.body["remedy"]
        return self.body


@dataclass(frozen=True)
class File:
    """A file as the body of a request."""

    content: bytes
    media_type: str


def sent(body: Any) -> dict[str, Any]:
    """How the HTTP client is told of a body: nothing, a file, or JSON."""
    if body is None:
        return {}
    if isinstance(body, File):
        return {"data": body.content, "headers": {"Content-Type": body.media_type}}
    return {"json": body}


@dataclass
class World:
    """A running gateway, seen from outside."""

    gateway: Gateway
    session: aiohttp.ClientSession
    tokens: dict[str, str] = field(default_factory=dict)
    keys: dict[str, ClientKeyFile] = field(default_factory=dict)
    now: Callable[[], datetime] | None = None

    def day(self, days: int = 0) -> str:
        """A day from the gateway's own today on: a world with a hand clock does not live on the machine's day."""
        here = local_day(self.now() if self.now else datetime.now(UTC))
        return (here + timedelta(days=days)).isoformat()

    @property
    def control(self) -> str:
        assert self.gateway.control is not None
        return self.gateway.control.url

    @property
    def exchange(self) -> str:
        assert self.gateway.exchange is not None
        return self.gateway.exchange.url

    async def token_of(self, login: str) -> str:
        if login not in self.tokens:
            self.tokens[login] = (await self.gateway.identity.console_token(Login(login)))[0]
        return self.tokens[login]

    async def send(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        async with self.session.request(method, url, headers=sent, **more) as answer:
            raw = await answer.read()
            is_json = re.search(r"[/+]json\b", answer.headers.get("Content-Type", ""))
            return Answer(answer.status, answer.headers, json.loads(raw) if is_json and raw else raw)

    async def as_(self, login: str | None, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """A request to the control API as a person (or as nobody)."""
        token = await self.token_of(login) if login else None
        return await self.send(method, self.control + path, token=token, **sent(body), **more)

    async def org(self, code: str, name: str) -> None:
        (
            await self.as_(
                "platform-admin", "POST", "/v1/orgs", {"code": code, "name": name, "region": "621000"}
            )
        ).ok()

    async def person(self, login: str, org: str, *roles: str) -> None:
        body = {"login": login, "name": login, "org": org, "roles": list(roles)}
        (await self.as_("security-admin", "POST", "/v1/people", body)).ok()

    async def client(self, name: str, org: str) -> ClientKeyFile:
        key = self.keys[name] = new_key()
        body = {"id": name, "name": f"系统 {name}", "org": org, "keys": [public_jwk(key)]}
        (await self.as_("security-admin", "POST", "/v1/clients", body)).ok()
        return key

    async def publish(
        self, description: dict[str, Any], mount: dict[str, Any] | None, login: str = "provider"
    ) -> str:
        """Draft, mount, clear, submit and publish; the resource's id."""
        made = (await self.as_(login, "POST", "/v1/resources", description)).ok()
        one = f"/v1/resources/{made['id']}"
        if mount is not None:
            (await self.as_(login, "PUT", f"{one}/mount", {"mount": mount})).ok()
        await self.clear(made["id"], login)
        (await self.as_(login, "POST", f"{one}/submit")).ok()
        (await self.as_("platform-admin", "POST", f"{one}/publish")).ok()
        return str(made["id"])

    async def clear(self, resource_id: str, login: str = "provider") -> None:
        """Record the assessments and the head's consent for a draft as it stands."""
        one = f"/v1/resources/{resource_id}"
        what = (await self.as_(login, "GET", one)).ok()["description"]
        (await self.as_(login, "PUT", f"{one}/clearance", clearance(what))).ok()

    async def file(self, resource_id: str, **changes: Any) -> Answer:
        return await self.as_("requester", "POST", "/v1/applications", form(resource_id, **changes))

    async def accept(self, application_id: str) -> Any:
        path = f"/v1/applications/{application_id}/review"
        return (await self.as_("platform-admin", "POST", path, {"accept": True})).ok()

    async def approve(self, application_id: str, **narrowed: Any) -> Any:
        body = {"narrowed": narrowed, "sign_off": {**sign_off(), "on": self.day(-1)}}
        return (await self.as_("provider", "POST", f"/v1/applications/{application_id}/approve", body)).ok()

    async def granted(self, resource_id: str, narrowed: dict[str, Any] | None = None, **changes: Any) -> str:
        """File, accept and approve an application on the department route; the grant's id."""
        filed = (await self.file(resource_id, **changes)).ok()
        await self.accept(filed["id"])
        return str((await self.approve(filed["id"], **(narrowed or {})))["grant_id"])

    async def consulted(self, grant_id: str, day: str | None = None) -> None:
        """The provider consults on ending the service under a grant, the requester answers, the provider files it."""
        day = day or self.day()
        plan = {"kind": "end", "reason": "系统下线", "planned_on": day, "answer_until": day}
        opened = (await self.as_("provider", "POST", f"/v1/grants/{grant_id}/service-changes", plan)).ok()
        one = f"/v1/service-changes/{opened['id']}"
        (await self.as_("requester", "POST", f"{one}/answer", {"agrees": True, "text": "同意"})).ok()
        (await self.as_("provider", "POST", f"{one}/file", {"filing": "已与需求部门协商一致"})).ok()

    async def ask_token(
        self, client: str, service: str, headers: dict[str, str] | None = None, **more: str
    ) -> Answer:
        issuer = self.gateway.issuer
        data = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed_assertion(client, issuer, self.keys[client]),
            "resource": f"{issuer}/services/{service}",
            **more,
        }
        return await self.send("POST", f"{self.control}/oauth/token", data=data, headers=headers)

    async def access_token(self, client: str, service: str, **more: str) -> str:
        return str((await self.ask_token(client, service, **more)).ok()["access_token"])

    async def call(self, token: str, service: str, body: dict[str, Any] | None = None) -> Answer:
        return await self.send("POST", f"{self.exchange}/services/{service}", token=token, json=body or {})

    async def audit(self, **query: str) -> list[dict[str, Any]]:
        """The events an auditor finds, oldest first; waits until the integrator is done."""
        await self.integrated()
        path = "/v1/audit/events?" + "&".join(
            f"{name}={value}" for name, value in {"limit": "200", **query}.items()
        )
        page = (await self.as_("auditor", "GET", path)).ok()
        return [item["event"] for item in reversed(page["items"])]

    async def integrated(self) -> None:
        """Wait until what was durable before this moment stands in the ledger."""
        asked = await self.as_("auditor", "GET", "/v1/audit/events?limit=1")  # leaves a record itself
        asked.ok()
        mark, looked_at = f"/v1/audit/events?limit=1&request_id={asked.headers['Request-Id']}", -1

        async def marked() -> bool:
            nonlocal looked_at
            before, looked_at = looked_at, (await self.as_("auditor", "GET", "/v1/audit/head")).ok()["size"]
            # records are ordered as they came: where the mark stands, what was durable before it does
            return looked_at != before and bool((await self.as_("auditor", "GET", mark)).ok()["items"])

        await until(marked)


def new_key() -> ClientKeyFile:
    """A system's key pair."""
    return ClientKeyFile.of(ec.generate_private_key(ec.SECP256R1()))


def public_jwk(key: ClientKeyFile) -> dict[str, Any]:
    """Its public part, as registered."""
    found = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.private.public_key()))
    return {name: found[name] for name in ("kty", "crv", "x", "y")}


def suspending(until: str | None = None, **changes: Any) -> dict[str, Any]:
    """A suspension with its evidence; with an order to rectify if ``until`` names its last day."""
    order = {"order": {"text": "停止超范围使用并报告", "until": until}} if until else {}
    evidence = {"text": "抽查发现与授权场景无关的调用", "event_ids": []}
    return {"ground": "beyond_purpose", "reason": "超出授权用途", "evidence": evidence, **order, **changes}


def sign_off() -> dict[str, str]:
    """The consent of a head of 共享工作机构."""
    return {
        "name": "王某",
        "position": "科长",
        "on": in_days(-1),
    }


def today() -> date:
    """The day it is in Asia/Shanghai, which the machine that runs the tests need not share."""
    return local_day(datetime.now(UTC))


def in_days(days: int) -> str:
    """A day from today on, in Asia/Shanghai."""
    return (today() + timedelta(days=days)).isoformat()


def description(**changes: Any) -> dict[str, Any]:
    """A resource: enterprises, unconditional, one controlled parameter, by interface."""
    fitting = {"table": "database", "file": "spreadsheet"}.get(changes.get("mode", "interface"), "service")
    return {
        "code": "307011024701/000001",
        "service": "enterprise",
        "name": "企业登记信息",
        "classification": ["部门", "市场监管"],
        "summary": "企业登记的基本信息",
        "format": fitting,
        "items": [
            {"name": "uscc", "title": "统一社会信用代码", "type": "C", "length": 18},
            {"name": "name", "title": "企业名称", "type": "C"},
            {"name": "legal_person", "title": "法定代表人", "type": "C", "personal": True},
            {"name": "capital", "title": "注册资本", "type": "Y"},
        ],
        "sharing_class": "unconditional",
        "mode": "interface",
        "parameters": [
            {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True},
        ],
        "update_cycle": "daily",
        **changes,
    }


def clearance(what: dict[str, Any]) -> dict[str, Any]:
    """What Decree 809 Art. 13 asks for before this description is published."""
    on = "2016-01-04"  # before every hand clock of the tests
    assessed = {"by": "刘某", "on": on, "result": "acceptable"}
    made: dict[str, Any] = {
        "confidentiality": {**assessed, "reference": "保评〔2026〕1号"},
        "head": {
            "reference": "审〔2026〕1号",
            "name": "马某",
            "position": "局长",
            "on": on,
            "result": "agreed",
        },
    }
    if any(one.get("personal") for one in (*what["items"], *what.get("parameters", ()))):
        made["personal_information"] = {**assessed, "reference": "个评〔2026〕1号"}
    if what.get("grade", "general") != "general":
        made["important"] = {
            "reference": "重〔2026〕1号", "approved_by": "马某", "position": "局长", "on": on,
            "risk_assessment": "险评〔2026〕1号", "encryption": "传输采用国密 TLS，存储采用 SM4",
        }  # fmt: skip
    return made


_NUMBERS = itertools.count(100)


def another(**changes: Any) -> dict[str, Any]:
    """The same under a code, service and name nobody has used yet, for worlds that tests share."""
    number = next(_NUMBERS)
    own = {
        "code": f"307011024701/{number:06}",
        "service": f"enterprise-{number}",
        "name": f"企业登记信息之{number}",
    }
    return description(**{**own, **changes})


def http_mount(base: str, **changes: Any) -> dict[str, Any]:
    """Where the department's service of :func:`provider_service` is."""
    return {"kind": "http", "url": f"{base}/enterprises/{{uscc}}", "records_at": "/data", **changes}


def form(resource_id: str, **changes: Any) -> dict[str, Any]:
    """An application of the consumer's system for a year."""
    return {
        "resource_id": resource_id,
        "client": "registration",
        "basis": "《不动产登记暂行条例》第二十五条",
        "purpose": "real-estate-registration",
        "scene": "不动产登记时核验申请企业",
        "scope": "本市不动产登记业务",
        "mode": "interface",
        "fields": ["uscc", "name"],
        "daily_quota": 100,
        "valid_from": in_days(-1),
        "valid_until": in_days(365),
        "sign_off": sign_off(),
        **changes,
    }


Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def enterprises(request: web.Request) -> web.StreamResponse:
    """What the providing department's service answers: more fields than are ever granted."""
    uscc = request.match_info["uscc"]
    record = {
        "uscc": uscc,
        "name": "示例企业",
        "legal_person": "张三",
        "capital": "1000000.00",
        "secret": "内部备注",
    }
    return web.json_response({"data": [record]})


@asynccontextmanager
async def provider_service(
    reply: Reply = enterprises, methods: tuple[str, ...] = ("GET", "HEAD")
) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A department's real HTTP service; its address, and the requests it has seen."""
    seen: list[web.Request] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        return await reply(request)

    app = web.Application()
    for method in methods:
        app.router.add_route(method, "/enterprises/{uscc}", handle)
        app.router.add_route(method, "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running_gateway(database: Any, **changes: Any) -> AsyncIterator[tuple[Gateway, Settings]]:
    """A gateway on free ports and its settings; ``changes`` are settings sections, ``now`` the domain's clock."""
    now = changes.pop("now", None)
    listen = {"exchange_port": 0, "control_port": 0, "metrics_port": 0, **changes.pop("listen", {})}
    storage = {"login_prefix": database.prefix, **changes.pop("storage", {})}
    # a disk that others keep busy may take seconds over a commit
    audit = {"integrate_idle_seconds": 0.02, "deadline_seconds": 20, **changes.pop("audit", {})}
    monitoring = {"enabled": False, **changes.pop("monitoring", {})}
    alerting = {"enabled": False, "nightly": False, **changes.pop("alerting", {})}  # a test may run at night
    supervision = {"sweep_seconds": 3600, **changes.pop("supervision", {})}  # once, at the start
    notify = {"outbox_seconds": 3600, **changes.pop("notify", {})}
    quality = {"compare_poll_seconds": 3600, **changes.pop("quality", {})}
    certificates = {"folder": authorities(), **changes.pop("certificates", {})}
    sealing = {"trust_dir": trust_dir(), **changes.pop("sealing", {})}
    settings = load(
        listen=listen, storage=storage, audit=audit, monitoring=monitoring, supervision=supervision, notify=notify,
        quality=quality, certificates=certificates, sealing=sealing,
        alerting=alerting,
        **changes,
    )  # fmt: skip
    clock = {"now": now} if now else {}
    async with build(settings, database.owner_dsn, database.master_key, **clock) as gateway:
        yield gateway, settings


@asynccontextmanager
async def running_world(database: Any, **changes: Any) -> AsyncIterator[World]:
    """A gateway on a fresh database with two departments, their people and one system.

    ``changes`` are settings sections: ``exchange={"rows": 10}``; ``now`` sets the domain's clock.
    """
    async with AsyncExitStack() as stack:
        gateway, settings = await stack.enter_async_context(running_gateway(database, **changes))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        world = World(gateway, session, now=changes.get("now"))
        await gateway.identity.bootstrap(settings.platform)
        await world.org(CONSUMER, "自然资源局")
        await world.org(PROVIDER, "市场监管局")
        await world.person("requester", CONSUMER, "requester")
        await world.person("provider", PROVIDER, "provider")
        await world.client("registration", CONSUMER)
        yield world


@asynccontextmanager
async def two_worlds(database: Any, **changes: Any) -> AsyncIterator[tuple[World, World]]:
    """Two gateways on one database under one issuer name, seen by the same people and systems."""
    changes = {"platform": {"base_url": "http://gateway.test"}, **changes}
    async with running_world(database, **changes) as one, running_gateway(database, **changes) as (other, _):
        yield one, replace(one, gateway=other)
