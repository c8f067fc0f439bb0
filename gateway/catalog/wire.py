"""JSON shapes of this room beside the description itself."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.catalog.clearance import Clearance, Cleared
from gateway.catalog.description import Description, SharingClass
from gateway.catalog.finding import Facets, Search
from gateway.catalog.model import Resource, State
from gateway.catalog.mount import SECRETS, Mount
from gateway.catalog.notices import Ending
from gateway.catalog.value_lists import FormatKind, Grade, UpdateCycle
from gateway.web import Model, Note, PageQuery


class NewMount(Model):
    """Where the data is."""

    mount: Mount


class Because(Model):
    """A reason, in words."""

    reason: Note


class ResourceFilter(Model):
    """What of the catalogue; all given must hold.

    ``q`` holds words of at least two characters, separated by blanks, or the beginning of a code; ``classification`` and
    ``group`` are the names of 类 and 项.
    """

    q: Annotated[str, StringConstraints(min_length=2, max_length=100)] | None = None
    code: (
        Annotated[str, StringConstraints(pattern=r"^[0-9/]{1,31}$"), Field(description="Its beginning.")]
        | None
    ) = None
    provider_org: Annotated[str, StringConstraints(max_length=18)] | None = None
    sharing_class: SharingClass | None = None
    format: FormatKind | None = None
    classification: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    group: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    update_cycle: UpdateCycle | None = None
    grade: Grade | None = None
    open: Literal["true", "false"] | None = None

    def search(self) -> Search:
        """As the catalogue is asked."""
        return Search(
            words=(self.q or "").split(), code=self.code or "", provider_org=self.provider_org,
            sharing_class=self.sharing_class, format=self.format, classification=self.classification, group=self.group,
            update_cycle=self.update_cycle, grade=self.grade, open=None if self.open is None else self.open == "true",
        )  # fmt: skip


class ResourceQuery(PageQuery, ResourceFilter):
    """A page of the catalogue, by code."""


class FacetShown(Model):
    """One value and how many entries have it; ``title`` is the name of a department."""

    value: str
    count: int
    title: str | None = None


class FacetsShown(Model):
    """Counts by filter and value, most frequent first.

    Without ``complete`` more was found than is counted: the numbers are of the first entries only.
    """

    total: int
    complete: bool
    facets: dict[str, list[FacetShown]]

    @classmethod
    def of(cls, facets: Facets) -> "FacetsShown":
        by = {
            name: [FacetShown(value=one.value, count=one.count, title=one.title) for one in values]
            for name, values in facets.by.items()
        }
        return cls(total=facets.total, complete=facets.complete, facets=by)


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
    ending: Ending | None = None
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
            mount=resource.mount.model_dump(mode="json", exclude=SECRETS) if own and resource.mount else None,
            clearance=ClearanceShown.of(cleared, resource.description)
            if cleared and (own or reviews)
            else None,
            drafted_at=resource.drafted_at,
            published_at=resource.published_at,
            returned_because=resource.returned_because,
            withdrawn_because=resource.withdrawn_because,
            ending=resource.ending if resource.state is State.PUBLISHED else None,
            audit_id=resource.cause.event_id,
        )


def _by_class(what: Description) -> dict[SharingClass, list[str]]:
    return {
        kind: names
        for kind in SharingClass
        if (names := [item.name for item in what.items if what.class_of(item) is kind])
    }
