"""What the story has brought about so far, and how its people and its system act on the gateway."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from gateway.cli.setting_up import local_identity
from gateway.deadlines import SHANGHAI
from gateway.demo.api import Answer, ask, expected
from gateway.demo.cast import SYSTEM, Person
from gateway.demo.resources import Entry
from gateway.demo.world import World
from gateway.identity.assertion import ClientKeyFile, signed_assertion
from gateway.names import Login

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class NotYet(Exception):
    """Something this step needs has not come about."""


class Kept(dict[str, Any]):
    """What earlier steps left behind, by name; raises NotYet for what is not there."""

    def __missing__(self, name: str) -> Any:
        raise NotYet(name)


@dataclass(frozen=True, slots=True)
class Token:
    """A system's token, and when it has expired (Unix seconds)."""

    text: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it must stand in the audit log."""

    request_id: str
    refused_because: str


@dataclass(slots=True)
class Scene:
    """The world, the tokens of the people, and what exists by now."""

    world: World
    today: date = field(default_factory=lambda: datetime.now(SHANGHAI).date())
    tokens: Kept = field(default_factory=Kept)
    resources: Kept = field(default_factory=Kept)
    applications: Kept = field(default_factory=Kept)
    grants: Kept = field(default_factory=Kept)
    papers: Kept = field(default_factory=Kept)
    """What was sealed, by kind: the document's bytes and the stamp's."""
    kept: Kept = field(default_factory=Kept)
    calls: list[Call] = field(default_factory=list)

    @property
    def key_file(self) -> Path:
        """The registration system's private key."""
        return self.world.folder / "realty-registration.pem"

    def sign_in(self, *people: Person) -> None:
        """A token for each, issued on the box as ``./gw token --as`` does."""
        self.tokens.update(asyncio.run(self._person_tokens(people)))

    async def _person_tokens(self, people: tuple[Person, ...]) -> dict[str, str]:
        where = self.world.installation
        async with local_identity(where, where.issuer()) as identity:
            return {one.login: (await identity.console_token(Login(one.login)))[0] for one in people}

    def control(self, person: Person, method: str, path: str, given: Any = None, **query: str) -> Answer:
        """A person's request to the control API."""
        base, token = self.world.addresses["control"], self.tokens[person.login]
        return ask(base, method, path, token=token, query=query, given=given)

    def act(self, person: Person, method: str, path: str, given: Any = None, **query: str) -> dict[str, Any]:
        """The same where it has to succeed."""
        return expected(self.control(person, method, path, given, **query), 200, 201)

    def hand_in(self, person: Person, path: str, file: bytes, **query: str) -> dict[str, Any]:
        """A person hands in a file, which has to be taken."""
        base, token = self.world.addresses["control"], self.tokens[person.login]
        return expected(ask(base, "POST", path, token=token, query=query, file=file), 200, 201)

    def fetch(self, person: Person, path: str) -> bytes:
        """The bytes of a file a person may have."""
        answer = self.control(person, "GET", path)
        expected(answer, 200)
        return answer.raw

    def token_for(self, entry: Entry) -> Token:
        """The registration system proves itself with its key and gets a token for one data service."""
        issuer = self.world.addresses["issuer"]
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": signed_assertion(SYSTEM, issuer, ClientKeyFile.read(self.key_file)),
            "resource": f"{issuer}/services/{entry.service}",
        }
        said = expected(ask(self.world.addresses["control"], "POST", "/oauth/token", form=form), 200)
        return Token(said["access_token"], time.time() + said["expires_in"])

    def call(
        self,
        entry: Entry,
        token: Token,
        given: dict[str, Any] | None = None,
        more: Mapping[str, str] | None = None,
        **query: str,
    ) -> Answer:
        """A call on the exchange listener: a POST where something is given, else a GET; remembered for the audit.

        ``more`` are further headers.
        """
        base, path = self.world.addresses["exchange"], f"/services/{entry.service}"
        method = "GET" if given is None else "POST"
        answer = ask(base, method, path, token=token.text, query=query, given=given, more=more)
        self.calls.append(Call(answer.headers.get("Request-Id", ""), answer.problem))
        return answer

    def batch(self, entry: Entry, method: str, part: str, given: Any = None) -> Answer:
        """A request about the batches of a service, with a token of its own; it has to succeed."""
        base, token = self.world.addresses["exchange"], self.token_for(entry)
        answer = ask(base, method, f"/services/{entry.service}/batches{part}", token=token.text, given=given)
        expected(answer, 200, 202)
        return answer
