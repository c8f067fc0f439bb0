"""Addresses of this room."""

from functools import partial
from typing import Final

from gateway.identity.certificates.store import CertificateKnown
from gateway.identity.jose import SIGNATURES
from gateway.identity.model import Role
from gateway.identity.service import (
    AlreadyDisabled,
    Identity,
    NoSuchClient,
    NoSuchKey,
    NoSuchOrg,
    NoSuchPerson,
    OwnRoles,
)
from gateway.identity.store import (
    ClientKnown,
    KeyKnown,
    LoginTaken,
    OrgKnown,
    PowersNotSeparated,
    RotationUnderWay,
)
from gateway.identity.wire import (
    ClientShown,
    KeySet,
    NewClient,
    NewKey,
    NewOrg,
    NewPerson,
    NewRoles,
    OrgShown,
    PersonShown,
    Rotated,
    ServerMetadata,
)
from gateway.names import ClientId, Login, OrgCode
from gateway.web import ANYONE, SIGNED_IN, Ask, Page, PageQuery, Reply, Route

_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})
_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})


async def register_org(identity: Identity, ask: Ask[NewOrg]) -> Reply:
    new = ask.given
    return Reply(
        OrgShown.of(
            await identity.register_org(ask.principal, OrgCode(new.code), new.name, new.region, ask.once)
        )
    )


async def list_orgs(identity: Identity, ask: Ask[PageQuery]) -> Reply:
    return ask.page(
        await identity.orgs(ask.after(), ask.given.limit + 1), lambda org: str(org.code), OrgShown.of
    )


async def show_org(identity: Identity, ask: Ask[None]) -> Reply:
    return Reply(OrgShown.of(await identity.org(OrgCode(ask.path["org"]))))


async def register_person(identity: Identity, ask: Ask[NewPerson]) -> Reply:
    new = ask.given
    return Reply(
        PersonShown.of(
            await identity.register_person(
                ask.principal, Login(new.login), new.name, OrgCode(new.org), new.roles, ask.once
            )
        )
    )


async def list_people(identity: Identity, ask: Ask[PageQuery]) -> Reply:
    found = await identity.people(ask.principal, ask.after(), ask.given.limit + 1)
    return ask.page(found, lambda person: str(person.login), PersonShown.of)


async def show_person(identity: Identity, ask: Ask[None]) -> Reply:
    return Reply(PersonShown.of(await identity.person(ask.principal, Login(ask.path["login"]))))


async def change_roles(identity: Identity, ask: Ask[NewRoles]) -> Reply:
    login = Login(ask.path["login"])
    return Reply(PersonShown.of(await identity.change_roles(ask.principal, login, ask.given.roles)))


async def disable_person(identity: Identity, ask: Ask[None]) -> Reply:
    return Reply(PersonShown.of(await identity.disable_person(ask.principal, Login(ask.path["login"]))))


async def register_client(identity: Identity, ask: Ask[NewClient]) -> Reply:
    new = ask.given
    client = await identity.register_client(
        ask.principal, ClientId(new.id), new.name, OrgCode(new.org), new.keys, new.certificates, ask.once
    )
    return Reply(ClientShown.of(client))


async def list_clients(identity: Identity, ask: Ask[PageQuery]) -> Reply:
    found = await identity.clients(ask.principal, ask.after(), ask.given.limit + 1)
    return ask.page(found, lambda client: str(client.id), ClientShown.of)


async def show_client(identity: Identity, ask: Ask[None]) -> Reply:
    return Reply(ClientShown.of(await identity.client(ask.principal, ClientId(ask.path["client"]))))


async def add_client_key(identity: Identity, ask: Ask[NewKey]) -> Reply:
    client = ClientId(ask.path["client"])
    return Reply(ClientShown.of(await identity.add_key(ask.principal, client, ask.given.jwk, ask.once)))


async def revoke_client_key(identity: Identity, ask: Ask[None]) -> Reply:
    client = ClientId(ask.path["client"])
    return Reply(ClientShown.of(await identity.revoke_key(ask.principal, client, ask.path["kid"])))


async def disable_client(identity: Identity, ask: Ask[None]) -> Reply:
    return Reply(ClientShown.of(await identity.disable_client(ask.principal, ClientId(ask.path["client"]))))


async def rotate_signing_key(identity: Identity, ask: Ask[None]) -> Reply:
    return Reply(Rotated(kid=await identity.rotate_key(ask.principal)))


async def show_key_set(identity: Identity, ask: Ask[None]) -> Reply:
    keys = await identity.tokens.keys.public()
    return Reply(KeySet(keys=keys), {"Cache-Control": "public, max-age=300"})


async def show_server_metadata(identity: Identity, ask: Ask[None]) -> Reply:
    issuer = identity.tokens.issuer
    methods, signatures = ["private_key_jwt", *identity.tls_methods], list(SIGNATURES)
    return Reply(
        ServerMetadata(
            issuer=issuer,
            token_endpoint=f"{issuer}/oauth/token",
            revocation_endpoint=f"{issuer}/oauth/revoke",
            introspection_endpoint=f"{issuer}/oauth/introspect",
            jwks_uri=f"{issuer}/.well-known/jwks.json",
            scopes_supported=["data:call"],
            grant_types_supported=["client_credentials"],
            response_types_supported=[],
            token_endpoint_auth_methods_supported=methods,
            token_endpoint_auth_signing_alg_values_supported=signatures,
            revocation_endpoint_auth_methods_supported=methods,
            revocation_endpoint_auth_signing_alg_values_supported=signatures,
            introspection_endpoint_auth_methods_supported=methods,
            introspection_endpoint_auth_signing_alg_values_supported=signatures,
            dpop_signing_alg_values_supported=signatures,
            tls_client_certificate_bound_access_tokens=bool(identity.tls_methods),
            service_documentation=f"{issuer}/openapi.json",
        ),
        {"Cache-Control": "public, max-age=300"},
    )


_route = partial(Route, tag="identity")
ROUTES: Final = [
    _route("POST", "/v1/orgs", register_org, _PLATFORM, "Register a department", "登记部门",
           given=NewOrg, returns=OrgShown, status=201, creates=True, problems=(OrgKnown,)),
    _route("GET", "/v1/orgs", list_orgs, SIGNED_IN, "List departments", "部门列表",
           given=PageQuery, returns=Page[OrgShown]),
    _route("GET", "/v1/orgs/{org}", show_org, SIGNED_IN, "Show a department", "查看部门",
           returns=OrgShown, problems=(NoSuchOrg,)),
    _route("POST", "/v1/people", register_person, _SECURITY, "Register a person with roles", "登记人员及角色",
           given=NewPerson, returns=PersonShown, status=201, creates=True, problems=(LoginTaken, PowersNotSeparated)),
    _route("GET", "/v1/people", list_people, SIGNED_IN, "List people", "人员列表",
           given=PageQuery, returns=Page[PersonShown]),
    _route("GET", "/v1/people/{login}", show_person, SIGNED_IN, "Show a person", "查看人员",
           returns=PersonShown, problems=(NoSuchPerson,)),
    _route("PUT", "/v1/people/{login}/roles", change_roles, _SECURITY, "Replace a person's roles", "变更人员角色",
           given=NewRoles, returns=PersonShown, problems=(NoSuchPerson, PowersNotSeparated, OwnRoles)),
    _route("POST", "/v1/people/{login}/disable", disable_person, _SECURITY, "Disable a person", "停用人员",
           returns=PersonShown, problems=(NoSuchPerson, AlreadyDisabled, OwnRoles)),
    _route("POST", "/v1/clients", register_client, _SECURITY, "Register an application system", "登记应用系统",
           given=NewClient, returns=ClientShown, status=201, creates=True, problems=(ClientKnown, KeyKnown, CertificateKnown)),
    _route("GET", "/v1/clients", list_clients, SIGNED_IN, "List application systems", "应用系统列表",
           given=PageQuery, returns=Page[ClientShown]),
    _route("GET", "/v1/clients/{client}", show_client, SIGNED_IN, "Show an application system", "查看应用系统",
           returns=ClientShown, problems=(NoSuchClient,)),
    _route("POST", "/v1/clients/{client}/keys", add_client_key, _SECURITY, "Add a public key", "增加公钥",
           given=NewKey, returns=ClientShown, status=201, creates=True, problems=(NoSuchClient, KeyKnown)),
    _route("DELETE", "/v1/clients/{client}/keys/{kid}", revoke_client_key, _SECURITY, "Revoke a public key", "吊销公钥",
           returns=ClientShown, problems=(NoSuchClient, NoSuchKey)),
    _route("POST", "/v1/clients/{client}/disable", disable_client, _SECURITY, "Disable an application system",
           "停用应用系统", returns=ClientShown, problems=(NoSuchClient, AlreadyDisabled)),
    _route("POST", "/v1/keys/rotate", rotate_signing_key, _SECURITY, "Rotate the gateway's signing key", "轮换签名密钥",
           returns=Rotated, problems=(RotationUnderWay,)),
    _route("GET", "/.well-known/jwks.json", show_key_set, ANYONE, "Public keys of this gateway", "网关公钥集",
           returns=KeySet),
    _route("GET", "/.well-known/oauth-authorization-server", show_server_metadata, ANYONE,
           "Authorization server metadata", "授权服务器元数据", returns=ServerMetadata),
]  # fmt: skip
