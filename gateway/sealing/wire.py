"""JSON shapes of registered seals."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from gateway.names import OrgCode, is_org_code
from gateway.sealing.model import RegisteredSeal, SealStatus
from gateway.web import Instant, Model, Note, PageQuery, disagreement


def _org(code: str) -> str:
    if not is_org_code(code):
        raise disagreement(
            "org_code", "not a 统一社会信用代码 with a correct check digit", "统一社会信用代码不正确"
        )
    return code


HolderCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$"), AfterValidator(_org)]


class NewSealQuery(Model):
    """Whose seal the file is."""

    org: HolderCode

    def holder(self) -> OrgCode:
        """The department."""
        return OrgCode(self.org)


class NewStatus(Model):
    """Another status, why, and from when: ``since`` only of a loss or a revocation, now if left out."""

    status: SealStatus
    reason: Note
    since: Instant | None = None


class SealQuery(PageQuery):
    """A page of seals; all given must hold."""

    org: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")] | None = None
    status: SealStatus | None = None


class ChangeShown(Model):
    """One entry of a seal's history."""

    number: int
    status: SealStatus
    since: datetime
    reason: str
    changed_at: datetime
    audit_id: UUID


class SealShown(Model):
    """A registered seal; ``format`` is the version of its format, ``signers`` the SM3 of certificates that may stamp."""

    id: UUID
    es_id: str
    vid: str
    org: str
    name: str
    format: str
    maker: str
    signers: list[str]
    sha256: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    status: SealStatus
    registered_at: datetime
    history: list[ChangeShown]
    audit_id: UUID

    @classmethod
    def of(cls, one: RegisteredSeal) -> "SealShown":
        history = [
            ChangeShown(
                number=each.number, status=each.status, since=each.since, reason=each.reason,
                changed_at=each.changed_at, audit_id=each.event_id,
            )
            for each in one.changes
        ]  # fmt: skip
        return cls(
            id=one.id, es_id=one.es_id, vid=one.vid, org=one.org, name=one.name, format=one.format, maker=one.maker,
            signers=[each.hex() for each in one.signers], sha256=one.sha256.hex(), created_at=one.created_at,
            starts_at=one.starts_at, ends_at=one.ends_at, status=one.status, registered_at=one.registered_at,
            history=history, audit_id=one.cause.event_id,
        )  # fmt: skip
