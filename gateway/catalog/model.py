"""A resource as the catalogue holds it, and its life: draft → review → published → withdrawn."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.audit import Cause
from gateway.catalog.description import Description, Grade, SharingClass
from gateway.catalog.mount import FileMount, HttpMount, TableMount, mismatch
from gateway.names import OrgCode, ResourceId


class State(StrEnum):
    """草稿, 待发布审核, 已发布, 已撤销."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


MOVES: Final = {
    "change": (frozenset({State.DRAFT}), State.DRAFT),
    "submit": (frozenset({State.DRAFT}), State.REVIEW),
    "return": (frozenset({State.REVIEW}), State.DRAFT),
    "publish": (frozenset({State.REVIEW}), State.PUBLISHED),
    "withdraw": (frozenset({State.PUBLISHED}), State.WITHDRAWN),
}
"""Each act: the states it is possible in, and the state after it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """信息资源: identifiers, life, description, mount (without its secret); ``cause`` is its last audit record."""

    id: ResourceId
    provider_org: OrgCode
    state: State
    version: int
    description: Description
    mount: HttpMount | TableMount | FileMount | None
    mount_secret: bytes | None
    drafted_by: str
    drafted_at: datetime
    published_at: datetime | None
    returned_because: str | None
    withdrawn_because: str | None
    cause: Cause

    @property
    def is_shared(self) -> bool:
        """Whether there is any route to its data."""
        return self.description.sharing_class is not SharingClass.NOT_SHARED


def obstacle_to_publishing(resource: Resource) -> tuple[str, str]:
    """What keeps a resource from being published, in both languages, or two empty texts."""
    if resource.description.grade is Grade.CORE:
        return "data of grade core may not enter the catalogue", "核心数据不得进入共享目录"
    if resource.is_shared and resource.mount is None:
        return "the resource is not mounted: PUT its mount first", "资源尚未挂接，请先提交挂接信息"
    if resource.mount is not None and (fault := mismatch(resource.mount, resource.description)):
        return f"the mount does not fit the description: {fault}", "挂接信息与资源描述不一致，请重新挂接"
    return "", ""
