"""What a batch is, and the states it goes through."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.audit import Cause
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ServiceName


class State(StrEnum):
    """Queued, running (also while it waits for quota), sealing (all rows answered), done; or one of three other ends."""

    QUEUED = "queued"
    RUNNING = "running"
    SEALING = "sealing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DESTROYED = "destroyed"


OPEN = frozenset({State.QUEUED, State.RUNNING, State.SEALING})
"""The states in which a batch still goes on by itself."""


class Answering(StrEnum):
    """With the granted records, or (核验) with yes and no alone."""

    RECORDS = "records"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Order:
    """What a batch asks, under which grant, but for its rows, which are kept apart and encrypted.

    Attributes:
        item: the yes-or-no item of a 核验 batch; else None.
        fields: the fields wanted; None means all granted ones.
        resource, grade: of the resource when the batch was accepted, for its records.
    """

    grant: GrantId
    application: ApplicationId
    client: ClientId
    service: ServiceName
    consumer_org: OrgCode
    provider_org: OrgCode
    purpose: str
    resource: str
    grade: str
    answering: Answering
    item: str | None
    fields: tuple[str, ...] | None
    matter: str | None
    case: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows asked for and done; of those done, how many are unanswered, yes, no; records and bytes of the result."""

    rows: int
    done: int = 0
    unanswered: int = 0
    yes: int = 0
    no: int = 0
    records: int = 0
    bytes: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """With what another stretch adds; ``rows`` stay."""
        return Tally(
            self.rows, self.done + other.done, self.unanswered + other.unanswered, self.yes + other.yes,
            self.no + other.no, self.records + other.records, self.bytes + other.bytes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands.

    Attributes:
        reason: why it waits, failed or was cancelled, as a word; empty if nothing is to be said.
        attempts: stretches in a row that the provider did not answer.
        segments: how many are kept.
        expires_at: when the result is destroyed; known once there is one.
        key: the batch's own key, wrapped; None once it was destroyed.
        sha256: of the whole result, once it is complete.
        cause: its last record.
    """

    id: UUID
    order: Order
    state: State
    tally: Tally
    segments: int
    reason: str
    attempts: int
    accepted_at: datetime
    next_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    key: bytes | None
    sha256: bytes | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Row:
    """The answer of one row: its line of the result, ended by a newline, and what it adds to the tally."""

    line: bytes
    tally: Tally
