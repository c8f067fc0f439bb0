"""DPoP proofs accepted: read by the rules of :mod:`gateway.identity.proof`, and each used once (RFC 9449 section 11.1).

The store of used proofs is an UNLOGGED table, shared by all processes: it costs no flush, and a crash or a failover of
the database empties it. It knows when that happened, and then takes only proofs over a nonce made after it.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.errors import Unauthenticated
from gateway.identity import store
from gateway.identity.binding import Presented
from gateway.identity.jose import SIGNATURES, TokenRefused, refused
from gateway.identity.nonces import Nonces
from gateway.identity.proof import PROOF_RULES, PROOF_TYPES, ProofReading, normalised
from gateway.settings import Identity as Limits
from gateway.storage import Connection

_ALGORITHMS: Final = " ".join(SIGNATURES)
_ERRORS: Final = {"nonce": "use_dpop_nonce", "binding": "invalid_token"}


class CallProofRefused(TokenRefused):
    """The DPoP proof of the call is not accepted（调用的 DPoP 证明不被接受）."""

    remedy = (
        "Sign a new proof for this request: its method and address, a fresh jti, the token's hash as ath, and the nonce "
        "of the last DPoP-Nonce header.",
        "请为本次请求重新签名证明：方法、地址、新的 jti、令牌摘要 ath，以及最近一次 DPoP-Nonce 响应头的值。",
    )


class TokenProofRefused(Unauthenticated):
    """The DPoP proof of the token request is not accepted（令牌请求的 DPoP 证明不被接受）."""

    status = 400
    remedy = (
        "Sign a new proof for this request: POST, the token endpoint's address, a fresh jti, and the nonce of the last "
        "DPoP-Nonce header.",
        "请为本次请求重新签名证明：POST、令牌端点地址、新的 jti，以及最近一次 DPoP-Nonce 响应头的值。",
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that satisfies every rule but may have been used before."""

    jkt: str
    jti: str
    nonce_at: int

    @property
    def presented(self) -> Presented:
        """What a binding is compared with."""
        return Presented(jkt=self.jkt)

    @property
    def digest(self) -> bytes:
        """What the store knows it by."""
        return hashlib.sha256(f"{self.jkt}.{self.jti}".encode()).digest()


def proved(reading: ProofReading) -> Proof:
    """The proof, once every rule passed."""
    return Proof(reading.key["kid"], reading.claims["jti"], reading.nonce_at)


class Proofs:
    """Reads proofs and uses them up.

    Args:
        now: Unix seconds; a test's clock can stand here.
    """

    def __init__(self, nonces: Nonces, limits: Limits, now: Callable[[], float] = time.time) -> None:
        self.nonces = nonces
        self._limits = limits
        self._now = now

    def reading(self, text: str, method: str, url: str, access_token: str | None = None) -> ProofReading:
        """A proof with what it is read against.

        Args:
            url: the address of the request as its caller knows it.
            access_token: the token it comes with; None at the token endpoint.
        """
        limits = self._limits
        return ProofReading(
            text, PROOF_TYPES, limits.clock_skew_seconds, limits.proof_seconds, int(self._now()),
            method=method, url=normalised(url), nonces=self.nonces, access_token=access_token,
        )  # fmt: skip

    def read(self, text: str, method: str, url: str, access_token: str | None = None) -> Proof:
        """Check everything that needs no store.

        Raises:
            TokenRefused: with the rule broken.
        """
        proof = self.reading(text, method, url, access_token)
        for rule in PROOF_RULES:
            rule.check(proof)
        return proved(proof)

    async def use(self, connection: Connection, proof: Proof) -> None:
        """Use a proof up, over all processes.

        Raises:
            TokenRefused: ``replayed``; ``nonce`` where the store was emptied since the nonce was made.
        """
        if await store.use_proof(connection, proof.digest, proof.nonce_at):
            return
        raise await self.why_not(connection, proof)

    async def why_not(self, connection: Connection, proof: Proof) -> TokenRefused:
        """Why a proof cannot be used."""
        if await store.proof_is_older_than_store(connection, proof.nonce_at):
            return refused(
                "nonce",
                "the database was restarted since this nonce was made: sign the new one",
                "数据库在该 nonce 发出后重新启动过，请使用新的 nonce",
            )
        return refused("replayed", "this proof was used before", "该证明已被使用")

    def of_call(self, fault: TokenRefused) -> CallProofRefused:
        """The refusal of a proof at a data service (RFC 9449 section 7.1, 9)."""
        reason = str(fault.extra.get("reason", ""))
        error = _ERRORS.get(reason, "invalid_dpop_proof")
        found = CallProofRefused(fault.detail, fault.detail_zh, error=error, reason=reason)
        found.headers = {
            "WWW-Authenticate": f'DPoP error="{error}", algs="{_ALGORITHMS}"',
            "DPoP-Nonce": self.nonces.fresh(),
        }
        return found

    def of_token_request(self, fault: TokenRefused) -> TokenProofRefused:
        """The refusal of a proof at the token endpoint (RFC 9449 section 5, 8)."""
        reason = str(fault.extra.get("reason", ""))
        error = _ERRORS.get(reason, "invalid_dpop_proof")
        found = TokenProofRefused(
            fault.detail, fault.detail_zh, error=error, error_description=fault.detail, reason=reason
        )
        found.headers = {"DPoP-Nonce": self.nonces.fresh()}
        return found


def bound_only(detail: str, detail_zh: str) -> TokenRefused:
    """The refusal of a bearer token, or of one presented without its key, where a proof is asked for."""
    found = TokenRefused(detail, detail_zh, reason="unbound")
    found.headers = {"WWW-Authenticate": f'DPoP error="invalid_token", algs="{_ALGORITHMS}"'}
    return found
