"""Editions of a published entry and the revision that becomes the next one (Decree 809 Art. 16, 17)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.audit import Cause
from gateway.catalog.clearance import Cleared
from gateway.catalog.description import Description
from gateway.catalog.model import Resource
from gateway.catalog.mount import AnyMount
from gateway.catalog.notices import Notice


class RevisionState(StrEnum):
    """修订草稿, 待发布审核, 已公告待生效."""

    DRAFT = "draft"
    REVIEW = "review"
    ANNOUNCED = "announced"


MOVES: Final = {
    "change": (frozenset({RevisionState.DRAFT}), RevisionState.DRAFT),
    "submit": (frozenset({RevisionState.DRAFT}), RevisionState.REVIEW),
    "return": (frozenset({RevisionState.REVIEW}), RevisionState.DRAFT),
    "publish": (frozenset({RevisionState.REVIEW}), RevisionState.ANNOUNCED),
    "discard": (frozenset(RevisionState), RevisionState.DRAFT),
}
"""Each act on a revision: the states it is possible in, and the state after it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """修订: the next description of a published entry; ``mount`` only where it changes too."""

    state: RevisionState
    version: int
    description: Description
    reason: str
    mount: AnyMount | None
    mount_secret: bytes | None
    clearance: Cleared | None
    notice: Notice | None
    drafted_by: str
    drafted_at: datetime
    submitted_at: datetime | None
    returned_because: str | None
    cause: Cause

    def over(self, live: Resource) -> Resource:
        """The entry as it would be with this revision published."""
        after = replace(live, description=self.description, clearance=self.clearance)
        if self.mount is None:
            return after
        return replace(after, mount=self.mount, mount_secret=self.mount_secret)


@dataclass(frozen=True, slots=True)
class Edition:
    """版本: a description as published; ``resource_version`` is the entry's version that publication made."""

    number: int
    resource_version: int
    description: Description
    clearance: Cleared | None
    notice: Notice | None
    published_by: str
    published_at: datetime
