"""DPoP proofs: what a caller signs, for each request anew, with the key its token is bound to (RFC 9449 section 4).

The rules stand in :data:`PROOF_RULES`, so that whoever explains a refusal runs the very functions that refuse. They
touch nothing: whether a proof was used before is asked of the store, by :class:`gateway.identity.proofs.Proofs`.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.identity.jose import RULES, Reading, Rule, check_algorithm, check_signature, refused
from gateway.identity.jwk import KeyRefused, usable
from gateway.identity.nonces import Nonces

PROOF_TYPES: Final = ("dpop+jwt",)
_HEADER: Final = frozenset({"alg", "typ", "jwk"})
_CLAIMS: Final = frozenset({"jti", "htm", "htu", "iat", "exp", "nbf", "ath", "nonce"})
_PORTS: Final = {"http": ":80", "https": ":443"}


@dataclass(slots=True)
class ProofReading(Reading):
    """A proof being read and the request it must be for; ``key`` and ``nonce_at`` appear as the rules get there.

    ``url`` is the address as the caller knows it, normalised; ``access_token`` the token it comes with, None at the
    token endpoint; ``longest_seconds`` the age from which a proof is too old.
    """

    method: str = ""
    url: str = ""
    nonces: Nonces | None = None
    access_token: str | None = None
    key: dict[str, Any] = field(default_factory=dict)
    nonce_at: int = 0


def hash_of(access_token: str) -> str:
    """The ``ath`` of a proof that goes with this token (RFC 9449 section 4.2)."""
    digest = hashlib.sha256(access_token.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def normalised(url: str) -> str:
    """An address as ``htu`` compares it: scheme and host in lower case, no default port, no query or fragment.

    Raises:
        ValueError: it is no http address.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.netloc or "@" in parts.netloc or not url.isascii():
        raise ValueError("not an http address")
    host = parts.netloc.lower().removesuffix(_PORTS[parts.scheme])
    return f"{parts.scheme}://{host}{parts.path or '/'}"


@lru_cache(maxsize=4096)
def _known(members: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The judged key, kept: a caller shows the same one with each request. Raises KeyRefused, which is not kept."""
    return usable(dict(members))


def _members(proof: ProofReading) -> None:
    if proof.header.keys() != _HEADER:
        raise refused(
            "header",
            "the proof's header must hold alg, typ and jwk, nothing else",
            "证明的头部须仅含 alg、typ、jwk",
        )


def _key(proof: ProofReading) -> None:
    jwk = proof.header["jwk"]
    try:
        if not isinstance(jwk, dict):
            raise KeyRefused("jwk must be a JSON object", "jwk 须为 JSON 对象")
        plain = all(isinstance(value, str) for value in jwk.values())
        proof.key = _known(tuple(sorted(jwk.items()))) if plain else usable(jwk)
    except KeyRefused as fault:
        raise refused("key", f"the proof's key: {fault.args[0]}", f"证明的公钥：{fault.args[1]}") from None


def _algorithm(proof: ProofReading) -> None:
    check_algorithm(proof.header["alg"], proof.key)


def _signature(proof: ProofReading) -> None:
    check_signature(proof.text, proof.key)


def _claims(proof: ProofReading) -> None:
    said = proof.claims
    if foreign := sorted(said.keys() - _CLAIMS):
        raise refused("claims", f"unknown claims: {', '.join(foreign)[:200]}", "证明含未知声明")
    if not all(isinstance(said.get(name), str) for name in ("htm", "htu")):
        raise refused("claims", "the proof lacks htm or htu", "证明缺少 htm 或 htu")
    jti = said.get("jti")
    if not isinstance(jti, str) or not 8 <= len(jti) <= 128 or not jti.isascii() or not jti.isprintable():
        raise refused("claims", "jti must be a fresh text of 8 to 128 characters", "jti 须为 8 至 128 个字符")
    if (
        any(type(said[name]) is not int for name in ("iat", "exp", "nbf") if name in said)
        or "iat" not in said
    ):
        raise refused(
            "times", "iat must be a whole number; exp and nbf, if there, too", "iat、exp、nbf 须为整数"
        )


def _method(proof: ProofReading) -> None:
    if proof.claims["htm"] != proof.method:
        raise refused("method", f"htm must be {proof.method}", f"htm 须为 {proof.method}")


def _address(proof: ProofReading) -> None:
    try:
        found = normalised(proof.claims["htu"])
    except ValueError:
        found = ""
    if found != proof.url:
        raise refused("address", f"htu must be {proof.url}", f"htu 须为 {proof.url}")


def _window(proof: ProofReading) -> None:
    said, latest = proof.claims, proof.now + proof.leeway_seconds
    if said["iat"] > latest or said.get("nbf", proof.now) > latest:
        raise refused("early", "the proof is from the future; check your clock", "证明时间超前，请校准时钟")
    if said["iat"] < proof.now - proof.longest_seconds or said.get("exp", proof.now + 1) <= proof.now:
        raise refused(
            "expired", "the proof is too old; sign one for each request", "证明已过期，请为每次请求重新签名"
        )


def _nonce(proof: ProofReading) -> None:
    made_at = proof.nonces.made_at(proof.claims.get("nonce")) if proof.nonces else None
    if made_at is None:
        raise refused(
            "nonce",
            "sign the nonce of the DPoP-Nonce header into the proof",
            "请将 DPoP-Nonce 的值写入证明的 nonce",
        )
    proof.nonce_at = made_at


def _token(proof: ProofReading) -> None:
    said = proof.claims.get("ath")
    wanted = None if proof.access_token is None else hash_of(proof.access_token)
    if wanted is None:
        if said is not None:
            raise refused("ath", "a proof for the token endpoint carries no ath", "令牌端点的证明不得含 ath")
    elif not isinstance(said, str) or not hmac.compare_digest(said.encode(), wanted.encode()):
        raise refused("ath", "ath is not the hash of this token", "ath 与访问令牌不符")


_SHARED: Final = {rule.name: rule for rule in RULES}

PROOF_RULES: Final = (
    _SHARED["size"],
    _SHARED["shape"],
    _SHARED["header"],
    _SHARED["payload"],
    _SHARED["type"],
    Rule("members", _members, ("header",)),
    _SHARED["alg"],
    _SHARED["signatures"],
    Rule("key", _key, ("members",)),
    Rule("algorithm", _algorithm, ("key", "signatures")),
    Rule("signature", _signature, ("algorithm",)),
    Rule("claims", _claims, ("payload",)),
    Rule("method", _method, ("claims",)),
    Rule("address", _address, ("claims",)),
    Rule("window", _window, ("claims",)),
    Rule("nonce", _nonce, ("payload",)),
    Rule("token", _token, ("payload",)),
)
"""Everything a proof must satisfy but for being new, in the order in which it is tried."""
