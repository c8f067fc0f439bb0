"""Elements and the claims to them: plain values, and what keeps an entry from being published beside another."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.names import OrgCode, ResourceId


class Position(StrEnum):
    """What a department says its item is."""

    SOURCE = "source"
    """数据来源: collected by the department itself."""
    COPY = "copy"
    """数源副本: taken over from the lead source."""


class Origin(StrEnum):
    """Where it is said what the item means: in the entry's description, or by a claim of its own."""

    DESCRIPTION = "description"
    CLAIM = "claim"


class Standing(StrEnum):
    """How an element stands among the entries under review and published.

    ``OPEN`` is the conflict the authority has to settle (Art. 41: no 数源部门 named); ``UNMARKED`` is settled, but a
    department other than the lead source has not marked its item as a copy yet.
    """

    SINGLE = "single"
    """单一来源."""
    OPEN = "open"
    """待明确数源."""
    UNMARKED = "unmarked"
    """待标注副本."""
    SETTLED = "settled"
    """已明确数源."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One item of one entry that is an element; ``state`` is the entry's, ``code`` and ``resource`` its code and name."""

    resource_id: ResourceId
    code: str
    resource: str
    state: str
    item: str
    provider_org: OrgCode
    position: Position
    origin: Origin
    basis: str | None
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Element:
    """数据元 with every claim to it; ``lead_*`` once the authority named the lead source."""

    id: UUID
    code: str
    standing: Standing
    lead_org: OrgCode | None
    lead_because: str | None
    lead_named_by: str | None
    lead_named_at: datetime | None
    version: int
    claims: tuple[Claim, ...]

    @property
    def departments(self) -> frozenset[OrgCode]:
        """The departments with an item of this element, also in drafts."""
        return frozenset(claim.provider_org for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Clash:
    """Why one item keeps its entry from being published: others have it, and ``lead_org`` is the source, if named."""

    item: str
    element_id: UUID
    element: str
    lead_org: OrgCode | None
    others: tuple[OrgCode, ...]

    @property
    def words(self) -> tuple[str, str]:
        """What to do about it, in both languages."""
        if self.lead_org is None:
            others = ", ".join(self.others)
            return (
                f"item {self.item} ({self.element}) is also held by {others}; the authority has to name the lead source",
                f"信息项 {self.item}（{self.element}）与 {others} 重复，须由主管部门明确数源部门",
            )
        return (
            f"the lead source of item {self.item} ({self.element}) is {self.lead_org}; mark the item as a copy or leave it out",
            f"信息项 {self.item}（{self.element}）的数源部门为 {self.lead_org}，请将该项标注为数源副本或删除",
        )
