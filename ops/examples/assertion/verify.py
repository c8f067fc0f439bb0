"""Checks what the gateway says in Gateway-Assertion: one a line on standard input, its claims or "refused" a line out.

python verify.py KEYS.json ISSUER OUR-CODE     KEYS.json: the gateway's /.well-known/assertion-keys.json; needs PyJWT
"""

import json
import sys

import jwt


def checked(text: str, keys: dict[str, jwt.PyJWK], issuer: str, own_code: str) -> dict[str, object]:
    """The claims; raises jwt.PyJWTError. Compare request_id, if there, with the header Request-Id."""
    head = jwt.get_unverified_header(text)
    if head.get("typ") != "gateway-assertion+jwt" or head.get("kid") not in keys:
        raise jwt.InvalidTokenError
    need = ["exp", "iat", "sub", "grant", "purpose"]
    return jwt.decode(
        text, keys[head["kid"]], ["ES256"], {"require": need}, issuer=issuer, audience=own_code, leeway=30
    )


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        published = {key["kid"]: jwt.PyJWK(key) for key in json.load(file)["keys"]}
    for line in sys.stdin:
        try:
            print(json.dumps(checked(line.strip(), published, sys.argv[2], sys.argv[3])))
        except jwt.PyJWTError:
            print("refused")
