"""JSON shapes of documents, stamps and what a seal is worth."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.authz.applications.documents import Kept
from gateway.authz.applications.sealed import Sealed, SealState
from gateway.sealing.rules import Kind, Rule
from gateway.sealing.stamps import FiledStamp
from gateway.sealing.words import Told
from gateway.web import Model


class RuleShown(Model):
    """The rule that asks for a seal, and where it comes from."""

    id: str
    source: str
    source_zh: str

    @classmethod
    def of(cls, rule: Rule) -> "RuleShown":
        return cls(id=rule.id, source=rule.source, source_zh=rule.source_zh)


class SealedShown(Model):
    """How a document of an application stands: who stamps it, whether a rule asks for it, what the stamp is worth."""

    document: Kind
    document_sm3: str | None = None
    org: str
    required_by: RuleShown | None = None
    state: SealState
    stamp_id: UUID | None = None
    steps: list[Told] = []

    @classmethod
    def of(cls, one: Sealed) -> "SealedShown":
        return cls(
            document=one.kind, document_sm3=one.document_sm3.hex() if one.document_sm3 else None, org=one.org,
            required_by=RuleShown.of(one.rule) if one.rule else None, state=one.state,
            stamp_id=one.stamp.id if one.stamp else None, steps=one.stamp.obstacles if one.stamp else [],
        )  # fmt: skip


class DraftShown(Model):
    """A decision as drafted: fetch its bytes at ``…/decision-document``, stamp them, file the stamp, then decide."""

    document_sm3: str
    document: str
    drafted_at: datetime

    @classmethod
    def of(cls, kept: Kept) -> "DraftShown":
        text = kept.content.decode()
        return cls(document_sm3=kept.sm3.hex(), document=text, drafted_at=kept.made_at)


class StampShown(Model):
    """A stamp on a document: what its latest examination found, step by step, and whether it counts."""

    id: UUID
    document: Kind
    document_sm3: str
    org: str
    seal_id: UUID | None = None
    sha256: str
    filed_by: str
    received_at: datetime
    verdict: str
    counts: bool
    steps: list[Told]
    """What did not pass, in words."""
    examinations: int
    examined_at: datetime
    report: dict[str, Any]
    """Every step as the verification gave it."""
    report_sha256: str
    evidence: list[str]
    """SHA-256 of the revocation lists and OCSP responses it rests on."""
    audit_id: UUID

    @classmethod
    def of(cls, one: FiledStamp) -> "StampShown":
        latest = one.latest
        return cls(
            id=one.id, document=one.kind, document_sm3=one.document_sm3.hex(), org=one.org,
            seal_id=one.seal.id if one.seal else None, sha256=one.sha256.hex(), filed_by=one.filed_by,
            received_at=one.received_at, verdict=latest.verdict, counts=one.counts, steps=one.obstacles,
            examinations=latest.number, examined_at=latest.examined_at, report=latest.report,
            report_sha256=latest.report_sha256.hex(), evidence=[each.hex() for each in latest.evidence],
            audit_id=latest.event_id,
        )  # fmt: skip


class Stamped(Model):
    """Every stamp on an application's documents, oldest first."""

    items: list[StampShown]
