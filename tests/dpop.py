"""DPoP as a caller's developer does it: a key, a proof for each request, and the nonce of the last answer."""

import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from proofs import Granted
from world import Answer, World, new_key, public_jwk

from gateway.identity.assertion import ClientKeyFile
from gateway.identity.proof import hash_of
from gateway.names import new_id


def proof(
    key: ClientKeyFile, method: str, url: str, head: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A proper proof with members changed; None leaves one out."""
    said = {"jti": str(new_id()), "htm": method, "htu": url, "iat": int(time.time()), **claims}
    headers = {"typ": "dpop+jwt", "jwk": public_jwk(key), **(head or {})}
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, key.private, algorithm="ES256", headers=headers)


@dataclass
class Holder:
    """A system that binds its tokens to a key of its own."""

    granted: Granted
    key: ClientKeyFile = field(default_factory=new_key)
    nonce: str | None = None
    base: str | None = None

    async def ask(self, assertion: str | None = None, **changes: Any) -> Answer:
        """Ask for a token bound to the key."""
        world = self.granted.world
        more = {"client_assertion": assertion} if assertion else {}
        url = f"{world.gateway.issuer}/oauth/token"
        made = proof(self.key, "POST", url, **{"nonce": self.nonce, **changes})
        asked = await world.ask_token("registration", self.granted.service, headers={"DPoP": made}, **more)
        return self._learnt(asked)

    async def token(self) -> str:
        """A bound token; the first refusal brings the nonce (RFC 9449 section 8)."""
        answer = await self.ask()
        if answer.status == 400 and answer.body["error"] == "use_dpop_nonce":
            answer = await self.ask()
        return str(answer.ok()["access_token"])

    def proof(
        self, token: str, at: World | None = None, head: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """A proof for a call with this token."""
        url = f"{self.calls_url(at)}/services/{self.granted.service}"
        return proof(self.key, "POST", url, head, **{"nonce": self.nonce, "ath": hash_of(token), **changes})

    def calls_url(self, at: World | None = None) -> str:
        return self.base or (at or self.granted.world).exchange

    async def call(self, token: str, made: str, body: dict[str, Any], at: World | None = None) -> Answer:
        """Call with this token and proof."""
        world = at or self.granted.world
        headers = {"Authorization": f"DPoP {token}", "DPoP": made}
        url = f"{world.exchange}/services/{self.granted.service}"
        return self._learnt(await world.send("POST", url, headers=headers, json=body))

    def _learnt(self, answer: Answer) -> Answer:
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer
