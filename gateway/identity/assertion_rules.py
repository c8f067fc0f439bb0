"""What a client's assertion must say, beyond being a well-formed token (RFC 7523 section 3).

In one table, so that whoever explains a refusal runs the very functions that refuse.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from gateway.identity.jose import RULES, Reading, Rule, refused
from gateway.names import is_slug

ASSERTION_TYPES: Final = ("client-authentication+jwt", "JWT")
_CLAIMS: Final = frozenset({"iss", "sub", "aud", "jti", "exp", "iat", "purpose_id", "digest"})
_DIGESTS: Final = frozenset({"SHA256", "SM3"})
_HEX: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(slots=True)
class AssertionReading(Reading):
    """An assertion being read, and our issuer, which must be its one audience."""

    issuer: str = ""

    @property
    def client(self) -> str:
        """Whose it says it is; once the rule ``client`` passed."""
        return str(self.claims["sub"])


def _known(token: AssertionReading) -> None:
    if foreign := sorted(token.claims.keys() - _CLAIMS):
        raise refused("claims", f"unknown claims: {', '.join(foreign)[:200]}", "断言含未知声明")


def _client(token: AssertionReading) -> None:
    subject = token.claims.get("sub")
    if not isinstance(subject, str) or not is_slug(subject) or token.claims.get("iss") != subject:
        raise refused("claims", "iss and sub must both be your client id", "iss 与 sub 须均为应用系统标识")


def _audience(token: AssertionReading) -> None:
    if token.claims.get("aud") != token.issuer:
        raise refused("audience", f"aud must be exactly {token.issuer}", f"aud 须为 {token.issuer}")


def _jti(token: AssertionReading) -> None:
    if not is_fresh_text(token.claims.get("jti")):
        raise refused("claims", "jti must be a fresh text of 8 to 128 characters", "jti 须为 8 至 128 个字符")


def _purpose(token: AssertionReading) -> None:
    purpose = token.claims.get("purpose_id", "-")
    if not isinstance(purpose, str) or not 1 <= len(purpose) <= 200 or not purpose.isprintable():
        raise refused("claims", "purpose_id must be the purpose of a grant", "purpose_id 须为授权用途")


def _digest(token: AssertionReading) -> None:
    """The SHA-256 or SM3 of what the client keeps as its own evidence of the case the token is for."""
    said = token.claims.get("digest")
    if said is None and "digest" not in token.claims:
        return
    if not isinstance(said, dict) or said.keys() != {"alg", "value"} or not _is_digest(said):
        raise refused(
            "claims",
            'digest must be {"alg": "SHA256" or "SM3", "value": 64 hexadecimal digits in small letters}',
            'digest 须为 {"alg": "SHA256" 或 "SM3", "value": 64 位小写十六进制}',
        )


def _is_digest(said: dict[str, Any]) -> bool:
    algorithm, value = said["alg"], said["value"]
    return (
        isinstance(algorithm, str)
        and algorithm in _DIGESTS
        and bool(isinstance(value, str) and _HEX.fullmatch(value))
    )


def is_fresh_text(jti: object) -> bool:
    """Whether a ``jti`` can be kept: 8 to 128 printable ASCII characters."""
    return isinstance(jti, str) and 8 <= len(jti) <= 128 and jti.isascii() and jti.isprintable()


ASSERTION_RULES: Final = (
    *RULES,
    Rule("known", _known, ("payload",)),
    Rule("client", _client, ("payload",)),
    Rule("audience", _audience, ("payload",)),
    Rule("jti", _jti, ("payload",)),
    Rule("purpose", _purpose, ("payload",)),
    Rule("digest", _digest, ("payload",)),
)
"""Everything that is asked of an assertion before a key is looked for, in the order in which it is tried."""
