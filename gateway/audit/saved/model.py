"""A kept query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A filter under a name.

    Args:
        owner: the login of the auditor who keeps it; only this one may delete it.
        shared: whether all auditors see and run it.
        wanted: the filter as the API takes it, by the names of its fields.
    """

    id: UUID
    owner: str
    name: str
    shared: bool
    wanted: Mapping[str, Any]
    saved_at: datetime

    def is_seen_by(self, login: str) -> bool:
        """Whether an auditor may see and run it."""
        return self.shared or self.owner == login
