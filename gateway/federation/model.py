"""A cascade, its life, and how long to wait after a failure. Pure.

queued → reported → approved | refused (applications), answered (corrections); rejected when the upper platform says no
to the report itself; a person may send that again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.audit import Cause
from gateway.names import OrgCode


class Flow(StrEnum):
    """What is told; the names of operations in a platform's file are these."""

    CATALOGUE = "catalogue"
    """目录级联: a published entry, by resource code and version."""
    SERVICE = "service"
    """资源级联: the interface or file of an entry."""
    TABLE = "table"
    """资源级联: the table of an entry."""
    APPLICATION = "application"
    """供需级联: an application for an upper resource."""
    CORRECTION = "correction"
    """纠错: a fault in an upper catalogue entry or its data, to its owner."""


ASKED_AFTER: Final = {Flow.APPLICATION: "application_status", Flow.CORRECTION: "correction_status"}
"""Flows whose answer comes later, and the operation that asks for it."""


class CascadeState(StrEnum):
    """待上报, 已上报, 上级同意, 上级不同意, 上级已答复, 上级退回."""

    QUEUED = "queued"
    REPORTED = "reported"
    APPROVED = "approved"
    REFUSED = "refused"
    ANSWERED = "answered"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Told:
    """What an upper platform answered; texts it left out are empty. ``state`` is None while it has not decided."""

    upper_id: str = ""
    upper_code: str = ""
    upper_status: str = ""
    said: str = ""
    state: CascadeState | None = None


@dataclass(frozen=True, slots=True)
class Cascade:
    """One thing told, or to be told, to an upper platform.

    ``scope`` is what keeps its order: cascades of one platform and scope go up one after the other. ``fault`` says why
    the last attempt failed; ``cause`` is the audit record of the last step, None before the first.
    """

    id: UUID
    platform: str
    flow: Flow
    scope: str
    object_id: str
    object_version: int
    org: OrgCode
    payload: Mapping[str, Any]
    state: CascadeState
    attempts: int
    next_at: datetime
    fault: str
    told: Told
    started_by: str
    started_at: datetime
    reported_at: datetime | None
    answered_at: datetime | None
    cause: Cause | None

    @property
    def is_asked_after(self) -> bool:
        """Whether its answer is still to come."""
        return self.state is CascadeState.REPORTED and self.flow in ASKED_AFTER


@dataclass(frozen=True, slots=True)
class LocalApplication:
    """What federation knows of a local application: what the upper form asks for (Decree 809 Art. 20).

    Texts and days the form lacks are empty and None; an accepted application lacks none.
    """

    id: UUID
    consumer_org: OrgCode
    state: str
    is_accepted: bool
    basis: str
    scene: str
    scope: str
    mode: str
    fields: tuple[str, ...]
    valid_from: date | None
    valid_until: date | None
    matter: str
    sign_off: Mapping[str, str]
    cause: Cause


_FIRST_SECONDS: Final = 5


def wait_after(attempts: int, longest: timedelta) -> timedelta:
    """How long to wait after the ``attempts``-th failure in a row: 5 s, doubled each time, at most ``longest``."""
    return min(timedelta(seconds=_FIRST_SECONDS * (1 << min(attempts - 1, 20))), longest)
