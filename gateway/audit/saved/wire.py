"""JSON shapes of kept queries."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from gateway.audit.saved.model import SavedQuery
from gateway.audit.wire import Wanted
from gateway.web import Line, Model, PageQuery


class NewSavedQuery(Model):
    """A query to keep under a name; ``shared`` shows it to all auditors."""

    name: Line
    shared: bool = False
    wanted: Wanted

    def stated(self) -> dict[str, Any]:
        """The filter as it is kept."""
        return self.wanted.model_dump(mode="json", exclude_none=True)


class SavedQueryShown(Model):
    """A kept query."""

    id: UUID
    owner: str
    name: str
    shared: bool
    wanted: Wanted
    saved_at: datetime

    @classmethod
    def of(cls, query: SavedQuery) -> Self:
        """A query as JSON."""
        return cls(
            id=query.id, owner=query.owner, name=query.name, shared=query.shared, wanted=wanted_of(query),
            saved_at=query.saved_at,
        )  # fmt: skip


class SavedRun(PageQuery):
    """A page of what a kept query finds."""


def wanted_of(query: SavedQuery) -> Wanted:
    """The filter of a kept query."""
    return Wanted.model_validate(query.wanted, strict=False)
