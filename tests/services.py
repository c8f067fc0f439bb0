"""One granted data service behind a socket that keeps what it is sent."""

import json
from dataclasses import dataclass
from typing import Any

from providers import RawProvider, http, saying
from world import PROVIDER, Answer, World, another, http_mount

ANSWER = {"data": [{"uscc": PROVIDER, "name": "示例企业", "legal_person": "张三", "secret": "内部备注"}]}
GOOD = saying(http(json.dumps(ANSWER).encode()))


@dataclass
class Service:
    """A data service that ``registration`` holds a grant for; ``provider`` sees what reaches the department."""

    world: World
    provider: RawProvider
    name: str
    resource: str
    grant: str
    token: str

    async def call(self, **body: Any) -> Answer:
        return await self.world.call(self.token, self.name, {"parameters": {"uscc": PROVIDER}, **body})

    async def events(self, answer: Answer) -> list[dict[str, Any]]:
        """What was recorded of a call, oldest first."""
        return await self.world.audit(request_id=answer.headers["Request-Id"])


async def granted_service(
    world: World, provider: RawProvider, described: dict[str, Any] | None = None, **asked: Any
) -> Service:
    """Publish a service at the provider's socket and grant it; ``asked`` goes into the application."""
    what = another(**(described or {}))
    resource = await world.publish(what, http_mount(provider.base))
    grant = await world.granted(resource, **asked)
    token = await world.access_token("registration", what["service"])
    return Service(world, provider, what["service"], resource, grant, token)
