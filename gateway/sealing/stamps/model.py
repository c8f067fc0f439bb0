"""A stamp on one of the gateway's documents, and whether it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.audit import Cause
from gateway.names import OrgCode
from gateway.sealing.examination import Examined
from gateway.sealing.model import RegisteredSeal, SealStatus, status_at
from gateway.sealing.rules import Kind
from gateway.sealing.words import Told, told
from gateway.seals.report import Step, Verdict


@dataclass(frozen=True, slots=True)
class Subject:
    """A document to be stamped: of which application, its exact bytes, and the department that must stamp it."""

    kind: Kind
    application: UUID
    org: OrgCode
    consumer_org: OrgCode
    provider_org: OrgCode
    content: bytes
    sm3: bytes
    made_at: datetime
    cause: Cause


@dataclass(frozen=True, slots=True)
class Trial:
    """A stamp that was examined and not stored yet."""

    raw: bytes
    sha256: bytes
    seal: RegisteredSeal | None
    examined: Examined
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Examination:
    """One examination of a stored stamp: verdict, report, the report's SHA-256 and those of the evidence it rests on."""

    number: int
    verdict: Verdict
    report: dict[str, Any]
    report_sha256: bytes
    evidence: tuple[bytes, ...]
    examined_at: datetime
    event_id: UUID


@dataclass(frozen=True, slots=True)
class FiledStamp:
    """A stamp as filed, its latest examination, and the seal as it is registered."""

    id: UUID
    kind: Kind
    application: UUID
    document_sm3: bytes
    org: OrgCode
    sha256: bytes
    filed_by: str
    received_at: datetime
    seal: RegisteredSeal | None
    latest: Examination
    cause: Cause

    @property
    def obstacles(self) -> list[Told]:
        """What keeps it from counting; empty if it counts.

        The latest examination, and what the registry knows by now of the moment it was received: a loss reported
        later reaches back.
        """
        found = [told(_step(each)) for each in self.latest.report["steps"] if each["result"] in _OPEN]
        status = status_at(self.seal.changes, self.received_at) if self.seal else None
        known_bad = status is not None and status is not SealStatus.IN_FORCE
        if known_bad and all(each.step != "S15" for each in found):
            found.insert(0, told(Step("S15", "fail", "SEAL_STATUS", "", str(status))))
        if not found and self.latest.verdict != "valid":
            found.append(told(Step("S1", "unknown", "FORMAT", "")))
        return found

    @property
    def counts(self) -> bool:
        """Whether it opens a gate: only what is valid does."""
        return self.latest.verdict == "valid" and not self.obstacles


_OPEN: Final = frozenset({"fail", "unknown"})


def _step(shown: dict[str, Any]) -> Step:
    return Step(shown["step"], shown["result"], shown["code"], shown["clause"], shown["detail"])


def best(stamps: Sequence[FiledStamp]) -> FiledStamp | None:
    """The stamp a document stands by: one that counts, else the latest."""
    newest_first = sorted(stamps, key=lambda each: (each.received_at, each.id), reverse=True)
    return next((each for each in newest_first if each.counts), newest_first[0] if newest_first else None)
