"""JSON shapes of recipients and openings."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from gateway.reports.openings.model import Finding, Opening, Recipient, Terms
from gateway.web import Line, Model, Note

OrgText = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
Yuan = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$")]


class NewRecipient(Model):
    """A firm or organisation outside government, and on what it gets the data; ``fee_yuan`` per year as decimal text."""

    recipient_org: OrgText
    recipient_name: Line
    basis: Note
    terms: Note
    fee_yuan: Yuan = "0"
    fee_basis: Note | None = None

    @model_validator(mode="after")
    def _a_basis_needs_a_fee(self) -> Self:
        if self.fee_basis is not None and Decimal(self.fee_yuan) == 0:
            raise PydanticCustomError("basis", "fee_basis belongs to a fee")
        return self

    def agreed(self) -> Terms:
        """As the service takes them."""
        return Terms(self.basis, self.terms, Decimal(self.fee_yuan), self.fee_basis)


class NewEqualTerms(Model):
    """Where the terms for everybody are published: a document's number or an address."""

    notice: Note


class EqualTermsShown(Model):
    """What was declared, and when."""

    resource_id: UUID
    notice: str
    declared_at: datetime


class RecipientShown(Model):
    """A recipient outside government."""

    id: UUID
    resource_id: UUID
    resource_code: str
    provider_org: str
    recipient_org: str
    recipient_name: str
    basis: str
    terms: str
    fee_yuan: str
    fee_basis: str | None = None
    registered_by: str
    registered_at: datetime
    ended_at: datetime | None = None
    ended_because: str | None = None
    audit_id: UUID

    @classmethod
    def of(cls, one: Recipient) -> "RecipientShown":
        return cls(
            id=one.id, resource_id=one.resource_id, resource_code=one.resource_code, provider_org=one.provider_org,
            recipient_org=one.recipient_org, recipient_name=one.recipient_name, basis=one.terms.basis,
            terms=one.terms.terms, fee_yuan=str(one.terms.fee_yuan), fee_basis=one.terms.fee_basis,
            registered_by=one.registered_by, registered_at=one.registered_at, ended_at=one.ended_at,
            ended_because=one.ended_because, audit_id=one.cause.event_id,
        )  # fmt: skip


class OpeningShown(Model):
    """A resource somebody outside government gets, what is wrong with that, and the evidence."""

    resource_id: UUID
    code: str
    name: str
    provider_org: str
    findings: list[Finding]
    recipients: list[str]
    unregistered: Annotated[
        list[str], Field(description="With a grant and without registered basis and terms.")
    ]
    grants: list[UUID]
    fees_without_basis: list[str]
    equal_terms: str | None = None

    @classmethod
    def of(cls, one: Opening) -> "OpeningShown":
        return cls(
            resource_id=one.resource_id, code=one.code, name=one.name, provider_org=one.provider_org,
            findings=list(one.findings), recipients=sorted(one.recipients), unregistered=list(one.unregistered),
            grants=list(one.grants), fees_without_basis=list(one.fees_without_basis), equal_terms=one.equal_terms,
        )  # fmt: skip
