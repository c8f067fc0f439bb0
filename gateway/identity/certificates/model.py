"""A system's certificate as registered, and the rules that need no database."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.errors import Unauthenticated
from gateway.names import ClientId
from gateway.seals.certificates import Certificate
from gateway.seals.chains import ChainReport


class Binding(StrEnum):
    """What ties a system to a certificate (RFC 8705 sections 2.1, 2.2)."""

    CERTIFICATE = "certificate"
    """本张证书: this very one."""
    SUBJECT = "subject"
    """颁发者加主体: any valid one of the same authority with the same issuer and subject."""
    SELF_SIGNED = "self_signed"
    """自签名证书: this very one, which no authority vouches for."""


class CertificateRefused(Unauthenticated):
    """The client's certificate is not accepted（应用系统证书不被接受）."""

    remedy = (
        "Connect with the certificate registered for this client_id, in force and not revoked; the security administrator sees why.",
        "请使用为该 client_id 登记的有效证书建立连接；安全管理员可查看具体原因。",
    )

    def __init__(self, reason: str, detail: str, detail_zh: str) -> None:
        super().__init__(detail, detail_zh, reason=reason, error="invalid_client", error_description=detail)


REASONS: Final = frozenset({"malformed", "certificate", "expired", "revoked", "untrusted", "authority"})
"""Every word that a certificate is refused with; labels of the metric."""
UNKNOWN: Final = ("the certificate is not one of this client", "证书不属于该应用系统")


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A registered certificate; ``thumbprint`` is the base64url SHA-256 of its DER (``x5t#S256``, RFC 7515 section 4.1.8)."""

    thumbprint: str
    client: ClientId
    der: bytes
    others: tuple[bytes, ...]
    authority: str | None
    binding: Binding
    issuer: str
    subject: str
    serial: str
    key_kind: str
    not_before: datetime
    not_after: datetime
    added_at: datetime
    revoked_at: datetime | None


def certificate_thumbprint(der: bytes) -> str:
    """The ``x5t#S256`` of a certificate."""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def named(certificate: Certificate) -> bytes:
    """Whom a certificate names: SHA-256 over the DER of issuer and subject, each with its length."""
    parts = (certificate.issuer_der, certificate.subject_der)
    return hashlib.sha256(b"".join(len(each).to_bytes(4) + each for each in parts)).digest()


def is_self_signed(certificate: Certificate) -> bool:
    """Whether it names itself as its issuer; its own rules then apply, and no authority's."""
    return certificate.issuer_der == certificate.subject_der


def reasons(report: ChainReport) -> str:
    """Every check that did not pass, in one line."""
    told = [each for each in report.checks if each.result in ("fail", "unknown")]
    return "; ".join(f"{each.code} {each.detail}".strip() for each in told)[:1000]
