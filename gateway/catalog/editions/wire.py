"""JSON shapes of revisions, editions and holders."""

from datetime import datetime
from itertools import zip_longest
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from gateway.catalog.changes import Change, changes
from gateway.catalog.description import Description
from gateway.catalog.editions.model import Edition, RevisionState
from gateway.catalog.editions.service import Standing
from gateway.catalog.holders import Holder
from gateway.catalog.mount import SECRETS
from gateway.catalog.notices import Notice
from gateway.catalog.wire import ClearanceShown
from gateway.web import Model, Note


class NewRevision(Model):
    """The next description of a published entry, and why it changes."""

    description: Description
    reason: Note


class Submission(Model):
    """A revision goes to review; with ``notice`` where it takes something from those who hold grants."""

    notice: Notice | None = None


class ChangeShown(Model):
    """One difference: a JSON pointer (items and parameters by name), before and after; absent where there is none."""

    pointer: str
    before: Any = None
    after: Any = None

    @classmethod
    def of(cls, change: Change) -> "ChangeShown":
        return cls(pointer=change.pointer, before=change.before, after=change.after)


class HolderShown(Model):
    """A grant on the entry that has not ended."""

    grant_id: UUID
    consumer_org: str
    client_id: str
    state: str
    fields: list[str]

    @classmethod
    def of(cls, holder: Holder) -> "HolderShown":
        return cls(
            grant_id=holder.grant_id,
            consumer_org=holder.consumer_org,
            client_id=holder.client_id,
            state=holder.state,
            fields=sorted(holder.fields),
        )


class Holders(Model):
    """Who uses an entry."""

    items: list[HolderShown]


class RevisionShown(Model):
    """A revision beside the live edition: what differs, and whose grants lose something by it."""

    resource_id: UUID
    state: RevisionState
    version: int
    description: Description
    reason: str
    changes: list[ChangeShown]
    touched: Annotated[list[HolderShown], Field(description="For the department and the platform only.")]
    notice: Notice | None = None
    clearance: ClearanceShown | None = None
    mount: dict[str, Any] | None = None
    drafted_at: datetime
    submitted_at: datetime | None = None
    returned_because: str | None = None

    @classmethod
    def of(cls, standing: Standing, seen_by: str, reviews: bool) -> "RevisionShown":
        revision = standing.revision
        own = standing.live.provider_org == seen_by
        cleared, mount = revision.clearance, revision.mount
        return cls(
            resource_id=standing.live.id,
            state=revision.state,
            version=revision.version,
            description=revision.description,
            reason=revision.reason,
            changes=[ChangeShown.of(one) for one in standing.changes],
            touched=[HolderShown.of(one) for one in standing.touched],
            notice=revision.notice,
            clearance=ClearanceShown.of(cleared, revision.description) if cleared and (own or reviews) else None,
            mount=mount.model_dump(mode="json", exclude=SECRETS) if mount and own else None,
            drafted_at=revision.drafted_at,
            submitted_at=revision.submitted_at,
            returned_because=revision.returned_because,
        )  # fmt: skip


class EditionShown(Model):
    """A description as it was published, and what it changed in the edition before."""

    number: int
    resource_version: int
    published_at: datetime
    notice: Notice | None = None
    changes: list[ChangeShown]
    description: Description


class Editions(Model):
    """The history of an entry, newest edition first."""

    items: list[EditionShown]

    @classmethod
    def of(cls, found: list[Edition]) -> "Editions":
        return cls(items=[_edition(*pair) for pair in zip_longest(found, found[1:]) if pair[0]])


def _edition(edition: Edition, earlier: Edition | None) -> EditionShown:
    differing = changes(earlier.description, edition.description) if earlier else []
    return EditionShown(
        number=edition.number,
        resource_version=edition.resource_version,
        published_at=edition.published_at,
        notice=edition.notice,
        changes=[ChangeShown.of(one) for one in differing],
        description=edition.description,
    )
