"""Recipients outside government, and what is wrong with how a resource is opened to them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from gateway.audit import Cause
from gateway.names import OrgCode, ResourceId, is_org_code


class Finding(StrEnum):
    """What the report says of a resource."""

    EXCLUSIVE = "exclusive"
    """仅向特定一家开放: one recipient outside government, and no equal terms for others."""
    UNREGISTERED = "unregistered"
    """未登记接收方: a grant to somebody outside government without registered basis and terms."""
    FEE_WITHOUT_BASIS = "fee_without_basis"
    """收费无依据."""
    CLEAR = "clear"
    """无问题."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what a recipient gets the data; ``fee_yuan`` per year, 0 for none."""

    basis: str
    terms: str
    fee_yuan: Decimal
    fee_basis: str | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """接收方 as registered."""

    id: UUID
    resource_id: ResourceId
    resource_code: str
    provider_org: OrgCode
    recipient_org: str
    recipient_name: str
    terms: Terms
    registered_by: str
    registered_at: datetime
    ended_at: datetime | None
    ended_because: str | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Opening:
    """One resource that somebody outside government gets, with the evidence for every finding."""

    resource_id: ResourceId
    code: str
    name: str
    provider_org: OrgCode
    registered: tuple[str, ...]
    granted: tuple[str, ...]
    grants: tuple[UUID, ...]
    fees_without_basis: tuple[str, ...]
    equal_terms: str | None

    @property
    def recipients(self) -> frozenset[str]:
        """Everybody outside government who can get it."""
        return frozenset((*self.registered, *self.granted))

    @property
    def unregistered(self) -> tuple[str, ...]:
        """Who has a grant and is not registered."""
        return tuple(sorted(set(self.granted) - set(self.registered)))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong, or that nothing is."""
        found = []
        if len(self.recipients) == 1 and self.equal_terms is None:
            found.append(Finding.EXCLUSIVE)
        if self.unregistered:
            found.append(Finding.UNREGISTERED)
        if self.fees_without_basis:
            found.append(Finding.FEE_WITHOUT_BASIS)
        return tuple(found) or (Finding.CLEAR,)


def is_outside_government(org: str) -> bool:
    """Whether a 统一社会信用代码 is a firm's or organisation's: its first sign names who registered it (GB 32100)."""
    return is_org_code(org) and not org.startswith("1")
