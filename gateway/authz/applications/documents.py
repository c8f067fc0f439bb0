"""The canonical form of an application and of a decision: the exact bytes a department stamps.

JSON by RFC 8785 (JCS): members sorted, no blanks, UTF-8. ``format`` names the layout; what is missing is left out, so
that a member added later does not change what was stamped before. The bytes are stored, never made again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import rfc8785

from gateway.authz.applications.model import Application
from gateway.authz.grants.model import Terms
from gateway.seals.verification import sm3

APPLICATION_FORMAT: Final = "data-sharing-application/1"
DECISION_FORMAT: Final = "data-sharing-decision/1"


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes to be stamped, and their digests."""

    content: bytes
    sm3: bytes
    sha256: bytes

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Document":
        """The canonical form of what is said."""
        content = rfc8785.dumps(said)
        return cls(content, sm3(content), hashlib.sha256(content).digest())

    def digests(self) -> dict[str, str]:
        """Both digests for an audit record."""
        return {"document_sm3": self.sm3.hex(), "document_sha256": self.sha256.hex()}


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as stored; ``effective_at`` of a decision is when it took effect, None while it is a draft."""

    content: bytes
    sm3: bytes
    made_at: datetime
    effective_at: datetime | None = None


def application_document(one: Application, code: str) -> Document:
    """The form as it stands (Decree 809 Art. 20) with who asks whom for what; ``code`` is the resource's."""
    return Document.of(
        {
            "format": APPLICATION_FORMAT,
            "title": "政务数据共享申请",
            **_about(one, code),
            "form_version": one.form_version,
            **({"renews": str(one.renews)} if one.renews else {}),
            "form": one.form.model_dump(mode="json", exclude_none=True),
        }
    )


def decision_document(
    one: Application, code: str, applied: bytes, decision: dict[str, object], terms: Terms | None
) -> Document:
    """A decision with the terms granted, or the reasons of a refusal (Decree 809 Art. 21).

    Args:
        applied: SM3 of the application's document that is decided on.
        decision: as the application keeps it.
        terms: what is granted; None for a refusal.
    """
    granted = {"terms": terms.model_dump(mode="json", exclude_none=True)} if terms else {}
    return Document.of(
        {
            "format": DECISION_FORMAT,
            "title": "政务数据共享审批决定",
            **_about(one, code),
            "application_sm3": applied.hex(),
            "decision": _without_none(decision),
            **granted,
        }
    )


def _about(one: Application, code: str) -> dict[str, Any]:
    return {
        "application_id": str(one.id),
        "consumer_org": one.consumer_org,
        "provider_org": one.provider_org,
        "resource": {"id": str(one.resource_id), "code": code, "version": one.resource_version},
    }


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(each) for name, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, list) else value
