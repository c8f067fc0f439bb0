"""Assertions made by hand, a clock that tests move, and a service granted to the consumer's system."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from world import Answer, World, another, http_mount

from gateway.identity.assertion import ClientKeyFile
from gateway.names import new_id


def assertion(
    issuer: str, key: ClientKeyFile, now: float, head: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A proper assertion of ``registration`` with members changed; None leaves one out."""
    said = {
        "iss": "registration", "sub": "registration", "aud": issuer, "jti": str(new_id()), "iat": int(now), "exp": int(now) + 60,
        **claims,
    }  # fmt: skip
    headers = {"typ": "client-authentication+jwt", "kid": key.kid, **(head or {})}
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, key.private, algorithm="ES256", headers=headers)


@dataclass
class Clock:
    """The domain's clock, moved by the test."""

    instant: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.instant

    def pass_(self, **by: float) -> None:
        self.instant += timedelta(**by)


@dataclass
class Granted:
    """A data service the consumer's system ``registration`` holds a grant for."""

    world: World
    service: str
    grant: str

    async def ask(self, signed: str, at: World | None = None) -> Answer:
        """Ask for a token with an assertion."""
        return await (at or self.world).ask_token("registration", self.service, client_assertion=signed)

    async def token(self) -> str:
        return await self.world.access_token("registration", self.service)


async def grant_in(world: World, base: str) -> Granted:
    """Publish a service and grant it."""
    described = another()
    resource = await world.publish(described, http_mount(base))
    return Granted(world, described["service"], await world.granted(resource))
