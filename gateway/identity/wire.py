"""JSON shapes of this room."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.identity.jwk import KeyRefused, accepted
from gateway.identity.model import Client, Org, Person, Role
from gateway.names import is_org_code
from gateway.web import Line, Model, Slug


def _checked_org(code: str) -> str:
    if not is_org_code(code):
        raise PydanticCustomError(
            "org_code", "is not a unified social credit code with a correct check digit (GB 32100)"
        )
    return code


def _checked_key(jwk: dict[str, Any]) -> dict[str, Any]:
    try:
        return accepted(jwk)
    except KeyRefused as fault:
        raise PydanticCustomError("jwk", "{why}", {"why": fault.args[0]}) from None


OrgCodeText = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), AfterValidator(_checked_org)
]
"""统一社会信用代码 (GB 32100)."""

PublicKey = Annotated[dict[str, Any], Field(max_length=10), AfterValidator(_checked_key)]
"""A public JWK: EC P-256 or P-384, Ed25519, or RSA from 2048 bits; never the private part."""


CertificateChain = Annotated[
    str,
    StringConstraints(
        max_length=60_000,
        pattern=r"^(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n*)+$",
    ),
]
"""Certificates in PEM and nothing else, the end certificate first."""


class NewOrg(Model):
    """A department to register."""

    code: OrgCodeText
    name: Line
    region: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class OrgShown(Model):
    """A registered department."""

    code: str
    name: str
    region: str
    registered_at: datetime

    @classmethod
    def of(cls, org: Org) -> "OrgShown":
        return cls(code=org.code, name=org.name, region=org.region, registered_at=org.registered_at)


class NewPerson(Model):
    """A person to register; platform_admin, security_admin and auditor exclude each other."""

    login: Slug
    name: Line
    org: OrgCodeText
    roles: Annotated[list[Role], Field(max_length=5)]


class NewRoles(Model):
    """The roles a person shall hold from now on."""

    roles: Annotated[list[Role], Field(max_length=5)]


class PersonShown(Model):
    """A registered person."""

    login: str
    name: str
    org: str
    roles: list[Role]
    active: bool
    registered_at: datetime

    @classmethod
    def of(cls, person: Person) -> "PersonShown":
        return cls(
            login=person.login, name=person.name, org=person.org, roles=sorted(person.roles),
            active=person.active, registered_at=person.registered_at,
        )  # fmt: skip


class NewClient(Model):
    """An application system to register, with at least one public key or certificate."""

    id: Slug
    name: Line
    org: OrgCodeText
    keys: Annotated[list[PublicKey], Field(max_length=5)] = []
    certificates: Annotated[list[CertificateChain], Field(max_length=3)] = []


class NewKey(Model):
    """A further public key."""

    jwk: PublicKey


class KeyShown(Model):
    """A registered public key."""

    kid: str
    jwk: dict[str, Any]
    added_at: datetime
    revoked_at: datetime | None = None


class ClientShown(Model):
    """A registered application system."""

    id: str
    name: str
    org: str
    active: bool
    registered_at: datetime
    keys: list[KeyShown]

    @classmethod
    def of(cls, client: Client) -> "ClientShown":
        keys = [
            KeyShown(kid=key.kid, jwk=key.jwk, added_at=key.added_at, revoked_at=key.revoked_at)
            for key in client.keys
        ]
        return cls(
            id=client.id, name=client.name, org=client.org, active=client.active,
            registered_at=client.registered_at, keys=keys,
        )  # fmt: skip


class Rotated(Model):
    """The new signing key's id."""

    kid: str


class KeySet(Model):
    """A JWK set (RFC 7517 section 5)."""

    keys: list[dict[str, Any]]


class ServerMetadata(Model):
    """Authorization server metadata (RFC 8414 section 2; RFC 9449 section 5.1 for DPoP, RFC 8705 section 3.3 for mutual TLS)."""

    issuer: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    grant_types_supported: list[str]
    response_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    dpop_signing_alg_values_supported: list[str]
    tls_client_certificate_bound_access_tokens: bool
    service_documentation: str
