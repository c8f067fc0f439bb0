"""Rows of systems' certificates as values; constraint names as refusals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.errors import Conflict
from gateway.identity.certificates.model import Binding, ClientCertificate
from gateway.identity.store import KeyKnown
from gateway.names import ClientId, OrgCode
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.identity.certificates")


class CertificateKnown(Conflict):
    """This certificate, or its name, is registered already（该证书或其主体已登记）."""

    remedy = (
        "A certificate and its subject serve one system only; get a certificate with a subject of its own.",
        "一张证书及其主体只能用于一个系统，请为该系统申请独立主体的证书。",
    )


_WRITES = Writes(
    {
        "a_certificate_is_registered_once": CertificateKnown("the certificate is registered", "该证书已登记"),
    }
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A client, its department, and whether it is in force."""

    client: ClientId
    org: OrgCode
    active: bool
    authority: str | None = None


async def add(tx: Connection, new: ClientCertificate, name: bytes) -> None:
    """Raises CertificateKnown."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add"], new.thumbprint, new.client, new.der, list(new.others), new.authority, new.binding, name, new.issuer,
            new.subject, new.serial, new.key_kind, new.not_before, new.not_after, new.added_at,
        )  # fmt: skip


async def claim_subject(tx: Connection, name: bytes, client: ClientId, authority: str) -> None:
    """Bind a name to the client; whoever has it already keeps it."""
    await tx.execute(_SQL["claim_subject"], name, client, authority)


async def holder_of_subject(tx: Connection, name: bytes) -> Holder | None:
    row = await tx.fetchrow(_SQL["holder_of_subject"], name)
    if row is None:
        return None
    return Holder(ClientId(row["client_id"]), OrgCode(row["org"]), row["active"], row["authority"])


async def chain_of(tx: Connection, client: ClientId, name: bytes) -> tuple[str, tuple[bytes, ...]] | None:
    """The newest certificate of this name in force and what was registered along with it; None if there is none."""
    row = await tx.fetchrow(_SQL["chain_of"], client, name)
    return None if row is None else (row["thumbprint"], tuple(row["others"]))


async def find(tx: Connection, thumbprint: str) -> tuple[ClientCertificate, Holder] | None:
    row = await tx.fetchrow(_SQL["find"], thumbprint)
    if row is None:
        return None
    return _certificate(row), Holder(ClientId(row["client_id"]), OrgCode(row["org"]), row["active"])


async def of_client(tx: Connection, client: ClientId) -> list[ClientCertificate]:
    return [_certificate(row) for row in await tx.fetch(_SQL["of_client"], client)]


async def revoke(tx: Connection, client: ClientId, thumbprint: str, at: datetime) -> list[str] | None:
    """The kids of the keys that went with it; None if there is no such certificate in force."""
    if await tx.fetchval(_SQL["revoke"], client, thumbprint, at) is None:
        return None
    return [row["kid"] for row in await tx.fetch(_SQL["revoke_keys"], thumbprint, at)]


async def add_key(tx: Connection, client: ClientId, jwk: dict[str, Any], thumbprint: str) -> None:
    """Register the certificate's key for assertions; a key registered by itself stays what it is.

    Raises:
        KeyKnown: another system's, or revoked.
    """
    if await tx.fetchval(_SQL["has_key"], client, jwk["kid"]):
        return
    if await tx.fetchval(_SQL["add_key"], client, jwk["kid"], jwk, thumbprint) is None:
        raise KeyKnown("the key is registered", "该公钥已登记")


async def self_signed(tx: Connection) -> list[bytes]:
    return [row["der"] for row in await tx.fetch(_SQL["self_signed"])]


def _certificate(row: Row) -> ClientCertificate:
    return ClientCertificate(
        row["thumbprint"], ClientId(row["client_id"]), row["der"], tuple(row["others"]), row["authority"],
        Binding(row["binding"]), row["issuer"], row["subject"], row["serial"], row["key_kind"], row["not_before"],
        row["not_after"], row["added_at"], row["revoked_at"],
    )  # fmt: skip
