"""Why an assertion, a proof or an access token is refused, told rule by rule by the functions that refuse it.

Nothing is issued and nothing is used up: what the issuer would write is only looked up here. The rules are tried in the
issuer's order, so the first that fails is the issuer's reason.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from gateway.identity import store
from gateway.identity.access import ACCESS_TYPES, Party
from gateway.identity.assertion_rules import ASSERTION_RULES, AssertionReading
from gateway.identity.binding import NOTHING, Presented, check_binding
from gateway.identity.certificates import CertificateRefused, ClientCertificates
from gateway.identity.examination import (
    Examined,
    Finding,
    Held,
    examine,
    examine_keys,
    follow,
    skipped,
    tried,
)
from gateway.identity.jose import Reading, TokenRefused, not_signed, refused
from gateway.identity.making import Passes
from gateway.identity.model import Role
from gateway.identity.proof import PROOF_RULES, ProofReading
from gateway.identity.proofs import Proof, proved
from gateway.identity.revocations import check_revoked
from gateway.identity.tokens import check_client_key
from gateway.storage import Database
from gateway.web import Principal

_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class Debugger:
    """Explains. ``database`` is the control zone's.

    Args:
        calls_url: the address under which callers reach the data services.
    """

    def __init__(
        self, database: Database, passes: Passes, certificates: ClientCertificates, calls_url: str
    ) -> None:
        self._database = database
        self._certificates = certificates
        self._tokens = passes.tokens
        self._proofs = passes.proofs
        self._calls_url = calls_url

    async def assertion(self, actor: Principal, text: str) -> Examined:
        """An assertion as the token endpoint would read it; systems of other departments are not known here."""
        reading = self._tokens.reading(text)
        held = follow(ASSERTION_RULES, reading)
        if _passed(held, "shape", "kid", "alg", "client"):
            jwk, live = await self._key(actor, reading)
            certificate = live[2] if live else None
            held["signature"] = tried("signature", partial(check_client_key, reading, jwk))
            held["in-force"] = tried("in-force", partial(_require, live is not None, not_signed))
        _skip_rest(held, "signature", "in-force")
        if _passed(held, "client", "jti", "in-force"):
            async with self._database.connection() as connection:
                used = await store.assertion_was_used(connection, reading.client, reading.claims["jti"])
            held["replay"] = tried("replay", partial(_require, not used, _replayed))
        _skip_rest(held, "replay")
        if _passed(held, "in-force") and certificate is not None:
            held["certificate"] = await self._certificate(certificate)
        return Examined(tuple(held.values()), reading.header, reading.claims)

    async def _certificate(self, thumbprint: str) -> Finding:
        """Whether the certificate the key came with is still good."""
        try:
            async with self._database.connection() as connection:
                await self._certificates.check(connection, thumbprint)
        except CertificateRefused as fault:
            reason = str(fault.extra["reason"])
            return Finding("certificate", "fail", reason, fault.detail, fault.detail_zh)
        return Finding("certificate", "pass")

    async def _key(
        self, actor: Principal, reading: AssertionReading
    ) -> tuple[dict[str, object] | None, tuple[dict[str, object], str, str | None] | None]:
        client, kid = reading.client, reading.header["kid"]
        async with self._database.connection() as connection:
            found = await store.find_client(connection, client)
            if found is None or (found.org != actor.org and not actor.roles & _EVERYWHERE):
                return None, None
            jwk = await store.client_key(connection, client, kid)
            return jwk, await store.live_key(connection, client, kid)

    async def proof(
        self, text: str, method: str, service: str | None = None, access_token: str | None = None
    ) -> Examined:
        """A DPoP proof as the token endpoint would read it, or, with a service, a call of it with this token."""
        reading = self._reading(text, method, service, access_token)
        held = follow(PROOF_RULES, reading)
        if _passed(held, "key", "claims", "nonce"):
            fault = await self._use_of(proved(reading))
            held["replay"] = tried("replay", partial(_raise, fault))
        _skip_rest(held, "replay")
        return Examined(tuple(held.values()), reading.header, reading.claims)

    async def access(
        self, text: str, service: str | None = None, method: str = "POST", proof: str | None = None
    ) -> Examined:
        """An access token as a call of the service would read it, plainly or with a proof beside it.

        Without a service the audience is not compared, and a proof cannot be: then it is only asked whose it is.
        """
        audience = self._tokens.service_audience(service) if service else None
        reading = Reading(
            text, ACCESS_TYPES, self._tokens.limits.clock_skew_seconds, self._tokens.longest_seconds, self._tokens.now()
        )  # fmt: skip
        keys = examine_keys(await self._tokens.keys.public())
        found = examine(reading, keys, Party(self._tokens.issuer, audience))
        held = {finding.rule: finding for finding in found.findings}
        if _passed(held, "times", "claims"):
            revoked = await self._tokens.revocations.current()
            held["revoked"] = tried("revoked", partial(check_revoked, reading.claims, revoked))
        _skip_rest(held, "revoked")
        if proof is None:
            held["binding"] = self._bound(held, reading, NOTHING)
        else:
            await self._with_proof(held, reading, self._reading(proof, method, service, text))
        return Examined(tuple(held.values()), reading.header, reading.claims)

    async def _with_proof(self, held: Held, token: Reading, proof: ProofReading) -> None:
        held["proof"] = tried("proof", partial(_check_all, proof))
        if _passed(held, "proof"):
            made = proved(proof)
            held["binding"] = self._bound(held, token, made.presented)
            held["replay"] = tried("replay", partial(_raise, await self._use_of(made)))
        _skip_rest(held, "binding", "replay")

    def _bound(self, held: Held, token: Reading, presented: Presented) -> Finding:
        if not _passed(held, "payload"):
            return skipped("binding", "not-reached", "rule payload did not pass", "规则 payload 未通过")
        return tried("binding", partial(check_binding, token.claims, presented))

    def _reading(self, text: str, method: str, service: str | None, token: str | None) -> ProofReading:
        url = f"{self._calls_url}/services/{service}" if service else f"{self._tokens.issuer}/oauth/token"
        return self._proofs.reading(text, method, url, token if service else None)

    async def _use_of(self, proof: Proof) -> TokenRefused | None:
        """Why the proof could not be used now, without using it."""
        async with self._database.connection() as connection:
            if await store.proof_can_be_used(connection, proof.digest, proof.nonce_at):
                return None
            return await self._proofs.why_not(connection, proof)


def _passed(held: Held, *names: str) -> bool:
    return all(name in held and held[name].result == "pass" for name in names)


def _skip_rest(held: Held, *names: str) -> None:
    for name in names:
        held.setdefault(name, skipped(name, "not-reached", "an earlier rule did not pass", "前置规则未通过"))


def _require(holds: bool, fault: Callable[[], TokenRefused]) -> None:
    if not holds:
        raise fault()


def _raise(fault: TokenRefused | None) -> None:
    if fault is not None:
        raise fault


def _replayed() -> TokenRefused:
    return refused("replayed", "this assertion was used before", "该断言已被使用")


def _check_all(proof: ProofReading) -> None:
    for rule in PROOF_RULES:
        rule.check(proof)
