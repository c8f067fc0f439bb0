"""The clocks of a correction: from receipt, so long to verify, correct and report back (Decree 809 Art. 26)."""

from dataclasses import replace
from datetime import UTC, datetime

from gateway.deadlines import Clock, Clockwork, Event, Subject, history_of
from gateway.quality.corrections.model import Correction, State
from gateway.supervision import Case, CaseKind

_ANSWERED = frozenset({State.CORRECTED, State.UPHELD})


def clocks_of(work: Clockwork, correction: Correction, now: datetime) -> list[Clock]:
    """Every clock of a correction as it stands at ``now``.

    Raises:
        OutsideCalendar: the calendar does not hold the days.
    """
    marks = {Event.RECEIVED: correction.filed_at}
    if correction.closed_at is not None:
        marks[Event.CLOSED] = correction.closed_at
        if correction.state in _ANSWERED:
            marks[Event.ANSWERED] = correction.closed_at
    history = history_of(marks)
    return work.of(correction.rule_sets, history, now, subject=Subject.CORRECTION)


def reckoned(work: Clockwork, correction: Correction, now: datetime) -> Correction:
    """The correction with its due instant by the calendar known at ``now``.

    Raises:
        OutsideCalendar: the calendar does not hold the days.
    """
    counted = [one.deadline for one in clocks_of(work, correction, now) if one.deadline]
    if not counted:
        return correction
    first = min(counted, key=lambda one: one.due_at)
    return replace(correction, due_at=first.due_at.astimezone(UTC), provisional=first.provisional)


def case_of(correction: Correction) -> Case:
    """The correction as supervision knows it: the provider holds it."""
    return Case(
        kind=CaseKind.CORRECTION,
        id=correction.id,
        subject=f"校核 {correction.resource_code} {correction.item}",
        holder=correction.provider_org,
        parties=(correction.consumer_org,),
    )
