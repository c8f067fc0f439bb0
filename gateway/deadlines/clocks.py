"""Clocks: one rule applied to one case, as a function of what happened, of the calendars known, and of now.

Apart from ``model`` because counting days knows nothing of events, actors or rule sets.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from gateway.deadlines.amounts import Hours, WorkingDays, tidy
from gateway.deadlines.calendar import Calendar, Line
from gateway.deadlines.editions import Edition, Editions
from gateway.deadlines.errors import NotExtendable
from gateway.deadlines.history import (
    Event,
    Extended,
    Happening,
    History,
    Occurred,
    Paused,
    Resumed,
    check,
    history_of,
)
from gateway.deadlines.model import Deadline, RestDay, due, due_in_hours, local_day
from gateway.deadlines.rules import ClockRule
from gateway.deadlines.slots import MIDNIGHT, Ends, Pause, Slots, counted_before


class ClockState(StrEnum):
    """``WAITING``: not started. ``RUNNING``, ``OVERDUE``: open, before or after the due instant.

    ``PAUSED``: open, and no time counts; ``Clock.overdue`` says whether it was overdue before.
    ``MET``, ``LATE``: done in time or after it. ``STOPPED``: the case ended before the act was due or done.
    """

    WAITING = "waiting"
    RUNNING = "running"
    OVERDUE = "overdue"
    PAUSED = "paused"
    MET = "met"
    LATE = "late"
    STOPPED = "stopped"


_STATES: Final = {
    ClockState.WAITING: Line("not started", "未开始"),
    ClockState.RUNNING: Line("running", "计时中"),
    ClockState.OVERDUE: Line("overdue", "已超期"),
    ClockState.PAUSED: Line("paused", "暂停计时"),
    ClockState.MET: Line("met", "按时办结"),
    ClockState.LATE: Line("done late", "逾期办结"),
    ClockState.STOPPED: Line("stopped, the case ended", "已终止，办件结束"),
}


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What the law leaves open and the platform sets: a receipt on a rest day, and when a day ends."""

    rest_day: RestDay = RestDay.SAME
    ends: Ends = MIDNIGHT


AS_THE_LAW_SAYS: Final = Reckoning()


class Move(NamedTuple):
    """What a published calendar did to a deadline; ``due_at`` is unchanged where it must not become earlier."""

    calendar_version: str
    published_at: datetime
    old_due_at: datetime
    due_at: datetime
    was_provisional: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as it stands at one instant.

    Attributes:
        deadline: None until the clock has started.
        started_at, ended_at: the instants of the events that started and ended it, if they happened.
        consumed: working days begun after day 0, the present (or last) day included; hours for a limit in hours.
        overdue: the due instant passed while the clock ran.
        paused: the pause that lasts, if any.
        extended: the extensions of this clock.
        moves: what calendars published meanwhile did to it.
        handler: who has the case after a hand-over; empty if there was none.
    """

    rule: ClockRule
    state: ClockState
    deadline: Deadline | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    consumed: int | float = 0
    overdue: bool = False
    paused: Pause | None = None
    extended: tuple[Extended, ...] = ()
    moves: tuple[Move, ...] = ()
    handler: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody has to act now; nobody has to while the clock is paused."""
        return self.state in (ClockState.RUNNING, ClockState.OVERDUE)

    @property
    def allowed(self) -> WorkingDays | Hours:
        """The limit with its extensions."""
        return self.deadline.limit if self.deadline else self.rule.limit

    @property
    def remaining(self) -> int | float:
        """Days left after the present one: 0 on the last day, negative after it. Hours for a limit in hours."""
        return tidy(self.allowed.count - self.consumed)

    @property
    def extended_days(self) -> int | float:
        """Working days of all its extensions."""
        return tidy(sum(each.days.count for each in self.extended))

    @property
    def history(self) -> History:
        """The least that must have happened for this deadline: its start, the pauses it knows, its extensions."""
        if self.deadline is None or self.started_at is None:
            return ()
        acts: list[Happening] = [*self.extended]
        for pause in self.deadline.pauses:
            acts.append(Paused(pause.start, pause.reason, pause.basis))
            acts += [] if pause.end is None else [Resumed(pause.end)]
        return history_of({min(self.rule.start): self.started_at}, acts)

    @property
    def explanation(self) -> tuple[Line, ...]:
        """What the clock is, how it stands, one line per day, and what moved it."""
        return tuple(_explained(self))


def clock_of(
    rule: ClockRule,
    history: History,
    now: datetime,
    editions: Editions,
    reckoning: Reckoning = AS_THE_LAW_SAYS,
) -> Clock:
    """How the clock of ``rule`` stands at ``now``.

    A refusal is ``decided`` and ``closed`` at one instant: clocks that wait for the decision are then met,
    clocks that it would start are stopped.

    Args:
        history: in the order of time, all instants with their zone.

    Raises:
        Backdated, AlreadyPaused, NotPaused: the history cannot have happened.
        NotExtendable: the history has an extension that the rule does not foresee.
        OutsideCalendar: the calendar does not hold the start or the due date.
        ValueError: a time without a zone.
    """
    read = _read(rule, history)
    ended = read.ended_at
    if read.started is None:
        state = ClockState.WAITING if ended is None else ClockState.STOPPED
        return Clock(rule, state, ended_at=ended, handler=read.handler)
    until = ended or now
    deadline, moves = _deadline(rule, read, read.started, until, editions, reckoning)
    paused = read.pauses[-1] if read.pauses and read.pauses[-1].end is None else None
    frozen = paused is not None and paused.start <= until
    overdue = (paused.start if paused and frozen else until) >= deadline.due_at
    state = _state(read, overdue=overdue, paused=frozen)
    consumed = _consumed(rule, deadline, read.started, until)
    return Clock(
        rule, state, deadline, read.started, ended, consumed, overdue, paused if frozen and ended is None else None,
        tuple(read.extended), moves, read.handler,
    )  # fmt: skip


def binding(clocks: Iterable[Clock]) -> Clock | None:
    """The clock that counts: the open one that is due first, or None if nobody has to act."""
    by_due = {(each.deadline.due_at, each.rule.id): each for each in clocks if each.is_open and each.deadline}
    return by_due[min(by_due)] if by_due else None


def check_extension(clock: Clock, days: WorkingDays) -> None:
    """Whether a clock, as it stands now, may get ``days`` more.

    Raises:
        NotExtendable: its rule foresees none or not so many, in all; or it is over, or overdue already.
    """
    rule, foreseen = clock.rule, clock.rule.extension
    if foreseen is None:
        raise NotExtendable(f"{rule.id} cannot be extended", f"{rule.id} 不可延期")
    had = clock.extended_days
    if not days.count or had + days.count > foreseen.most.count or (not days.is_whole and not rule.halves):
        raise NotExtendable(
            f"{rule.id} may be extended by {foreseen.most} in all; it has had {had}",
            f"{rule.id} 累计最多延长{foreseen.most.zh}，已延长{had}个",
        )
    if clock.deadline is None or not (clock.is_open or clock.state is ClockState.PAUSED):
        raise NotExtendable(f"{rule.id} does not run", f"{rule.id} 未在计时")
    if clock.overdue:
        raise NotExtendable(
            f"{rule.id} was due on {clock.deadline.due_date}; an extension is asked for before that",
            f"{rule.id} 已于 {clock.deadline.due_date} 到期，延期须在到期前提出",
        )


@dataclass(slots=True)
class _Read:
    """A history as one rule sees it."""

    started: datetime | None = None
    done: datetime | None = None
    closed: datetime | None = None
    pauses: list[Pause] = field(default_factory=list)
    extended: list[Extended] = field(default_factory=list)
    handler: str = ""

    @property
    def met(self) -> bool:
        return self.done is not None and (self.closed is None or self.done <= self.closed)

    @property
    def ended_at(self) -> datetime | None:
        return self.done if self.met else self.closed


def _read(rule: ClockRule, history: History) -> _Read:
    check(history)
    read = _Read()
    for each in history:
        if isinstance(each, Occurred):
            _occurred(rule, read, each)
        elif isinstance(each, Paused):
            if each.reason in rule.pauses:
                read.pauses.append(Pause(each.at, None, each.reason, each.basis))
        elif isinstance(each, Resumed):
            if read.pauses and read.pauses[-1].end is None:
                last = read.pauses[-1]
                read.pauses[-1] = Pause(last.start, each.at, last.reason, last.basis)
        elif isinstance(each, Extended):
            if each.rule == rule.id:
                read.extended.append(each)
        else:
            read.handler = each.target
    return read


def _occurred(rule: ClockRule, read: _Read, one: Occurred) -> None:
    """The first event of its kind counts."""
    if one.event in rule.start and read.started is None:
        read.started = one.at
    if one.event in rule.stop and read.done is None:
        read.done = one.at
    if one.event is Event.CLOSED and read.closed is None:
        read.closed = one.at


def _state(read: _Read, *, overdue: bool, paused: bool) -> ClockState:
    if read.ended_at is not None:
        if overdue:
            return ClockState.LATE
        return ClockState.MET if read.met else ClockState.STOPPED
    if paused:
        return ClockState.PAUSED
    return ClockState.OVERDUE if overdue else ClockState.RUNNING


def _deadline(
    rule: ClockRule, read: _Read, started: datetime, until: datetime, editions: Editions, reckoning: Reckoning
) -> tuple[Deadline, tuple[Move, ...]]:
    limit = _limit(rule, read.extended)
    deadline = _on(editions.known_at(started), rule, limit, started, read.pauses, reckoning)
    moves = []
    for edition in editions.between(started, until):
        new = _on(edition.calendar, rule, limit, started, read.pauses, reckoning)
        after = _moved(deadline, new, edition, reckoning)
        if (after.due_at, after.provisional) != (deadline.due_at, deadline.provisional) or after is deadline:
            moves.append(
                Move(
                    edition.calendar.version, edition.published_at, deadline.due_at, after.due_at,
                    deadline.provisional,
                )
            )  # fmt: skip
        deadline = after
    return deadline, tuple(moves)


def _limit(rule: ClockRule, extended: list[Extended]) -> WorkingDays | Hours:
    if not extended:
        return rule.limit
    more = WorkingDays(sum(each.days.count for each in extended))
    limit = rule.limit
    if rule.extension is None or more.count > rule.extension.most.count or not isinstance(limit, WorkingDays):
        raise NotExtendable(f"{rule.id} cannot be extended by {more}", f"{rule.id} 不可延长{more.zh}")
    return limit + more


def _on(
    calendar: Calendar, rule: ClockRule, limit: WorkingDays | Hours, started: datetime, pauses: list[Pause],
    reckoning: Reckoning,
) -> Deadline:  # fmt: skip
    if isinstance(limit, Hours):
        return due_in_hours(started, limit, calendar, pauses=pauses)
    rest_day, ends = reckoning.rest_day, reckoning.ends
    return due(started, limit, calendar, rest_day, pauses=pauses, ends=ends, halves=rule.halves)


def _moved(old: Deadline, new: Deadline, edition: Edition, reckoning: Reckoning) -> Deadline:
    """The deadline after a publication: a final one never becomes earlier, a provisional one not before that day's end.

    A later edition so never makes an act late that was in time when it was done, nor an open one overdue.
    """
    if new.due_at >= old.due_at:
        return new
    if not old.provisional:
        return old
    day = local_day(edition.published_at)
    floor = Slots(edition.calendar, halves=False, ends=reckoning.ends).end_of(day)
    if new.due_at >= floor:
        return new
    kept = min(old.due_at, floor)
    return replace(new, due_at=kept, due_date=min(old.due_date, day))


def _consumed(rule: ClockRule, deadline: Deadline, started: datetime, until: datetime) -> int | float:
    frozen = next((each.start for each in deadline.pauses if each.end is None and each.start <= until), None)
    if isinstance(rule.limit, Hours):
        return _hours(deadline, started, frozen or until)
    slots = Slots(deadline.calendar, halves=deadline.halves, ends=deadline.ends)
    gaps = [slots.gap(each) for each in deadline.pauses if each.end is not None] if deadline.pauses else []
    stop = slots.unfinished(frozen) if frozen is not None else slots.begun(until)
    return tidy(counted_before(slots.after(deadline.zero), stop, gaps) / slots.per_day)


def _hours(deadline: Deadline, started: datetime, until: datetime) -> int | float:
    begun, seen = started.astimezone(UTC), until.astimezone(UTC)
    seconds = (seen - begun).total_seconds()
    for pause in deadline.pauses:
        if pause.end is not None:
            taken = min(pause.end.astimezone(UTC), seen) - max(pause.start.astimezone(UTC), begun)
            seconds -= max(0.0, taken.total_seconds())
    return tidy(round(max(0.0, seconds) / 3600, 2))


def _explained(clock: Clock) -> Iterator[Line]:
    rule, state = clock.rule, _STATES[clock.state]
    late = Line(", overdue", "，已超期") if clock.paused and clock.overdue else Line("", "")
    yield Line(
        f"{rule.id} ({rule.article}): {rule.title.en}, {rule.limit}, {rule.actor}: {state.en}{late.en}",
        f"{rule.id}（{rule.article}）：{rule.title.zh}，{rule.limit.zh}：{state.zh}{late.zh}",
    )
    for each in clock.extended:
        yield Line(
            f"{local_day(each.at)}: extended by {each.days}, counted from the old due date ({each.basis})",
            f"{local_day(each.at)}：延长{each.days.zh}，自原到期日起算（{each.basis}）",
        )
    if clock.deadline:
        yield from clock.deadline.explanation
    if clock.paused:
        words, since = clock.paused.words, local_day(clock.paused.start)
        yield Line(
            f"{since}: {words.en}; on resumption {clock.remaining} remain",
            f"{since}：{words.zh}；恢复计时后剩余 {clock.remaining}",
        )
    yield from (_told(move) for move in clock.moves)
    if clock.handler:
        yield Line(f"handed over to {clock.handler}", f"已移交 {clock.handler}")


def _told(move: Move) -> Line:
    on, version = local_day(move.published_at), move.calendar_version
    old, new = (f"{at.isoformat(sep=' ', timespec='minutes')}" for at in (move.old_due_at, move.due_at))
    if move.old_due_at == move.due_at:
        return Line(
            f"{on}: calendar {version} published; the deadline stays",
            f"{on}：发布工作日历 {version}；到期时间不变",
        )
    return Line(
        f"{on}: calendar {version} published; due {old} became {new}",
        f"{on}：发布工作日历 {version}；到期时间由 {old} 调整为 {new}",
    )
