"""What the gateway says to a department about a call, signed: on whose behalf, under which grant, for what purpose.

A department that checks it need not believe whoever reaches its address (RFC 7519, RFC 7515; ``ops/examples/assertion``).
The key follows from the master key, so every process has it without asking; its public half is published.
"""

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from gateway.authz import Grant
from gateway.exchange.shared_keys import SharedKeys
from gateway.seals.derived import DerivedKey
from gateway.web import ANYONE, Ask, Model, Reply, Route

TYPE: Final = "gateway-assertion+jwt"
_MOST_KEPT: Final = 20000


class AssertionKeySet(Model):
    """The keys that verify ``Gateway-Assertion`` (RFC 7517 section 5)."""

    keys: list[dict[str, Any]]


class Assertions:
    """Makes assertions.

    Args:
        issuer: the platform's address.
        seconds: how long one is valid; of those of a grant, a fresh one is made after half of it.
        now: seconds since 1970.
        each_call: one for every call, bound to it; else one for all calls under a grant.
        shared: departments that share a key with the gateway get one for every call, by HMAC.
    """

    def __init__(
        self,
        master_key: bytes,
        issuer: str,
        seconds: int,
        now: Callable[[], float],
        *,
        each_call: bool,
        shared: SharedKeys | None = None,
    ) -> None:
        self._key = DerivedKey(master_key, "gateway provider assertion", TYPE)
        self.public = self._key.public
        self._issuer = issuer
        self._seconds = seconds
        self._now = now
        self._each_call = each_call
        self._shared = shared or SharedKeys(None, TYPE)
        self._kept: OrderedDict[tuple[str, int], tuple[float, str]] = OrderedDict()

    def is_each_call(self, grant: Grant) -> bool:
        """Whether each call under the grant has one of its own."""
        return self._each_call or self._shared.of(grant.provider_org) is not None

    def of(self, grant: Grant, request_id: str, target: str) -> str:
        """The assertion for a call under a grant.

        Args:
            target: path and query as the department sees them; counts only where each call has one of its own.
        """
        shared = self._shared.of(grant.provider_org)
        if shared is None and not self._each_call:
            return self.standing(grant)[0]
        digest = (
            base64.urlsafe_b64encode(hashlib.sha256(f"GET {target}".encode()).digest()).rstrip(b"=").decode()
        )
        bound = {"request_id": request_id, "request_sha256": digest}
        if shared is not None:
            return shared.signed(self._claims(grant, self._now(), bound))
        return self._signed(grant, self._now(), bound)

    def standing(self, grant: Grant) -> tuple[str, float]:
        """The assertion for all calls under a grant, and for how many more seconds it is to be used."""
        now = self._now()
        key = (str(grant.id), grant.version)
        made, text = self._kept.get(key, (0.0, ""))
        if not made <= now < made + self._seconds / 2:
            made, text = now, self._signed(grant, now, {})
            self._kept[key] = (now, text)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return text, made + self._seconds / 2 - now

    def _signed(self, grant: Grant, now: float, more: dict[str, str]) -> str:
        return self._key.signed(self._claims(grant, now, more))

    def _claims(self, grant: Grant, now: float, more: dict[str, str]) -> dict[str, object]:
        return {
            "iss": self._issuer, "aud": grant.provider_org, "sub": grant.consumer_org, "client_id": grant.client_id,
            "service": grant.service, "grant": str(grant.id), "purpose": grant.purpose, "iat": int(now),
            "exp": int(now) + self._seconds, **more,
        }  # fmt: skip


async def show_assertion_keys(room: Assertions, ask: Ask[None]) -> Reply:
    return Reply(AssertionKeySet(keys=[room.public]), {"Cache-Control": "public, max-age=300"})


_route = partial(Route, tag="calls")
ROUTES: Final = [
    _route("GET", "/.well-known/assertion-keys.json", show_assertion_keys, ANYONE,
           "Public keys of what the gateway says to departments", "网关断言公钥集", returns=AssertionKeySet),
]  # fmt: skip
