"""JSON shapes of recognised authorities and revocation information."""

from datetime import date, datetime

from gateway.identity.revocation.model import Kept, Kind
from gateway.seals.certificates import Certificate
from gateway.seals.recognition import Authority
from gateway.web import Model


class AnchorShown(Model):
    """A certificate of an authority."""

    subject: str
    key: str
    not_before: datetime
    not_after: datetime

    @classmethod
    def of(cls, anchor: Certificate) -> "AnchorShown":
        return cls(
            subject=anchor.subject,
            key=anchor.key_kind,
            not_before=anchor.not_before,
            not_after=anchor.not_after,
        )


class FreshShown(Model):
    """How fresh an authority's revocation information is: newest received, and until when it is current."""

    received_at: datetime
    current_until: datetime | None = None


class AuthorityShown(Model):
    """A recognised authority, what is accepted of it, and what is known of its revocations."""

    id: str
    name: str
    uses: list[str]
    algorithms: list[str]
    revocation_required: bool
    binding: str
    recognised_from: date
    recognised_until: date | None = None
    recognised_now: bool
    anchors: list[AnchorShown]
    crl: FreshShown | None = None
    ocsp: FreshShown | None = None

    @classmethod
    def of(
        cls,
        authority: Authority,
        standing: dict[tuple[str, Kind], tuple[datetime, datetime | None]],
        now: datetime,
    ) -> "AuthorityShown":
        fresh = {
            kind: FreshShown(received_at=found[0], current_until=found[1])
            for kind in Kind
            if (found := standing.get((authority.id, kind))) is not None
        }
        return cls(
            id=authority.id, name=authority.name, uses=sorted(authority.uses), algorithms=sorted(authority.algorithms),
            revocation_required=authority.revocation_required, binding=authority.binding,
            recognised_from=authority.recognised_from, recognised_until=authority.recognised_until,
            recognised_now=authority.is_recognised_at(now), anchors=[AnchorShown.of(each) for each in authority.anchors],
            crl=fresh.get(Kind.CRL), ocsp=fresh.get(Kind.OCSP),
        )  # fmt: skip


class AuthoritiesShown(Model):
    """All recognised authorities."""

    items: list[AuthorityShown]


class EvidenceShown(Model):
    """A revocation list or OCSP answer in the archive; ``source`` is an address, or ``person:`` and a login."""

    sha256: str
    kind: Kind
    authority: str
    scope: str
    number: str | None = None
    this_update: datetime
    next_update: datetime | None = None
    size_bytes: int
    source: str
    received_at: datetime

    @classmethod
    def of(cls, kept: Kept) -> "EvidenceShown":
        return cls(
            sha256=kept.digest.hex(), kind=kept.kind, authority=kept.authority, scope=kept.scope,
            number=None if kept.number is None else str(kept.number), this_update=kept.this_update,
            next_update=kept.next_update, size_bytes=kept.size, source=kept.source, received_at=kept.received_at,
        )  # fmt: skip


class UseShown(Model):
    """A certificate that was judged by the evidence: its SHA-256, when it was revoked, the first use."""

    certificate_sha256: str
    revoked_at: datetime | None = None
    first_used_at: datetime


class EvidenceWithUses(EvidenceShown):
    """The same with the certificates judged by it, at most 200."""

    uses: list[UseShown]

    @classmethod
    def told(cls, kept: Kept, uses: list[tuple[bytes, datetime | None, datetime]]) -> "EvidenceWithUses":
        shown = [
            UseShown(certificate_sha256=each.hex(), revoked_at=revoked, first_used_at=at)
            for each, revoked, at in uses
        ]
        return cls(**EvidenceShown.of(kept).model_dump(), uses=shown)
