"""Keys of statements as JWK (RFC 7517): P-256 for ES256, and SM2 under private names, since JOSE registers none."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import load_der_public_key

from gateway.seals.certificates import SM2_WITH_SM3
from gateway.seals.signing import Signer
from gateway.seals.sm2 import SPKI_PREFIX, BadKey

SM2_NAME: Final = "SM2SM3"
"""The private ``alg`` of SM2 over SM3 with the default id; its ``crv`` is ``SM2``."""
P256_PREFIX: Final = bytes.fromhex("3059301306072A8648CE3D020106082A8648CE3D030107034200")
_ECDSA_SHA256: Final = "1.2.840.10045.4.3.2"
_FORMS: Final = {"ES256": ("P-256", P256_PREFIX), SM2_NAME: ("SM2", SPKI_PREFIX)}
_ALGORITHMS: Final = {_ECDSA_SHA256: "ES256", SM2_WITH_SM3: SM2_NAME}
_MEMBERS: Final = ("crv", "kty", "x", "y")
_PRIVATE: Final = frozenset({"d", "k", "p", "q"})


def jwk_of(signer: Signer) -> dict[str, str]:
    """A signer's public key; ``kid`` is the RFC 7638 thumbprint.

    Raises:
        BadKey: neither P-256 nor SM2.
    """
    algorithm = _ALGORITHMS.get(signer.algorithm, "")
    curve, prefix = _FORMS.get(algorithm, ("", b"-"))
    spki = signer.spki
    if not spki.startswith(prefix) or len(spki) != 91 or spki[26] != 4:
        raise BadKey("statements are sealed with P-256 or SM2")
    plain = {"kty": "EC", "crv": curve, "x": _encoded(spki[27:59]), "y": _encoded(spki[59:])}
    return {**plain, "kid": thumbprint(plain), "alg": algorithm, "use": "sig"}


def spki_of(jwk: Mapping[str, Any]) -> bytes:
    """The SubjectPublicKeyInfo of a key from :func:`accepted_keys`."""
    return _FORMS[jwk["alg"]][1] + b"\x04" + _decoded(jwk["x"]) + _decoded(jwk["y"])


def accepted_keys(keys: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The usable keys of a set by kid; others are passed over, as RFC 7517 section 5 says.

    A key counts under its thumbprint: whatever ``kid`` a set writes beside it, nobody can put one key in another's place.
    """
    found: dict[str, dict[str, Any]] = {}
    for each in keys:
        if isinstance(each, dict) and (plain := _usable(each)):
            found[plain["kid"]] = plain
    return found


def _usable(jwk: dict[str, Any]) -> dict[str, str] | None:
    algorithm = {"P-256": "ES256", "SM2": SM2_NAME}.get(str(jwk.get("crv")), "")
    if (
        jwk.get("kty") != "EC"
        or not algorithm
        or jwk.get("alg", algorithm) != algorithm
        or _PRIVATE & jwk.keys()
    ):
        return None
    if jwk.get("use", "sig") != "sig" or not all(isinstance(jwk.get(name), str) for name in _MEMBERS):
        return None
    plain = {name: jwk[name] for name in _MEMBERS}
    if any(
        _encoded(_decoded(plain[name])) != plain[name] or len(_decoded(plain[name])) != 32 for name in "xy"
    ):
        return None
    made = {**plain, "kid": thumbprint(plain), "alg": algorithm, "use": "sig"}
    return made if algorithm == SM2_NAME or _on_curve(spki_of(made)) else None


def _on_curve(spki: bytes) -> bool:
    """For P-256; of SM2 libcrypto judges the point when it verifies."""
    try:
        load_der_public_key(spki)
    except ValueError:
        return False
    return True


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The base64url SHA-256 of the required members in lexical order (RFC 7638 section 3)."""
    canonical = json.dumps({name: jwk[name] for name in _MEMBERS}, separators=(",", ":"), sort_keys=True)
    return _encoded(hashlib.sha256(canonical.encode()).digest())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
