"""Checks an assertion by HMAC in Gateway-Assertion: one a line on standard input, its claims or "refused" a line out.

python verify_hmac.py OUR.key ISSUER OUR-CODE     OUR.key: a key shared with the gateway a line, base64; needs PyJWT
"""

import base64
import hashlib
import json
import sys

import jwt


def name_of(key: bytes) -> str:
    """How the gateway names a key in the head of an assertion."""
    return base64.urlsafe_b64encode(hashlib.sha256(b"kid " + key).digest()).decode()[:16]


def checked(text: str, keys: dict[str, bytes], issuer: str, own_code: str) -> dict[str, object]:
    """The claims; raises jwt.PyJWTError. Compare request_id with Request-Id, and request_sha256 with the request:
    SHA-256 (base64url) of GET, a blank and the path with query as received."""
    head = jwt.get_unverified_header(text)
    if head.get("typ") != "gateway-assertion+jwt" or head.get("kid") not in keys:
        raise jwt.InvalidTokenError
    need = ["exp", "iat", "sub", "grant", "purpose", "request_id", "request_sha256"]
    return jwt.decode(
        text, keys[head["kid"]], ["HS256"], {"require": need}, issuer=issuer, audience=own_code, leeway=30
    )


if __name__ == "__main__":
    with open(sys.argv[1], encoding="ascii") as file:
        shared = [base64.b64decode(line) for line in file.read().split()]
    for line in sys.stdin:
        try:
            print(
                json.dumps(
                    checked(line.strip(), {name_of(key): key for key in shared}, sys.argv[2], sys.argv[3])
                )
            )
        except jwt.PyJWTError:
            print("refused")
