"""To whom a token is bound: its ``cnf`` against what a request presents (RFC 7800, RFC 9449 section 6, RFC 8705 section 3).

A bound token is worth nothing without the key behind it. Whatever presents a key (a DPoP proof, a client certificate)
is checked where it comes in; here only the names of the keys are compared.
"""

import hmac
from dataclasses import dataclass
from typing import Any, Final

from gateway.identity.jose import refused

_DPOP: Final = "jkt"
_CERTIFICATE: Final = "x5t#S256"


@dataclass(frozen=True, slots=True)
class Presented:
    """What came with a request beside the token, each proved already.

    ``jkt`` is the RFC 7638 thumbprint of the key of the request's DPoP proof; ``x5t`` the base64url SHA-256 of the DER
    of the client certificate of its connection.
    """

    jkt: str | None = None
    x5t: str | None = None

    def confirmation(self) -> dict[str, str]:
        """The ``cnf`` of a token issued on such a request; empty for a bearer token."""
        both = {_DPOP: self.jkt, _CERTIFICATE: self.x5t}
        return {method: key for method, key in both.items() if key is not None}


NOTHING: Final = Presented()


def is_bound(claims: dict[str, Any]) -> bool:
    """Whether the token is of no use to who merely holds it."""
    return claims.get("cnf") is not None


def is_bound_to_certificate(claims: dict[str, Any]) -> bool:
    """Whether the certificate of the connection has to be looked at (RFC 8705 section 3)."""
    bound = claims.get("cnf")
    return isinstance(bound, dict) and _CERTIFICATE in bound


def check_binding(claims: dict[str, Any], presented: Presented) -> None:
    """Every key the token is bound to must have been presented, and a proof belongs to a bound token.

    Raises:
        TokenRefused: ``binding``: a key is missing or another, the token is bound in a way unknown here, or a DPoP
            proof came with a token that is not bound to its key (RFC 9449 section 7.1).
    """
    bound = claims.get("cnf")
    if bound is None and presented.jkt is None:
        return
    if not isinstance(bound, dict) or not bound or bound.keys() - {_DPOP, _CERTIFICATE}:
        raise refused("binding", "the token is not bound to a key this way", "令牌未以此方式绑定密钥")
    if (presented.jkt is not None or _DPOP in bound) and not _same(bound.get(_DPOP), presented.jkt):
        raise refused(
            "binding",
            "the token is bound to another key: call with the scheme DPoP and a proof by that key",
            "令牌绑定了其他密钥：请以 DPoP 方式携带该密钥签名的证明",
        )
    if _CERTIFICATE in bound and not _same(bound[_CERTIFICATE], presented.x5t):
        raise refused(
            "binding",
            "the token is bound to another certificate: call over mutual TLS with that certificate",
            "令牌绑定了其他证书：请以该证书建立双向 TLS 连接",
        )


def _same(bound: object, presented: str | None) -> bool:
    if not isinstance(bound, str) or not presented:
        return False
    return hmac.compare_digest(bound.encode("utf-8", "surrogatepass"), presented.encode())
