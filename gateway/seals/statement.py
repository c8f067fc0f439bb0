"""Statements of the gateway under its own seal: JWS in the flattened JSON form (RFC 7515 section 7.2.2).

Apart from tokens: a statement is kept for years and checked offline by strangers, so it has its own keys, its own types
and no expiry. Whoever checks ES256 with a JOSE library checks these; SM2 stands under a private name, because JOSE
registers none, with the value r‖s over SM3 and the default id.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from gateway.errors import Malformed
from gateway.seals.raw_signatures import as_der
from gateway.seals.signing import Signer
from gateway.seals.sm2 import BadKey, Sm2, Sm2Unavailable
from gateway.seals.statement_keys import SM2_NAME, spki_of

LARGEST_STATEMENT: Final = 1_000_000
_MEMBERS: Final = frozenset({"payload", "protected", "signature"})
_HEADER: Final = frozenset({"alg", "kid", "typ"})
_ENCODED: Final = re.compile(r"[A-Za-z0-9_-]+")
_HALF: Final = 32


class StatementRefused(Malformed):
    """The sealed statement is not accepted（出证文书不被接受）."""

    remedy = (
        "Get the statement again from the gateway that issued it, and the keys from its published set.",
        "请向出具该文书的网关重新获取原文，并以其公布的公钥集核验。",
    )

    def __init__(self, rule: str, detail: str, detail_zh: str, *, unknown: bool = False) -> None:
        super().__init__(detail, detail_zh, rule=rule)
        self.rule = rule
        self.unknown = unknown
        """Nothing is wrong with it as far as can be told, but it cannot be judged."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as read: its type, the key and algorithm it names, what it says; ``over`` is what was signed."""

    kind: str
    kid: str
    algorithm: str
    content: dict[str, Any]
    over: bytes
    signature: bytes


def seal_statement(
    kind: str, content: Mapping[str, Any], signer: Signer, jwk: Mapping[str, str]
) -> dict[str, str]:
    """Sign ``content`` as a statement of a kind, which stands in ``typ``; the three members of the document."""
    header = {"alg": jwk["alg"], "kid": jwk["kid"], "typ": kind}
    protected, payload = _encoded(_json(header)), _encoded(_json(content))
    value = _raw(signer.sign(f"{protected}.{payload}".encode()))
    return {"payload": payload, "protected": protected, "signature": _encoded(value)}


def read_statement(document: bytes) -> Statement:
    """Read a document without tolerance; nothing is verified yet.

    Raises:
        StatementRefused: ``form``: too large, no JSON, a member missing, unknown or twice, loose base64url;
            ``header``: members other than alg, kid and typ.
    """
    if len(document) > LARGEST_STATEMENT:
        raise _bad_form("the document is too large", "文书过大")
    members = _object(document)
    if members.keys() != _MEMBERS or not all(isinstance(value, str) for value in members.values()):
        raise _bad_form(
            "its members are payload, protected and signature", "成员应为 payload、protected、signature"
        )
    header = _object(_decoded(members["protected"]))
    if header.keys() != _HEADER or not all(isinstance(value, str) and value for value in header.values()):
        raise StatementRefused(
            "header", "its header names alg, kid and typ, nothing else", "文书头只能含 alg、kid、typ"
        )
    over = f"{members['protected']}.{members['payload']}".encode()
    content = _object(_decoded(members["payload"]))
    return Statement(
        header["typ"], header["kid"], header["alg"], content, over, _decoded(members["signature"])
    )


def verify_statement(found: Statement, keys: Mapping[str, Mapping[str, Any]], sm2: Sm2 | None) -> None:
    """Check a statement's signature.

    Args:
        keys: public JWKs by kid, from :func:`gateway.seals.statement_keys.accepted_keys`.

    Raises:
        StatementRefused: ``key``: of no key given (unknown), or of another algorithm; ``signature``: it does not verify, or
            SM2 is not available here (unknown).
    """
    jwk = keys.get(found.kid)
    if jwk is None:
        raise StatementRefused(
            "key",
            f"the key {found.kid[:64]} is not in the set given",
            "所给公钥集中没有该文书的密钥",
            unknown=True,
        )
    if jwk["alg"] != found.algorithm:
        raise StatementRefused("key", "the key signs with another algorithm", "该密钥的算法与文书不符")
    if len(found.signature) != 2 * _HALF or not _verifies(found, spki_of(jwk), sm2):
        raise StatementRefused("signature", "the signature does not verify", "签名验证不通过")


def _verifies(found: Statement, spki: bytes, sm2: Sm2 | None) -> bool:
    if found.algorithm == SM2_NAME:
        if sm2 is None:
            raise StatementRefused("signature", "SM2 is not available here", "本机不支持 SM2", unknown=True)
        try:
            return sm2.verify(spki, found.over, as_der(found.signature)[0])
        except (BadKey, Sm2Unavailable):
            return False
    try:
        r, s = (int.from_bytes(found.signature[at : at + _HALF]) for at in (0, _HALF))
        key: Any = load_der_public_key(spki)
        key.verify(encode_dss_signature(r, s), found.over, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _raw(der: bytes) -> bytes:
    """r‖s of a signature in DER (RFC 7518 section 3.4)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(_HALF) + s.to_bytes(_HALF)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _bad_form("it is not strict JSON", "不是规范的 JSON") from None
    if not isinstance(found, dict):
        raise _bad_form("it is no JSON object", "不是 JSON 对象")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if _ENCODED.fullmatch(text) else b""
    except ValueError:
        raw = b""
    if not raw or _encoded(raw) != text:
        raise _bad_form("a member is not base64url without padding", "成员不是无填充的 base64url")
    return raw


def _bad_form(detail: str, detail_zh: str) -> StatementRefused:
    return StatementRefused("form", detail, detail_zh)
