"""JSON shapes of this room beside the description itself."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.catalog.clearance import Clearance, Cleared
from gateway.catalog.description import Description, SharingClass
from gateway.catalog.model import Resource, State
from gateway.catalog.mount import Mount
from gateway.web import Model, Note, PageQuery


class NewMount(Model):
    """Where the data is."""

    mount: Mount


class Because(Model):
    """A reason, in words."""

    reason: Note


class ResourceQuery(PageQuery):
    """A page of the catalogue; ``q`` holds words of at least two characters, separated by blanks."""

    q: Annotated[str, StringConstraints(min_length=2, max_length=100)] | None = None
    provider_org: Annotated[str, StringConstraints(max_length=18)] | None = None
    sharing_class: SharingClass | None = None


class ClearanceShown(Model):
    """A clearance as recorded; ``covers_description`` is false once the description was changed after it."""

    given: Clearance
    covers_description: bool
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, cleared: Cleared, description: Description) -> "ClearanceShown":
        return cls(
            given=cleared.given,
            covers_description=cleared.covers(description),
            recorded_by=cleared.recorded_by,
            recorded_at=cleared.recorded_at,
        )


class ResourceShown(Model):
    """An entry of the catalogue.

    Mount (never with its secret) and clearance are shown to its own department; the clearance also to the platform,
    which reviews it.
    """

    id: UUID
    provider_org: str
    state: State
    version: int
    description: Description
    items_by_class: Annotated[
        dict[SharingClass, list[str]], Field(description="Names of its items by 共享类型, own or inherited.")
    ]
    mounted: bool
    mount: dict[str, Any] | None = None
    clearance: ClearanceShown | None = None
    drafted_at: datetime
    published_at: datetime | None = None
    returned_because: str | None = None
    withdrawn_because: str | None = None
    audit_id: Annotated[UUID, Field(description="The audit record of the last act on this entry.")]

    @classmethod
    def of(cls, resource: Resource, seen_by: str, reviews: bool = False) -> "ResourceShown":
        own, cleared = resource.provider_org == seen_by, resource.clearance
        return cls(
            id=resource.id,
            provider_org=resource.provider_org,
            state=resource.state,
            version=resource.version,
            description=resource.description,
            items_by_class=_by_class(resource.description),
            mounted=resource.mount is not None,
            mount=resource.mount.model_dump(mode="json", exclude={"dsn"}) if own and resource.mount else None,
            clearance=ClearanceShown.of(cleared, resource.description)
            if cleared and (own or reviews)
            else None,
            drafted_at=resource.drafted_at,
            published_at=resource.published_at,
            returned_because=resource.returned_because,
            withdrawn_because=resource.withdrawn_because,
            audit_id=resource.cause.event_id,
        )


def _by_class(what: Description) -> dict[SharingClass, list[str]]:
    return {
        kind: names
        for kind in SharingClass
        if (names := [item.name for item in what.items if what.class_of(item) is kind])
    }
