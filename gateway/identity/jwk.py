"""Public keys as JWK (RFC 7517): which are accepted, and their thumbprint (RFC 7638)."""

import base64
import hashlib
import json
from functools import cache
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

_MEMBERS: Final = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_ALLOWED: Final = frozenset({"kty", "crv", "x", "y", "e", "n", "kid", "use", "key_ops", "alg"})
_WRITERS: Final[dict[str, Any]] = {
    "EC": jwt.algorithms.ECAlgorithm, "RSA": jwt.algorithms.RSAAlgorithm, "OKP": jwt.algorithms.OKPAlgorithm,
}  # fmt: skip
_KINDS: Final[dict[type, str]] = {
    EllipticCurvePublicKey: "EC", RSAPublicKey: "RSA", Ed25519PublicKey: "OKP",
}  # fmt: skip
_BY_CURVE: Final = {"P-256": "ES256", "P-384": "ES384", "Ed25519": "EdDSA"}


class KeyRefused(ValueError):
    """A public key is not acceptable; the text says why, the second argument says it in Chinese."""


def thumbprint(jwk: dict[str, Any]) -> str:
    """The base64url SHA-256 of the required members in lexical order (RFC 7638 section 3)."""
    members = {name: jwk[name] for name in _MEMBERS[jwk["kty"]]}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).decode().rstrip("=")


def jwk_of(spki: bytes) -> dict[str, Any] | None:
    """The public key of a certificate as it would be registered; None where JOSE has no algorithm for it (SM2).

    Args:
        spki: SubjectPublicKeyInfo in DER.

    Raises:
        KeyRefused: of a kind that JOSE knows, but too weak.
    """
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return None
    writer = next((name for kind, name in _KINDS.items() if isinstance(key, kind)), None)
    if writer is None:
        return None
    written = _WRITERS[writer].to_jwk(key, as_dict=True)
    return accepted({name: value for name, value in written.items() if name in _MEMBERS[writer]})


def algorithm_of(jwk: dict[str, Any]) -> str:
    """The one signature algorithm a key is used with: ES256, ES384, EdDSA or PS256 (RFC 7518, RFC 8037)."""
    return "PS256" if jwk["kty"] == "RSA" else _BY_CURVE[jwk["crv"]]


def accepted(jwk: dict[str, Any]) -> dict[str, Any]:
    """A key to be registered, reduced to its public members, with our ``kid``, ``alg`` and ``use``.

    Raises:
        KeyRefused: not :func:`usable`; an unknown member; a kid that is not the thumbprint.
    """
    _refuse_private(jwk)
    if foreign := sorted(jwk.keys() - _ALLOWED):
        raise KeyRefused(f"unknown members: {', '.join(foreign)[:200]}", "含未知成员")
    key = usable(jwk)
    if "kid" in jwk and jwk["kid"] != key["kid"]:
        raise KeyRefused(
            "kid must be the RFC 7638 thumbprint, or be left out", "kid 须为 RFC 7638 指纹或省略"
        )
    return key


def usable(jwk: dict[str, Any], *, with_rs256: bool = False) -> dict[str, Any]:
    """A public key that may verify signatures, reduced to its public members; ``kid`` is its thumbprint.

    Args:
        jwk: of any issuer; members unknown to us are passed over (RFC 7517 section 4).
        with_rs256: let a key that declares RS256 verify RS256, which nothing of ours signs with.

    Raises:
        KeyRefused: private or symmetric; another type or curve than P-256, P-384, Ed25519, RSA; RSA below 2048
            bits or of the ROCA shape; not a point of its curve; declared for another use or algorithm.
    """
    _refuse_private(jwk)
    _refuse_other_use(jwk)
    kind = jwk.get("kty")
    if not isinstance(kind, str) or kind not in _MEMBERS or not _known_curve(jwk):
        raise KeyRefused("kty must be EC (P-256, P-384), OKP (Ed25519) or RSA", "密钥类型须为 EC、OKP 或 RSA")
    if any(not isinstance(jwk.get(name), str) or not jwk[name] for name in _MEMBERS[kind]):
        raise KeyRefused(f"the members {_MEMBERS[kind]} must be texts", "公钥缺少必需成员")
    plain = {name: jwk[name] for name in _MEMBERS[kind]}
    _refuse_weak(plain)
    return {**plain, "kid": thumbprint(plain), "alg": _algorithm(jwk, plain, with_rs256), "use": "sig"}


def _known_curve(jwk: dict[str, Any]) -> bool:
    curves = {"EC": ("P-256", "P-384"), "OKP": ("Ed25519",)}.get(jwk["kty"])
    return curves is None or jwk.get("crv") in curves


def _refuse_private(jwk: dict[str, Any]) -> None:
    if _PRIVATE & jwk.keys():
        raise KeyRefused("this is a private key: send only the public part", "这是私钥，请只提交公钥")


def _refuse_other_use(jwk: dict[str, Any]) -> None:
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise KeyRefused("use or key_ops forbid verifying signatures", "密钥用途不允许验签")


def _algorithm(jwk: dict[str, Any], plain: dict[str, Any], with_rs256: bool) -> str:
    own = algorithm_of(plain)
    declared = jwk.get("alg", own)
    if declared == "RS256" and own == "PS256" and with_rs256:
        return "RS256"
    if declared != own:
        raise KeyRefused(
            f"this key signs with {own} here: say so, or leave alg out", f"alg 须为 {own} 或省略"
        )
    return own


def _refuse_weak(plain: dict[str, Any]) -> None:
    try:
        key = jwt.PyJWK(plain, algorithm=algorithm_of(plain)).key
        written = _WRITERS[plain["kty"]].to_jwk(key, as_dict=True)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise KeyRefused("the numbers are not a public key of this type", "数值不构成有效公钥") from None
    if any(written[name] != value for name, value in plain.items()):
        raise KeyRefused(
            "the numbers must be base64url without padding, of the curve's length, without leading zeros",
            "数值须为无填充的 base64url，长度与曲线一致且无前导零",
        )
    if isinstance(key, RSAPublicKey):
        if not 2048 <= key.key_size <= 8192:
            raise KeyRefused("an RSA key must have 2048 to 8192 bits", "RSA 密钥长度须为 2048 至 8192 位")
        if has_roca_fingerprint(key.public_numbers().n):
            raise KeyRefused("this key comes from a weak generator (CVE-2017-15361)", "该密钥由弱生成器产生")


def has_roca_fingerprint(modulus: int) -> bool:
    """Whether an RSA modulus has the form of CVE-2017-15361: modulo each small prime it is a power of 65537."""
    return all(modulus % prime in powers for prime, powers in _roca_powers().items())


@cache
def _roca_powers() -> dict[int, frozenset[int]]:
    small = [n for n in range(3, 168) if all(n % divisor for divisor in range(2, n))]
    return {prime: frozenset(pow(65537, exponent, prime) for exponent in range(prime)) for prime in small}
