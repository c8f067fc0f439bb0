"""Signed tokens read without tolerance (RFC 7515, RFC 8725).

Libraries accept much that is not a token: numbers as text, duplicate members, missing times, huge inputs. The
pre-check refuses these before any key is used; PyJWT then verifies the signature. The rules stand in
:data:`RULES`, so that whoever explains a refusal runs the very functions that refuse.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import jwt

from gateway.errors import Unauthenticated

_LARGEST: Final = 8192
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER: Final = frozenset({"alg", "typ", "kid"})
_KID: Final = re.compile(r"[A-Za-z0-9_-]{43}")
SIGNATURES: Final = ("ES256", "ES384", "EdDSA", "PS256")
"""The algorithms accepted at all; which one is a matter of the key (RFC 8725 section 3.1)."""
REASONS: Final = frozenset(
    {
        "malformed", "header", "type", "algorithm", "times", "expired", "early", "lifetime", "key", "signature",
        "claims", "issuer", "audience", "replayed", "revoked", "binding", "unbound", "method", "address", "nonce", "ath",
    }
)  # fmt: skip
"""Every word that a token, an assertion or a proof is refused with; the labels of the metric."""
# base64url to base64; the two signs of plain base64 become one that is in neither alphabet (RFC 4648 section 5)
_PLAIN: Final = bytes.maketrans(b"-_+/", b"+/!!")
_REMOTE: Final = frozenset({"jku", "x5u", "x5c", "jwk", "zip", "b64", "crit"})


class TokenRefused(Unauthenticated):
    """The token is not accepted（令牌不被接受）."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """A well-formed token whose signature has not been checked yet."""

    text: str
    kid: str
    algorithm: str
    claims: dict[str, Any]


@dataclass(slots=True)
class Reading:
    """A token being read and what it is read against; ``header`` and ``claims`` appear as the rules get there."""

    text: str
    types: Collection[str]
    leeway_seconds: int
    longest_seconds: int
    now: int
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the pre-check: its stable name, and a check that raises :class:`TokenRefused`.

    ``needs`` names the rules without which it cannot be tried; ``of_profile`` marks what our own profile asks
    beyond JOSE, which a foreign token need not meet.
    """

    name: str
    check: Callable[[Any], None]
    needs: tuple[str, ...] = ()
    of_profile: bool = False


def precheck(
    token: str, *, types: Collection[str], leeway_seconds: int, longest_seconds: int, now: int
) -> Unverified:
    """Everything that can be refused without a key.

    Args:
        types: accepted ``typ`` values, exactly.
        leeway_seconds: how far our clock and the signer's may differ.
        longest_seconds: the longest life (exp − iat) accepted.
        now: Unix seconds.

    Raises:
        TokenRefused: with the rule broken; ``reason`` is a stable word.
    """
    reading = Reading(token, types, leeway_seconds, longest_seconds, now)
    for rule in RULES:
        rule.check(reading)
    return Unverified(token, reading.header["kid"], reading.header["alg"], reading.claims)


def check_still_valid(claims: dict[str, Any], leeway_seconds: int, now: int) -> None:
    """The rules whose outcome changes with time, for a token whose pre-check passed before.

    Raises:
        TokenRefused: it has expired, or the clock was set back to before it began.
    """
    reading = Reading("", (), leeway_seconds, 0, now, claims=claims)
    _not_expired(reading)
    _begun(reading)


def verified(token: Unverified, jwk: dict[str, Any]) -> dict[str, Any]:
    """The claims, once the signature verifies under ``jwk`` with the key's own algorithm.

    Raises:
        TokenRefused: another algorithm, or a signature that does not verify.
    """
    check_algorithm(token.algorithm, jwk)
    check_signature(token.text, jwk)
    return token.claims


def check_algorithm(algorithm: str, jwk: dict[str, Any]) -> None:
    """Refuse any algorithm but the key's own (RFC 8725 section 3.1)."""
    if algorithm != jwk["alg"]:
        raise refused("algorithm", f"this key signs with {jwk['alg']} only", "签名算法与密钥不符")


def check_signature(text: str, jwk: dict[str, Any]) -> None:
    """Refuse a signature that does not verify under the key with the key's own algorithm.

    The header's and the payload's contents are not looked at: :data:`RULES` and :func:`check_algorithm` have.
    """
    signed, _, signature = text.rpartition(".")
    key = _loaded(tuple(sorted(jwk.items())))
    if key is None or not key.Algorithm.verify(signed.encode(), key.key, _raw(signature)):
        raise not_signed()


@lru_cache(maxsize=1024)
def _loaded(members: tuple[tuple[str, str], ...]) -> jwt.PyJWK | None:
    """The key ready to verify, or None if it is too short or no key; its ``alg`` is the only one it verifies."""
    try:
        key = jwt.PyJWK(dict(members))
        return None if key.Algorithm.check_key_length(key.Algorithm.prepare_key(key.key)) else key
    except jwt.PyJWTError:
        return None


def refused(reason: str, detail: str, detail_zh: str) -> TokenRefused:
    """A refusal with a stable reason word."""
    return TokenRefused(detail, detail_zh, reason=reason)


def not_signed() -> TokenRefused:
    """The refusal of a signature; the same words where no key is known, so that nobody learns which are."""
    return refused("signature", "the token's signature does not verify", "令牌签名校验失败")


def _size(token: Reading) -> None:
    if len(token.text) > _LARGEST:
        raise refused("malformed", f"the token is longer than {_LARGEST} characters", "令牌过长")


def _shape(token: Reading) -> None:
    if not _SHAPE.fullmatch(token.text):
        raise refused("malformed", "the token is not three base64url parts", "令牌格式不正确")
    raw_signature = token.text.rpartition(".")[2]
    if _encoded(_raw(raw_signature)) != raw_signature:
        raise refused("malformed", "the signature is not canonical base64url", "签名的 base64url 编码不规范")


def _read_header(token: Reading) -> None:
    token.header = _part(token.text.split(".")[0])


def _read_claims(token: Reading) -> None:
    token.claims = _part(token.text.split(".")[1])


def _no_remote(token: Reading) -> None:
    if found := sorted(token.header.keys() & _REMOTE):
        raise refused("header", f"the token's header may not hold {', '.join(found)}", "令牌头含不允许的成员")


def _known_members(token: Reading) -> None:
    if token.header.keys() - _HEADER:
        raise refused("header", "the token's header may hold alg, typ and kid only", "令牌头含不允许的成员")


def _type(token: Reading) -> None:
    if token.header.get("typ") not in token.types:
        raise refused("type", f"the token's typ must be one of {', '.join(token.types)}", "令牌类型不正确")


def _kid(token: Reading) -> None:
    kid = token.header.get("kid")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise refused("header", "kid must be the key's RFC 7638 thumbprint", "kid 须为密钥的 RFC 7638 指纹")


def _algorithm(token: Reading) -> None:
    if not isinstance(token.header.get("alg"), str):
        raise refused("algorithm", "the token's header must name alg", "令牌头缺少 alg")


def _signatures(token: Reading) -> None:
    if token.header["alg"] not in SIGNATURES:
        raise refused("algorithm", f"alg must be one of {', '.join(SIGNATURES)}", "签名算法不被接受")


def _whole_times(token: Reading) -> None:
    times = [token.claims[name] for name in ("exp", "iat", "nbf") if name in token.claims]
    if any(type(value) is not int for value in times):  # bool is an int to isinstance
        raise refused("times", "exp, iat and nbf must be whole numbers", "exp、iat、nbf 须为整数")
    if "exp" not in token.claims or "iat" not in token.claims:
        raise refused("times", "the token must carry exp and iat", "令牌缺少 exp 或 iat")


def _not_expired(token: Reading) -> None:
    if token.claims["exp"] <= token.now:
        raise refused("expired", "the token has expired; get a new one", "令牌已过期，请重新获取")


def _begun(token: Reading) -> None:
    latest = token.now + token.leeway_seconds
    if token.claims["iat"] > latest or token.claims.get("nbf", token.now) > latest:
        raise refused("early", "the token is not valid yet; check your clock", "令牌尚未生效，请校准时钟")


def _lifetime(token: Reading) -> None:
    longest = token.longest_seconds
    if not 0 < token.claims["exp"] - token.claims["iat"] <= longest:
        raise refused("lifetime", f"a token may live at most {longest} s", f"令牌有效期不得超过 {longest} 秒")


RULES: Final = (
    Rule("size", _size),
    Rule("shape", _shape, ("size",)),
    Rule("header", _read_header, ("shape",)),
    Rule("payload", _read_claims, ("shape",)),
    Rule("remote", _no_remote, ("header",)),
    Rule("members", _known_members, ("header",), of_profile=True),
    Rule("type", _type, ("header",), of_profile=True),
    Rule("kid", _kid, ("header",), of_profile=True),
    Rule("alg", _algorithm, ("header",)),
    Rule("signatures", _signatures, ("alg",), of_profile=True),
    Rule("times", _whole_times, ("payload",), of_profile=True),
    Rule("expiry", _not_expired, ("times",), of_profile=True),
    Rule("not-before", _begun, ("times",), of_profile=True),
    Rule("lifetime", _lifetime, ("times",), of_profile=True),
)
"""Everything that is refused without a key, in the order in which it is tried."""


def _raw(text: str) -> bytes:
    try:
        plain = text.encode("ascii").translate(_PLAIN)
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4), strict_mode=True)
    except ValueError:
        raise refused(
            "malformed", "a part of the token is not base64url", "令牌含非 base64url 内容"
        ) from None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _part(text: str) -> dict[str, Any]:
    try:
        read = _raw(text).decode("utf-8")
        value = _STRICT.decode(read)
        if "\\u" in read:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise refused(
            "malformed", "a part of the token is not strict JSON", "令牌内容不是严格的 JSON"
        ) from None
    if not isinstance(value, dict):
        raise refused("malformed", "a part of the token is not a JSON object", "令牌内容不是 JSON 对象")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate member")
    return found


def _no_constant(_name: str) -> Any:
    raise ValueError("not JSON")


# Made once: json.loads would make one for each part of each token.
_STRICT: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
