"""Links between records and what a walk along them finds. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias
from uuid import UUID

from gateway.audit.record import Record

_CALL: Final = "call."

Known: TypeAlias = Mapping[UUID, Record | None]
"""What was looked up: the record of an event, or None where the ledger has none."""


class LinkState(StrEnum):
    """Whether the pinned bytes are those in the ledger; unchecked lies beyond the end of a long walk."""

    HOLDS = "holds"
    DIFFERS = "differs"
    MISSING = "missing"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Link:
    """A cause as a later event names it: id and SHA-256 in hexadecimal, and what the ledger says to it."""

    event_id: UUID
    sha256: str
    state: LinkState


@dataclass(frozen=True, slots=True)
class Step:
    """A record of a chain.

    Args:
        links: to its causes.
        distance: causes between the beginning of the walk and it; 0 for the beginning. Forward it is not counted.
        follows: whether its links lead to where the walk began, or from there to it.
    """

    record: Record
    links: tuple[Link, ...]
    distance: int = 0
    follows: bool = True


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the walk began, what it follows from (nearest first), and a page of what came after.

    Args:
        next_after: the index to go on after for the next page; None on the last.
    """

    start: Step
    back: tuple[Step, ...]
    forward: tuple[Step, ...]
    next_after: int | None

    @property
    def is_whole(self) -> bool:
        """Whether no link that was checked is broken."""
        steps = (self.start, *self.back, *self.forward)
        broken = {LinkState.DIFFERS, LinkState.MISSING}
        return not any(link.state in broken for step in steps for link in step.links)


def causes_of(record: Record) -> tuple[tuple[UUID, str], ...]:
    """Id and digest of every cause an event names; what is no such pair is no link."""
    named = record.content().get("cause", ())
    return tuple(_pairs(named if isinstance(named, list) else ()))


def _pairs(named: Iterable[Any]) -> Iterable[tuple[UUID, str]]:
    for each in named:
        try:
            yield UUID(each["id"]), str(each["sha256"])
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def links_of(record: Record, known: Known) -> tuple[Link, ...]:
    """The links of a record, checked against what was looked up."""
    return tuple(
        Link(event_id, digest, _state(known, event_id, digest)) for event_id, digest in causes_of(record)
    )


def _state(known: Known, event_id: UUID, digest: str) -> LinkState:
    if event_id not in known:
        return LinkState.UNCHECKED
    if (found := known[event_id]) is None:
        return LinkState.MISSING
    return LinkState.HOLDS if hashlib.sha256(found.event).hexdigest() == digest else LinkState.DIFFERS


def leads_to(record: Record, target: UUID, known: Known) -> bool:
    """Whether links that hold lead from a record to the target."""
    waiting, seen = [record], set[UUID]()
    while waiting:
        for link in links_of(waiting.pop(), known):
            if link.state is not LinkState.HOLDS or link.event_id in seen:
                continue
            if link.event_id == target:
                return True
            seen.add(link.event_id)
            waiting += [found] if (found := known[link.event_id]) else []
    return False


@dataclass(frozen=True, slots=True)
class Subject:
    """What later records must be about to be looked at; exactly one is given."""

    request_id: UUID | None = None
    grant_id: UUID | None = None
    application_id: UUID | None = None
    resource: str | None = None


def subject_of(record: Record) -> Subject | None:
    """The narrowest thing a record is about: of a call its request, else grant, application, resource; None without."""
    columns = record.columns
    if columns.type.startswith(_CALL) and columns.request_id:
        return Subject(request_id=columns.request_id)
    if columns.grant_id:
        return Subject(grant_id=columns.grant_id)
    if columns.application_id:
        return Subject(application_id=columns.application_id)
    if columns.resource:
        return Subject(resource=columns.resource)
    return Subject(request_id=columns.request_id) if columns.request_id else None
