"""JSON shapes of suspensions and terminations."""

from datetime import datetime
from uuid import UUID

from gateway.authz.grants.model import EndReason, Side, TerminationGround
from gateway.authz.suspensions.model import Evidence, Ground, Order, Suspension
from gateway.web import Model, Note


class Suspending(Model):
    """Why calls are stopped, what shows it, and what must be put right until when."""

    ground: Ground
    reason: Note
    evidence: Evidence
    order: Order | None = None


class Answer(Model):
    """How it was put right."""

    answer: Note


class Termination(Model):
    """Why a grant ends for good; without ``ground`` the provider's is ``filed``, the authority's ``decision``."""

    ground: TerminationGround | None = None
    reason: Note


class Ending(Model):
    """Why the requester needs it no longer."""

    because: EndReason
    reason: Note


class SuspensionShown(Model):
    """A suspension."""

    id: UUID
    grant_id: UUID
    side: Side
    ground: Ground
    reason: str
    evidence: Evidence
    order: Order | None = None
    suspended_by: str
    suspended_at: datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    lifted_because: str | None = None
    lifted_by: str | None = None
    lifted_at: datetime | None = None

    @classmethod
    def of(cls, found: Suspension) -> "SuspensionShown":
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class SuspensionsShown(Model):
    """Every suspension of one grant, oldest first."""

    items: list[SuspensionShown]
