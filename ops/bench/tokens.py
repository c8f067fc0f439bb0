"""Tokens per CPU second: the check of an access token, new and known, and the token endpoint with its replay stores on.

    python ops/bench/tokens.py [--seconds 5] [--json]

The checks run in this process on one thread, over a key set and a list of revocations in memory that are looked at again
every second as in service. The token endpoint is a gateway process of its own with its database, asked over HTTP by 32
callers at once, each request with a new assertion, and in the second round with a new DPoP proof, too; assertions and
proofs are signed beforehand. Counted is the CPU time of the gateway's process and, beside it, of PostgreSQL's. Only ratios
travel between machines.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from ours import Ready, gateway

from gateway.identity.assertion import ClientKeyFile, signed_assertion
from gateway.identity.jwk import usable
from gateway.identity.keys import KeyRing
from gateway.identity.revocations import Revocations, Revoked
from gateway.identity.store import SigningKey
from gateway.identity.tokens import Tokens
from gateway.names import new_id
from gateway.settings import Identity
from gateway.storage import Database

ISSUER = "https://share.example.gov.cn"
SERVICE = f"{ISSUER}/services/enterprise"
CALLERS = 32
NOBODY = cast(Database, None)


class Keys(KeyRing):
    """One key, looked up as often as in service."""

    def __init__(self, key: SigningKey) -> None:
        super().__init__(NOBODY, 600)
        self.key = key

    async def stored(self) -> list[SigningKey]:
        return [self.key]


class Nothing(Revocations):
    """An empty list, looked at as often as in service."""

    async def _look(self) -> None:
        self._known, self._looked = Revoked(0), time.monotonic()


async def checks(seconds: float) -> dict[str, int]:
    """The check of access tokens as they are issued: all claims, about 1 200 characters."""
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = usable(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())))
    key = SigningKey(jwk["kid"], jwk, cast(Any, None), None, True)
    tokens = Tokens(ISSUER, Keys(key), Nothing(NOBODY), Identity())
    texts = [token(private, jwk["kid"]) for _ in range(int(20_000 * seconds))]
    new = iter(texts)
    known = texts[0]
    found = {"access token, new": await rate(lambda: tokens.verify(next(new), SERVICE), seconds, len(texts))}
    await tokens.verify(known, SERVICE)
    found["access token, known"] = await rate(lambda: tokens.verify(known, SERVICE), seconds, 10**9)
    return found


def token(private: ec.EllipticCurvePrivateKey, kid: str) -> str:
    """A token with every claim of the profile."""
    now = int(time.time())
    details = {
        "type": "data_call", "locations": [SERVICE], "actions": ["call"], "identifier": "307011024701/000001",
        "purpose": "real-estate-registration", "fields": ["uscc", "name", "legal_person", "phone", "address"],
    }  # fmt: skip
    said = {
        "iss": ISSUER, "sub": "bench-system", "aud": SERVICE, "iat": now, "exp": now + 300, "jti": str(new_id()),
        "client_id": "bench-system", "scope": "data:call", "grant_id": str(new_id()), "purpose_id": "real-estate-registration",
        "item": "307011024701/000001", "item_version": 3, "consumer_org": "11621000MB00000024",
        "provider_org": "11621000MB00000037", "proved_by": kid, "authorization_details": [details],
    }  # fmt: skip
    return jwt.encode(said, private, "ES256", {"typ": "at+jwt", "kid": kid})


async def rate(work: Callable[[], Awaitable[object]], seconds: float, most: int) -> int:
    """Runs per CPU second."""
    runs, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds and runs + 100 <= most:
        for _ in range(100):
            await work()
        runs += 100
    return round(runs / spent)


async def endpoint(ready: Ready, count: int, *, bound: bool) -> dict[str, float]:
    """Issue ``count`` tokens; CPU of the gateway and of PostgreSQL."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CALLERS)) as session:
        asked = await prepared(session, ready, count, bound=bound)
        await asyncio.gather(*(work(session, ready, asked[: count // 10]) for _ in (0,)))  # warm
        rest = asked[count // 10 :]
        mine, theirs, start = cpu(ready.gateway_pid), cpu_of_server(ready.postgres_pid), time.perf_counter()
        await asyncio.gather(*(work(session, ready, rest[n::CALLERS]) for n in range(CALLERS)))
        elapsed = time.perf_counter() - start
        mine, theirs = cpu(ready.gateway_pid) - mine, cpu_of_server(ready.postgres_pid) - theirs
    return {
        "per_cpu_second": round(len(rest) / mine), "gateway_us": round(mine / len(rest) * 1e6),
        "postgres_us": round(theirs / len(rest) * 1e6), "per_second": round(len(rest) / elapsed),
    }  # fmt: skip


async def prepared(
    session: aiohttp.ClientSession, ready: Ready, count: int, *, bound: bool
) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Forms and headers, signed before anything is measured."""
    nonce, key = "", ClientKeyFile.of(ec.generate_private_key(ec.SECP256R1()))
    if bound:
        probe = {"DPoP": proof(key, ready, "none")}
        async with session.post(f"{ready.control}/oauth/token", data=form(ready), headers=probe) as answer:
            nonce = answer.headers["DPoP-Nonce"]
    return [(form(ready), {"DPoP": proof(key, ready, nonce)} if bound else {}) for _ in range(count)]


def form(ready: Ready) -> dict[str, str]:
    """A token request."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed_assertion("bench-system", ready.issuer, ready.key, 300),
        "resource": f"{ready.issuer}/services/enterprise",
    }


def proof(key: ClientKeyFile, ready: Ready, nonce: str) -> str:
    """A proof for it."""
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.private.public_key()))
    said = {
        "jti": str(new_id()), "htm": "POST", "htu": f"{ready.issuer}/oauth/token", "iat": int(time.time()), "nonce": nonce,
    }  # fmt: skip
    jwk = {name: public[name] for name in ("kty", "crv", "x", "y")}
    return jwt.encode(said, key.private, "ES256", {"typ": "dpop+jwt", "jwk": jwk})


async def work(
    session: aiohttp.ClientSession, ready: Ready, asked: list[tuple[dict[str, str], dict[str, str]]]
) -> None:
    """One caller's requests, one after the other."""
    for data, headers in asked:
        async with session.post(f"{ready.control}/oauth/token", data=data, headers=headers) as answer:
            if answer.status != 200:
                raise SystemExit(f"{answer.status} {await answer.text()}")


def cpu(pid: int) -> float:
    """CPU seconds of all threads of a process."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(stat.read_text().split()[0]) for stat in threads) / 1e9


def cpu_of_server(pid: int) -> float:
    """CPU seconds of PostgreSQL: the postmaster and its present children."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    return cpu(pid) + sum(cpu(int(child)) for child in children.split())


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--tokens", type=int, default=3000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found: dict[str, Any] = {
        "python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count(),
        "load": os.getloadavg()[0], **asyncio.run(checks(given.seconds)),
    }  # fmt: skip
    with gateway("http://127.0.0.1:9") as ready:
        for name, bound in (("token endpoint", False), ("token endpoint, DPoP", True)):
            found[name] = asyncio.run(endpoint(ready, given.tokens, bound=bound))
    print(json.dumps(found) if given.json else "\n".join(f"{name}: {each}" for name, each in found.items()))


if __name__ == "__main__":
    main()
