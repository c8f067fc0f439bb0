"""JSON shapes of systems' certificates."""

from datetime import datetime

from gateway.identity.certificates.model import Binding, ClientCertificate
from gateway.identity.wire import CertificateChain
from gateway.web import Model


class NewCertificate(Model):
    """A certificate to register: PEM, the end certificate first; never the private key."""

    chain: CertificateChain


class CertificateShown(Model):
    """A registered certificate."""

    id: str
    """``x5t#S256``: base64url SHA-256 of its DER."""
    authority: str | None = None
    binding: Binding
    issuer: str
    subject: str
    serial: str
    key: str
    not_before: datetime
    not_after: datetime
    added_at: datetime
    revoked_at: datetime | None = None

    @classmethod
    def of(cls, one: ClientCertificate) -> "CertificateShown":
        return cls(
            id=one.thumbprint, authority=one.authority, binding=one.binding, issuer=one.issuer, subject=one.subject,
            serial=one.serial, key=one.key_kind, not_before=one.not_before, not_after=one.not_after, added_at=one.added_at,
            revoked_at=one.revoked_at,
        )  # fmt: skip


class CertificatesShown(Model):
    """All certificates of a system, those struck off included."""

    items: list[CertificateShown]
