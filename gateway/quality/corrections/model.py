"""A correction: what is doubted, who answers by when, how it ends. Pure values and rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.audit import Cause
from gateway.catalog import Description, ParameterKind
from gateway.errors import FieldFault
from gateway.names import GrantId, OrgCode, ResourceId


class Doubt(StrEnum):
    """What is wrong with the item (Decree 809 Art. 26: 不准确或者不完整)."""

    WRONG = "wrong"
    """不准确."""
    MISSING = "missing"
    """不完整."""
    OUTDATED = "outdated"
    """未及时更新."""


class State(StrEnum):
    """核查中, 已更正, 核实无误, 已撤回."""

    OPEN = "open"
    CORRECTED = "corrected"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"


ADVICE: Final = (
    "A record of this resource is being verified: serve persons with valid proof as usual.",
    "该资源有数据正在校核：当事人持有效证明的，业务照常办理。",
)
"""国发〔2016〕51号 Art. 15."""


@dataclass(frozen=True, slots=True)
class Correction:
    """校核申请 as stored.

    Attributes:
        grant_id, comparison_id: under which the record was received, or which comparison of the authority showed it.
        pseudonym: of the record's key, 16 bytes.
        key_shown: the key itself where nothing in it is personal, else None.
        sealed: key, values and words of the doubt, wrapped; see :class:`Content`.
        due_at: until when the provider has to report back, by the earliest clock; reckoned on reading, since a calendar
            may move it; None if no rule set in force has one.
    """

    id: UUID
    resource_id: ResourceId
    resource_code: str
    grant_id: GrantId | None
    comparison_id: UUID | None
    consumer_org: OrgCode
    provider_org: OrgCode
    item: str
    doubt: Doubt
    pseudonym: bytes
    key_shown: Mapping[str, str] | None
    sealed: bytes
    state: State
    rule_sets: tuple[str, ...]
    filed_by: str
    filed_at: datetime
    report: str | None
    answered_by: str | None
    closed_at: datetime | None
    version: int
    cause: Cause
    due_at: datetime | None = None
    provisional: bool = False

    def is_overdue(self, now: datetime) -> bool:
        """Whether it was, or still is, not answered in time."""
        return self.due_at is not None and (self.closed_at or now) >= self.due_at


@dataclass(frozen=True, slots=True)
class Content:
    """What only the two parties read: which record, what they saw, what they expect, and why."""

    key: Mapping[str, str]
    seen: str | None
    expected: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Notice:
    """告知: another recipient learns that a record of the resource was corrected."""

    id: UUID
    correction_id: UUID
    grant_id: GrantId
    consumer_org: OrgCode
    provider_org: OrgCode
    resource_code: str
    item: str
    pseudonym: bytes
    key_shown: Mapping[str, str] | None
    given_at: datetime
    acknowledged_at: datetime | None


def key_faults(key: Mapping[str, str], description: Description) -> list[FieldFault]:
    """What is wrong with a record's key: it is made of parameters and items of the resource."""
    parameters = {one.name: one for one in description.parameters}
    faults = []
    for name, value in key.items():
        if name in parameters and (fault := parameters[name].fault(value)):
            faults.append(FieldFault(f"/key/{name}", fault, "参数取值不正确"))
        elif name not in parameters and description.item(name) is None:
            faults.append(
                FieldFault(f"/key/{name}", "neither a parameter nor an item of the resource", "该资源没有此参数或信息项")
            )  # fmt: skip
    return faults


def is_personal(key: Mapping[str, str], description: Description) -> bool:
    """Whether the key may point to a person; an id number does whatever the description says."""
    personal = {
        one.name for one in description.parameters if one.personal or one.kind is ParameterKind.ID_NUMBER
    }
    personal |= {one.name for one in description.items if one.personal}
    return not personal.isdisjoint(key)
