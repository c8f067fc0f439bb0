"""Deadlines (时限): working-day calendars, rule sets, and clocks as pure functions of events.

Below ``catalog`` and ``authz``, which both have clocks; imports only the ground. No clock is read here and
nothing is stored: ``now`` is an argument, and a stored due date elsewhere is a cache of what is computed here.

Vocabulary: *day 0* the day of receipt, which does not count; *limit* a number of working days (工作日), whole or half,
or of hours; *due date* the last day, *due instant* its 24:00; *provisional* (暂定) due in a year whose calendar is not
published; *rule set* the clocks of one legal source; *subject* the kind of case a clock is about; *history* what
happened to a case; *clock* (时限) one limit on one case; *binding* the open clock that is due first; *edition* a
calendar with the instant of its publication.

Invariants: every day is a day in Asia/Shanghai, whatever the process's zone; an unpublished year is never taken
as certain; a case keeps the rule sets of its first day; time used while a clock runs equals the time allowed, however
often it is paused; a published calendar never makes a final deadline earlier and never touches a clock that ended.
"""

from gateway.deadlines.amounts import Hours, WorkingDays
from gateway.deadlines.calendar import Calendar, Day, DayKind, Line
from gateway.deadlines.calendar_files import Source, calendar_of, load_calendar, read_source
from gateway.deadlines.clocks import (
    Clock,
    ClockState,
    Move,
    Reckoning,
    binding,
    check_extension,
    clock_of,
)
from gateway.deadlines.clockwork import Clockwork
from gateway.deadlines.editions import Almanac, Edition, Editions
from gateway.deadlines.errors import (
    AlreadyPaused,
    Backdated,
    BadCalendar,
    BadRuleSet,
    NotExtendable,
    NotPausable,
    NotPaused,
    OutsideCalendar,
)
from gateway.deadlines.history import (
    EVENTS,
    Event,
    Extended,
    Happening,
    History,
    Occurred,
    Paused,
    Resumed,
    Subject,
    Transferred,
    history_of,
    retold,
    then,
    told,
)
from gateway.deadlines.model import CountedDay, Deadline, RestDay, due, due_in_hours, local_day
from gateway.deadlines.rule_files import load_rule_sets
from gateway.deadlines.rules import (
    Actor,
    ClockRule,
    Extension,
    Level,
    RuleSet,
    clocks_for,
    rule_sets_in_force,
)
from gateway.deadlines.slots import SHANGHAI, Ends, Pause, PauseReason

__all__ = [
    "EVENTS",
    "SHANGHAI",
    "Actor",
    "Almanac",
    "AlreadyPaused",
    "Backdated",
    "BadCalendar",
    "BadRuleSet",
    "Calendar",
    "Clock",
    "ClockRule",
    "ClockState",
    "Clockwork",
    "CountedDay",
    "Day",
    "DayKind",
    "Deadline",
    "Edition",
    "Editions",
    "Ends",
    "Event",
    "Extended",
    "Extension",
    "Happening",
    "History",
    "Hours",
    "Level",
    "Line",
    "Move",
    "NotExtendable",
    "NotPausable",
    "NotPaused",
    "Occurred",
    "OutsideCalendar",
    "Pause",
    "PauseReason",
    "Paused",
    "Reckoning",
    "RestDay",
    "Resumed",
    "RuleSet",
    "Source",
    "Subject",
    "Transferred",
    "WorkingDays",
    "binding",
    "calendar_of",
    "check_extension",
    "clock_of",
    "clocks_for",
    "due",
    "due_in_hours",
    "history_of",
    "load_calendar",
    "load_rule_sets",
    "local_day",
    "read_source",
    "retold",
    "rule_sets_in_force",
    "then",
    "told",
]
