"""Right requests of revocation, introspection, the gateway's own keys and the token debugger."""

from typing import Final
from uuid import uuid4

from rights import Right, at

_TOKEN_ID: Final = str(uuid4())

CASES: Final = {
    "sign_out_client": Right("security-admin", at("/v1/clients/registration/sign-out")),
    "revoke_token_by_id": Right("security-admin", at(f"/v1/tokens/{_TOKEN_ID}/revoke")),
    "list_signing_keys": Right("auditor", at("/v1/keys")),
    "announce_signing_key": Right(
        "security-admin", at("/v1/keys/announce"), (lambda _: {"notice_seconds": 86400},)
    ),
    "revoke_signing_key": Right("security-admin", at("/v1/keys/{kid}/revoke")),
    "check_token": Right(
        "requester",
        at("/v1/token/check"),
        (
            lambda _: {
                "kind": "access",
                "token": "a.b.c",
                "service": "enterprise",
                "method": "GET",
                "proof": "a.b.c",
            },
            lambda _: {"kind": "proof", "token": "a.b.c", "service": "enterprise", "access_token": "a.b.c"},
        ),
    ),
    "revoke_token": Right("", at("/oauth/revoke")),
    "introspect_token": Right("", at("/oauth/introspect")),
}
