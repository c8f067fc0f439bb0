"""Two departments with registered seals under rules that ask for them, and the steps of 用印 over the API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from handclock import HandClock
from mint import Mint, Seal
from world import CONSUMER, PROVIDER, Answer, File, World, another, form, http_mount, running_world, sign_off

KIND = "application/octet-stream"
RULES = """
[[rules]]
id = "sealed"
on = ["application", "decision"]
resources = ["307011024701/*"]
effective_from = 2020-01-01
source = "test rule"
source_zh = "测试规则"
"""


@dataclass
class Office:
    """A world, its mint, and the seals of both departments."""

    world: World
    mint: Mint
    consumer: Seal
    provider: Seal
    clock: HandClock | None = None

    @classmethod
    async def opened(cls, world: World, mint: Mint, clock: HandClock | None = None) -> "Office":
        made = cls(world, mint, mint.seal("自然资源局"), mint.seal("市场监管局"), clock)
        for seal, org in ((made.consumer, CONSUMER), (made.provider, PROVIDER)):
            (await made.register(seal, org)).ok()
        return made

    @property
    def now(self) -> datetime:
        """The time stamps are made at."""
        assert self.clock is not None
        return self.clock()

    async def register(self, seal: Seal, org: str) -> Answer:
        return await self.world.as_("platform-admin", "POST", f"/v1/seals?org={org}", File(seal.raw, KIND))

    async def status(self, seal: Seal, status: str, **more: Any) -> Any:
        found = (await self.world.as_("auditor", "GET", "/v1/seals?limit=200")).ok()["items"]
        one = next(each["id"] for each in found if each["es_id"] == seal.es_id)
        body = {"status": status, "reason": "测试", **more}
        return (await self.world.as_("platform-admin", "POST", f"/v1/seals/{one}/status", body)).ok()

    async def filed(self, resource: str | None = None) -> str:
        """A filed application; nobody listens where its resource is mounted."""
        world = self.world
        resource = resource or await world.publish(another(), http_mount("http://127.0.0.1:9"))
        dates = self.clock.dates() if self.clock else {}
        return str(
            (await world.as_("requester", "POST", "/v1/applications", form(resource, **dates))).ok()["id"]
        )

    async def document(self, application: str, kind: str = "document", login: str = "requester") -> bytes:
        found: bytes = (await self.world.as_(login, "GET", f"/v1/applications/{application}/{kind}")).ok()
        return found

    async def stamp(self, application: str, raw: bytes) -> Answer:
        return await self.world.as_(
            "requester", "POST", f"/v1/applications/{application}/stamps", File(raw, KIND)
        )

    async def stamp_decision(self, application: str, raw: bytes) -> Answer:
        path = f"/v1/applications/{application}/decision-stamps"
        return await self.world.as_("provider", "POST", path, File(raw, KIND))

    async def stamped(self, application: str) -> Any:
        """The applicant stamps its application and files the stamp."""
        raw = self.consumer.stamp(await self.document(application), self.now)
        return (await self.stamp(application, raw)).ok()

    async def accept(self, application: str, form_version: int = 1) -> Answer:
        path, body = f"/v1/applications/{application}/review", {"accept": True, "form_version": form_version}
        return await self.world.as_("platform-admin", "POST", path, body)

    async def provider_does(self, application: str, act: str, body: Any) -> Answer:
        return await self.world.as_("provider", "POST", f"/v1/applications/{application}/{act}", body)

    async def again(self, application: str, stamp: str, login: str = "platform-admin") -> Any:
        path = f"/v1/applications/{application}/stamps/{stamp}/examine"
        return (await self.world.as_(login, "POST", path)).ok()

    def approval(self, **narrowed: Any) -> Any:
        signed = self.clock.dates()["sign_off"] if self.clock else sign_off()
        return {"narrowed": narrowed, "opinion": "同意", "sign_off": signed}


@asynccontextmanager
async def sealed_office(database: Any, folder: Path, time: str = "2026-11-23T10:00") -> AsyncIterator[Office]:
    """A world on a hand clock in which every application and decision must be sealed."""
    clock = HandClock(time)
    rules = folder / "sealing.toml"
    rules.write_text(RULES, "utf-8")
    mint = Mint.opened(folder / "trust", clock())
    settings = {"trust_dir": str(mint.folder), "rules_file": str(rules)}
    async with running_world(database, now=clock, sealing=settings) as world:
        yield await Office.opened(world, mint, clock)


def codes(steps: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Steps that did not pass, by number and code."""
    return [(each["step"], each["code"]) for each in steps]
