"""The gateway's seal over the list of an archive pack: a JWS of ES256 in the flattened JSON form (RFC 7515 section 7.2.2).

SM2 is not in the one library this folder uses; a pack sealed with it is checked by ``./gw audit pack verify``.
"""

import base64
import hashlib
import json
import re
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .pack_files import LIST, SEAL, Damage, PackFiles
from .refusal import Refused

STATEMENT: Final = "gateway-archive-pack"
LARGEST_KEYS: Final = 1_000_000
_HALF: Final = 32
_ENCODED: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_MEMBERS: Final = ("payload", "protected", "signature")


def check_seal(files: PackFiles, jwks: bytes) -> dict[str, Any]:
    """Key and time of the seal over a pack's list.

    Args:
        jwks: the gateway's published seal keys, a JWK Set (RFC 7517).

    Raises:
        Refused: ``keys``: no such set; ``sm2``: sealed with SM2.
        Damage: there is no seal, or it is not one over this pack by one of these keys.
    """
    keys = _keys(jwks)
    sealed = _object(files.small(SEAL))
    if sorted(sealed) != sorted(_MEMBERS) or not all(isinstance(sealed[name], str) for name in _MEMBERS):
        raise _bad(
            "its members are payload, protected and signature", "成员应为 payload、protected、signature"
        )
    header, content = (_object(_decoded(sealed[name])) for name in ("protected", "payload"))
    if header.get("alg") == "SM2SM3":
        raise Refused(
            "sm2", "the seal is of SM2, which ./gw audit pack verify --jwks checks", "该签章为 SM2，请用 ./gw audit pack verify --jwks 核验",
        )  # fmt: skip
    key = keys.get(str(header.get("kid")))
    if key is None or header.get("alg") != "ES256" or sorted(header) != ["alg", "kid", "typ"]:
        raise _bad("it is by no key of the set given", "所给公钥集中没有该签章的密钥")
    _verify(key, f"{sealed['protected']}.{sealed['payload']}".encode(), _decoded(sealed["signature"]))
    listed = hashlib.sha256(files.small(LIST)).hexdigest()
    if header["typ"] != STATEMENT or content.get("list_sha256") != listed:
        raise _bad("it seals something else", "所签并非本包")
    return {"kid": header["kid"], "sealed_at": content.get("sealed_at")}


def _verify(key: ec.EllipticCurvePublicKey, over: bytes, signature: bytes) -> None:
    r, s = (int.from_bytes(signature[at : at + _HALF]) for at in (0, _HALF))
    try:
        if len(signature) != 2 * _HALF:
            raise InvalidSignature
        key.verify(encode_dss_signature(r, s), over, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        raise _bad("the signature does not verify", "签名验证不通过") from None


def _keys(jwks: bytes) -> dict[str, ec.EllipticCurvePublicKey]:
    """The P-256 keys of a set by thumbprint (RFC 7638), whatever ``kid`` stands beside them; others are passed over."""
    try:
        given = json.loads(jwks)["keys"] if len(jwks) <= LARGEST_KEYS else None
    except (ValueError, TypeError, KeyError, RecursionError):
        given = None
    if not isinstance(given, list):
        raise Refused("keys", "the seal keys are no JWK Set", "出证公钥集不是 JWK Set")
    return dict(_key(one) for one in given if isinstance(one, dict) and one.get("crv") == "P-256")


def _key(jwk: dict[str, Any]) -> tuple[str, ec.EllipticCurvePublicKey]:
    try:
        x, y = (_decoded(jwk[name]) for name in ("x", "y"))
        if jwk.get("kty") != "EC" or len(x) != _HALF or len(y) != _HALF:
            raise ValueError
        point = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
        plain = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
        named = hashlib.sha256(json.dumps(plain, separators=(",", ":")).encode()).digest()
        return base64.urlsafe_b64encode(named).decode().rstrip("="), point.public_key()
    except (ValueError, TypeError, KeyError, Damage):
        raise Refused(
            "keys", "a key of the set is no point of P-256", "公钥集中有密钥不是 P-256 曲线上的点"
        ) from None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        pairs: list[tuple[str, Any]] = json.loads(raw.decode("utf-8"), object_pairs_hook=list)
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise _bad("it is no JSON object with unique members", "不是成员唯一的 JSON 对象") from None
    return found


def _decoded(text: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if _ENCODED.fullmatch(text) else b""
    except ValueError:
        raw = b""
    if not raw or base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise _bad("a member is not base64url without padding", "成员不是无填充的 base64url")
    return raw


def _bad(detail: str, detail_zh: str) -> Damage:
    return Damage(Refused("seal", detail, detail_zh), SEAL)
