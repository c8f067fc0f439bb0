"""JSON shapes of claims and elements."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gateway.catalog.description import FieldName
from gateway.catalog.sources.model import Claim, Element, Position, Standing
from gateway.catalog.sources.service import Meaning
from gateway.names import ResourceId
from gateway.web import Code, Line, Model, Note, PageQuery


class SameAs(Model):
    """An item of another, published entry."""

    resource_id: UUID
    item: FieldName


class NewClaim(Model):
    """What an item of the own entry is; exactly one of ``element`` and ``same_as``."""

    item: FieldName
    element: Code | None = None
    same_as: SameAs | None = None
    position: Position = Position.SOURCE
    basis: Note

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        if (self.element is None) == (self.same_as is None):
            raise PydanticCustomError("basis", "give either element or same_as")
        return self

    def meaning(self) -> Meaning:
        """As the service takes it."""
        if self.same_as is None:
            return Meaning(code=self.element)
        return Meaning(resource=ResourceId(self.same_as.resource_id), item=self.same_as.item)


class NewLead(Model):
    """Which department is the lead source, and why."""

    org: Line
    reason: Note


class ElementQuery(PageQuery):
    """A page of elements; ``standing=open`` are the conflicts the authority has to settle."""

    standing: Standing | None = None


class ClaimShown(Model):
    """An item that is the element."""

    resource_id: UUID
    code: str
    resource: str
    state: str
    item: str
    provider_org: str
    position: Position
    basis: str | None = None
    claimed_at: datetime

    @classmethod
    def of(cls, claim: Claim) -> "ClaimShown":
        return cls(
            resource_id=claim.resource_id, code=claim.code, resource=claim.resource, state=claim.state,
            item=claim.item, provider_org=claim.provider_org, position=claim.position, basis=claim.basis,
            claimed_at=claim.claimed_at,
        )  # fmt: skip


class ElementShown(Model):
    """An element, its lead source, and every item that is it; an entry that is no longer under review is left out."""

    id: UUID
    code: str
    standing: Standing
    lead_org: str | None = None
    lead_because: str | None = None
    lead_named_by: str | None = None
    lead_named_at: datetime | None = None
    version: int
    claims: list[ClaimShown]

    @classmethod
    def of(cls, element: Element, seen_by: str) -> "ElementShown":
        """Drafts of other departments are not shown."""
        shown = [one for one in element.claims if one.state != "draft" or one.provider_org == seen_by]
        return cls(
            id=element.id, code=element.code, standing=element.standing, lead_org=element.lead_org,
            lead_because=element.lead_because, lead_named_by=element.lead_named_by,
            lead_named_at=element.lead_named_at, version=element.version,
            claims=[ClaimShown.of(claim) for claim in shown],
        )  # fmt: skip
