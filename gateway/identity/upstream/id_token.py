"""An ID token checked without tolerance (OpenID Connect Core 1.0 section 3.1.3.7; RFC 8725), on plain values.

The rules of our own tokens that are rules of JOSE hold here too; the algorithm is one the settings name for the provider.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.identity.jose import (
    RULES,
    Reading,
    TokenRefused,
    check_algorithm,
    check_signature,
    not_signed,
    refused,
)
from gateway.identity.jwk import KeyRefused, usable
from gateway.identity.upstream.model import Vouched
from gateway.settings import Provider

_TIMES: Final = frozenset({"times", "expiry", "not-before", "lifetime"})
ID_TOKEN_RULES: Final = tuple(rule for rule in RULES if not rule.of_profile or rule.name in _TIMES)
"""The pre-check for a token of another issuer: all of JOSE, and whole times."""

_LONGEST_SECONDS: Final = 86400
_MOST_KEYS: Final = 50


class UnknownKey(TokenRefused):
    """The provider's key set holds no key for this token（身份认证平台的公钥集中没有该密钥）."""


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """A key of a provider: the kid it gave it, and the key reduced to what is used."""

    kid: str | None
    jwk: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the sign-in that was begun expects; instants in Unix seconds."""

    nonce: str
    began: int
    now: int
    leeway_seconds: int


def keys_of(key_set: Mapping[str, Any], provider: Provider) -> list[ProviderKey]:
    """The usable keys of a JWK set; others are passed over, and those whose kid stands twice.

    Raises:
        TokenRefused: no list of keys, or too many.
    """
    listed = key_set.get("keys")
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise refused("keys", "the provider's key set is no list of keys", "身份认证平台公钥集不可用")
    found = [key for jwk in listed if isinstance(jwk, dict) and (key := _key(jwk, provider))]
    kids = [key.kid for key in found]
    return [key for key in found if key.kid is None or kids.count(key.kid) == 1]


def check_id_token(text: str, keys: Sequence[ProviderKey], provider: Provider, expected: Expected) -> Vouched:
    """Who the provider vouches for.

    Raises:
        UnknownKey: no key fits; perhaps the provider has a new one.
        TokenRefused: with the rule broken; ``reason`` is a stable word.
    """
    reading = Reading(text, (), expected.leeway_seconds, _LONGEST_SECONDS, expected.now)
    for rule in ID_TOKEN_RULES:
        rule.check(reading)
    if str(reading.header.get("typ", "JWT")).upper() != "JWT":
        raise refused("type", "this is a token of another kind", "令牌类型不正确")
    algorithm = reading.header["alg"]
    if algorithm not in provider.algorithms:
        raise refused("algorithm", f"{provider.name} may not sign with {algorithm}", "签名算法不被接受")
    jwk = _fitting(keys, reading.header.get("kid"), algorithm)
    check_algorithm(algorithm, jwk)
    check_signature(text, jwk)
    return _vouched(reading.claims, provider, expected)


def _key(jwk: dict[str, Any], provider: Provider) -> ProviderKey | None:
    kid = jwk.get("kid")
    if kid is not None and (not isinstance(kid, str) or len(kid) > 200):
        return None
    legacy = "RS256" in provider.algorithms
    if legacy and "PS256" not in provider.algorithms and jwk.get("kty") == "RSA":
        jwk = {"alg": "RS256", **jwk}  # an RSA key that does not say: the one algorithm the settings name
    try:
        return ProviderKey(kid, usable(jwk, with_rs256=legacy))
    except KeyRefused:
        return None


def _fitting(keys: Iterable[ProviderKey], kid: object, algorithm: str) -> dict[str, Any]:
    if kid is not None:
        fitting = [key for key in keys if key.kid == kid]
    else:
        fitting = [key for key in keys if key.jwk["alg"] == algorithm]
    if len(fitting) != 1:
        fault = not_signed()
        raise UnknownKey(fault.detail, fault.detail_zh, reason="key")
    return fitting[0].jwk


def _vouched(claims: dict[str, Any], provider: Provider, expected: Expected) -> Vouched:
    if claims.get("iss") != provider.issuer:
        raise refused("issuer", "the token is from another issuer", "令牌签发者不符")
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise refused("audience", "the token is not for this gateway alone", "令牌不是签发给本网关的")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise refused("audience", "the token was issued to another client", "令牌授权方不符")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise refused("nonce", "the token is not of this sign-in", "令牌不属于本次登录")
    if claims["iat"] < expected.began - expected.leeway_seconds:
        raise refused("stale", "the token is older than this sign-in", "令牌早于本次登录")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or not subject.isascii():
        raise refused("claims", "sub must be 1 to 255 ASCII characters", "sub 须为 1 至 255 个 ASCII 字符")
    return Vouched(provider.issuer, subject, _with_second_factor(claims, provider))


def _with_second_factor(claims: dict[str, Any], provider: Provider) -> bool:
    methods = claims.get("amr", [])
    named = {one for one in methods if isinstance(one, str)} if isinstance(methods, list) else set()
    acr = claims.get("acr")
    return (isinstance(acr, str) and acr in provider.second_factor_acr) or bool(
        named & provider.second_factor_amr
    )
