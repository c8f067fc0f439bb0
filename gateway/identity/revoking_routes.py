"""Addresses of revocations and of the gateway's own keys."""

from functools import partial
from typing import Final

from gateway.identity.keys import KeyAnnounced, NoSuchSigningKey
from gateway.identity.model import Role
from gateway.identity.revoking import Revoking
from gateway.identity.revoking_wire import (
    KeyNotice,
    KeyRevokedShown,
    SignedOut,
    SigningKeys,
    SigningKeyShown,
    TokenRevokedShown,
)
from gateway.identity.service import NoSuchClient
from gateway.names import ClientId
from gateway.web import Ask, Reply, Route

_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})
_WATCH: Final = frozenset({Role.SECURITY_ADMIN, Role.PLATFORM_ADMIN, Role.AUDITOR})


async def sign_out_client(revoking: Revoking, ask: Ask[None]) -> Reply:
    client = ClientId(ask.path["client"])
    return Reply(SignedOut.of(client, await revoking.sign_out_client(ask.principal, client)))


async def revoke_token_by_id(revoking: Revoking, ask: Ask[None]) -> Reply:
    token_id = ask.uuid("token_id")
    await revoking.revoke_token(ask.principal, str(token_id))
    return Reply(TokenRevokedShown(token_id=token_id))


async def list_signing_keys(revoking: Revoking, ask: Ask[None]) -> Reply:
    return Reply(SigningKeys(keys=[SigningKeyShown.of(key) for key in await revoking.keys()]))


async def announce_signing_key(revoking: Revoking, ask: Ask[KeyNotice]) -> Reply:
    kid = await revoking.announce_key(ask.principal, ask.given.notice_seconds)
    return Reply(next(SigningKeyShown.of(key) for key in await revoking.keys() if key.kid == kid))


async def revoke_signing_key(revoking: Revoking, ask: Ask[None]) -> Reply:
    kid = ask.path["kid"]
    return Reply(KeyRevokedShown(kid=kid, successor=await revoking.revoke_key(ask.principal, kid)))


_route = partial(Route, tag="identity")
ROUTES: Final = [
    _route("POST", "/v1/clients/{client}/sign-out", sign_out_client, _SECURITY,
           "Refuse every token of an application system issued until now", "注销应用系统已签发的全部令牌",
           returns=SignedOut, problems=(NoSuchClient,)),
    _route("POST", "/v1/tokens/{token_id}/revoke", revoke_token_by_id, _SECURITY,
           "Refuse the token with this id", "按编号吊销令牌", returns=TokenRevokedShown),
    _route("GET", "/v1/keys", list_signing_keys, _WATCH, "List the gateway's signing keys", "签名密钥列表",
           returns=SigningKeys),
    _route("POST", "/v1/keys/announce", announce_signing_key, _SECURITY,
           "Publish the next signing key ahead of its use", "预告下一个签名密钥",
           given=KeyNotice, returns=SigningKeyShown, problems=(KeyAnnounced,)),
    _route("POST", "/v1/keys/{kid}/revoke", revoke_signing_key, _SECURITY,
           "Strike a signing key off with everything it signed", "吊销签名密钥及其签发的全部令牌",
           returns=KeyRevokedShown, problems=(NoSuchSigningKey,)),
]  # fmt: skip
