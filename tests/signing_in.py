"""People signing in as they do: a one-time code, a password, an authenticator."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pyotp
from handclock import HandClock
from world import CONSUMER, Answer, World

PASSWORD: Final = "Wheat-Field-77"
CHEAP: Final = {"password_memory_bytes": 19922944}
"""The least the settings allow, so that tests spend their time elsewhere."""


class Moving(HandClock):
    """A clock that goes on by seconds."""

    def pass_by(self, seconds: float) -> float:
        """Go on; the Unix seconds it shows then."""
        self.now += timedelta(seconds=seconds)
        return self.now.timestamp()


@dataclass
class Somebody:
    """A person with a password and perhaps an authenticator, who knows nothing but what they were shown."""

    world: World
    login: str
    password: str = PASSWORD
    secret: str | None = None

    def digits(self, seconds: float) -> str:
        """What the authenticator shows at an instant."""
        assert self.secret is not None
        return str(pyotp.TOTP(self.secret).at(int(seconds)))

    async def sign_in(self, second_factor: str | None = None, **changes: Any) -> Answer:
        body = {"login": self.login, "password": self.password, "second_factor": second_factor, **changes}
        sent = {name: value for name, value in body.items() if value is not None}
        return await self.world.as_(None, "POST", "/v1/sign-in", sent)


async def ask(world: World, token: str, method: str, path: str, body: Any = None) -> Answer:
    """A request under a session token."""
    more = {} if body is None else {"json": body}
    return await world.send(method, world.control + path, token=token, **more)


async def invite(world: World, login: str, *, renew: bool = False) -> str:
    """A one-time code from the security administrator."""
    path = f"/v1/people/{login}/invitation"
    shown = (await world.as_("security-admin", "POST", path, {"renew_second_factor": renew})).ok()
    return str(shown["code"])


async def accept(world: World, login: str, code: str, seconds: float, password: str = PASSWORD) -> Somebody:
    """Set password and, where asked, second factor with a code."""
    offer = (await world.as_(None, "POST", "/v1/invitations/open", {"login": login, "code": code})).ok()
    person = Somebody(world, login, password)
    body = {"login": login, "code": code, "password": password}
    if offer["second_factor"] == "set":
        asked = parse_qs(urlsplit(offer["otpauth"]).query)
        assert asked["secret"] == [offer["secret"]]
        person.secret = offer["secret"]
        body["second_factor"] = person.digits(seconds)
    (await world.as_(None, "POST", "/v1/invitations/accept", body)).ok()
    return person


async def somebody(people: World, clock: Moving, *roles: str) -> Somebody:
    """A registered person who accepted an invitation; the authenticator's next digits are fresh."""
    login = f"p{uuid4().hex[:12]}"
    people.tokens.clear()  # the clock may have left the administrators' tokens behind
    await people.person(login, CONSUMER, *roles)
    made = await accept(people, login, await invite(people, login), clock.pass_by(30))
    clock.pass_by(30)
    return made
