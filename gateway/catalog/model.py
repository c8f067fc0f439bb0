"""A resource as the catalogue holds it, and its life: draft → review → published → withdrawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.audit import Cause
from gateway.catalog.clearance import Cleared, Obstacle, clearance_gaps
from gateway.catalog.description import Description, Grade, SharingClass
from gateway.catalog.mount import AnyMount, mismatch
from gateway.catalog.notices import Ending
from gateway.names import OrgCode, ResourceId


class State(StrEnum):
    """草稿, 待发布审核, 已发布, 已撤销."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


MOVES: Final = {
    "change": (frozenset({State.DRAFT}), State.DRAFT),
    "clear": (frozenset({State.DRAFT}), State.DRAFT),
    "submit": (frozenset({State.DRAFT}), State.REVIEW),
    "return": (frozenset({State.REVIEW}), State.DRAFT),
    "publish": (frozenset({State.REVIEW}), State.PUBLISHED),
    "withdraw": (frozenset({State.PUBLISHED}), State.WITHDRAWN),
}
"""Each act: the states it is possible in, and the state after it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """信息资源: identifiers, life, description, mount (without its secret); ``cause`` is its last audit record.

    ``clearance`` is the last one recorded, whether or not it still covers the description; ``ending`` an announced end.
    """

    id: ResourceId
    provider_org: OrgCode
    state: State
    version: int
    description: Description
    mount: AnyMount | None
    mount_secret: bytes | None
    drafted_by: str
    drafted_at: datetime
    published_at: datetime | None
    returned_because: str | None
    withdrawn_because: str | None
    cause: Cause
    clearance: Cleared | None = None
    ending: Ending | None = None

    @property
    def is_shared(self) -> bool:
        """Whether there is any route to its data."""
        return self.description.sharing_class is not SharingClass.NOT_SHARED


def obstacles_to_publishing(resource: Resource) -> list[Obstacle]:
    """Everything that keeps a resource from being published; empty if nothing does."""
    return [
        *_forbidden(resource.description),
        *_mounting(resource),
        *clearance_gaps(resource.clearance, resource.description),
    ]


def _forbidden(description: Description) -> Iterator[Obstacle]:
    if description.must_not_enter is not None:
        yield Obstacle(
            "must-not-enter",
            f"it is marked {description.must_not_enter}: secrets are not government data (Decree 809 Art. 3)",
            "已标注国家秘密或工作秘密，不属于政务数据（条例第三条），禁止进入目录",
        )
    if description.grade is Grade.CORE:
        yield Obstacle(
            "grade-core", "data of grade core may not enter the catalogue", "核心数据不得进入共享目录"
        )


def _mounting(resource: Resource) -> Iterator[Obstacle]:
    if resource.is_shared and resource.mount is None:
        yield Obstacle(
            "not-mounted",
            "the resource is not mounted: PUT its mount first",
            "资源尚未挂接，请先提交挂接信息",
        )
    if resource.mount is not None and (fault := mismatch(resource.mount, resource.description)):
        yield Obstacle(
            "mount-does-not-fit",
            f"the mount does not fit the description: {fault}",
            "挂接信息与资源描述不一致，请重新挂接",
        )
