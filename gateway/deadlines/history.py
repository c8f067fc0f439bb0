"""What happened to a case, as far as clocks care: events that start and stop them, pauses, extensions, hand-overs.

A history is a sequence in order of time. Nothing is ever taken out of it; what cannot follow is refused.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from gateway.deadlines.amounts import WorkingDays
from gateway.deadlines.errors import AlreadyPaused, Backdated, NotPaused
from gateway.deadlines.slots import PauseReason


class Subject(StrEnum):
    """What kind of case a clock is about: 共享申请, 目录更新, 数据校核, 争议, 投诉."""

    APPLICATION = "application"
    CATALOGUE = "catalogue"
    CORRECTION = "correction"
    DISPUTE = "dispute"
    COMPLAINT = "complaint"


class Event(StrEnum):
    """What starts or stops a clock. ``CLOSED`` is the end of the case for any reason, of every subject."""

    FILED = "filed"
    REVIEWED = "reviewed"
    ACCEPTED = "accepted"
    PROVIDED = "provided"
    DECIDED = "decided"
    SHARED = "shared"
    CHANGED = "changed"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    RETURNED = "returned"
    RECEIVED = "received"
    ANSWERED = "answered"
    RAISED = "raised"
    ESCALATED = "escalated"
    REFERRED = "referred"
    SETTLED = "settled"
    CLOSED = "closed"


EVENTS: Final[Mapping[Subject, frozenset[Event]]] = {
    Subject.APPLICATION: frozenset(
        {Event.FILED, Event.REVIEWED, Event.ACCEPTED, Event.PROVIDED, Event.DECIDED, Event.SHARED}
    ),
    Subject.CATALOGUE: frozenset({Event.CHANGED, Event.SUBMITTED, Event.PUBLISHED, Event.RETURNED}),
    Subject.CORRECTION: frozenset({Event.RECEIVED, Event.ANSWERED}),
    Subject.DISPUTE: frozenset({Event.RAISED, Event.ESCALATED, Event.REFERRED, Event.SETTLED}),
    Subject.COMPLAINT: frozenset({Event.RECEIVED, Event.ANSWERED}),
}
"""Which events the cases of each subject have, beside ``CLOSED``.

Catalogue (Decree 809 Art. 17): the law or duty *changed*, the entry was *submitted*, *published* or *returned*.
Correction (Art. 26): *received*, *answered*. Dispute (Art. 28): *raised* for 协商, *escalated* to the authority,
*referred* to the government, *settled*. Complaint (Art. 37): *received*, *answered*.
"""


@dataclass(frozen=True, slots=True)
class Occurred:
    """An event of the case."""

    at: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Paused:
    """暂停计时: for the clocks whose rule knows the reason. ``basis`` is the provision or document."""

    at: datetime
    reason: PauseReason
    basis: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """恢复计时."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Extended:
    """延期: one rule's clock gets ``days`` more, counted from its old due date. ``by`` consented to it."""

    at: datetime
    rule: str
    days: WorkingDays
    by: str
    basis: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """移交: another handler; no clock moves for it."""

    at: datetime
    origin: str
    target: str
    basis: str


Happening: TypeAlias = Occurred | Paused | Resumed | Extended | Transferred
History: TypeAlias = Sequence[Happening]


def history_of(events: Mapping[Event, datetime], acts: Iterable[Happening] = ()) -> tuple[Happening, ...]:
    """A history from when each event happened, and the acts on clocks."""
    return tuple(sorted((*(Occurred(at, event) for event, at in events.items()), *acts), key=_when))


def then(history: History, new: Happening) -> tuple[Happening, ...]:
    """The history with one more happening.

    Raises:
        Backdated: it lies before what is recorded.
        AlreadyPaused, NotPaused: it cannot follow.
    """
    check(whole := (*history, new))
    return whole


def check(history: History) -> None:
    """Raises Backdated, AlreadyPaused, NotPaused: the history cannot have happened; ValueError: a time without a zone."""
    paused, last = False, None
    for each in history:
        if each.at.tzinfo is None:
            raise ValueError(f"a time needs its zone: {each.at.isoformat()}")
        if last is not None and each.at < last:
            raise Backdated(
                f"{each.at.isoformat()} lies before {last.isoformat()}, which is already recorded",
                f"{each.at.isoformat()} 早于已记录的 {last.isoformat()}",
            )
        last = each.at
        if isinstance(each, Paused):
            if paused:
                raise AlreadyPaused("the clock is already paused", "时限已处于暂停状态")
            paused = True
        elif isinstance(each, Resumed):
            if not paused:
                raise NotPaused("the clock is not paused", "时限未处于暂停状态")
            paused = False


def told(history: History) -> list[dict[str, str | float]]:
    """A history as JSON; :func:`retold` reads it."""
    return [_TELLERS[type(each)](each) for each in history]


def retold(content: Iterable[Mapping[str, Any]]) -> tuple[Happening, ...]:
    """The history that :func:`told` wrote."""
    return tuple(_retold(each, datetime.fromisoformat(each["at"])) for each in content)


def _retold(one: Mapping[str, Any], at: datetime) -> Happening:
    match one:
        case {"event": event}:
            return Occurred(at, Event(event))
        case {"paused": reason, "basis": basis}:
            return Paused(at, PauseReason(reason), basis)
        case {"extended": days, "rule": rule, "by": by, "basis": basis}:
            return Extended(at, rule, WorkingDays(days), by, basis)
        case {"from": origin, "to": target, "basis": basis}:
            return Transferred(at, origin, target, basis)
        case _:
            return Resumed(at)


_TELLERS: Final[dict[type, Callable[[Any], dict[str, str | float]]]] = {
    Occurred: lambda one: {"at": one.at.isoformat(), "event": one.event},
    Paused: lambda one: {"at": one.at.isoformat(), "paused": one.reason, "basis": one.basis},
    Resumed: lambda one: {"at": one.at.isoformat()},
    Extended: lambda one: {
        "at": one.at.isoformat(), "extended": one.days.count, "rule": one.rule, "by": one.by, "basis": one.basis,
    },
    Transferred: lambda one: {"at": one.at.isoformat(), "from": one.origin, "to": one.target, "basis": one.basis},
}  # fmt: skip


def _when(happening: Happening) -> datetime:
    return happening.at
