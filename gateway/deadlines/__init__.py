"""Deadlines (时限): working-day calendars, rule sets, and clocks as pure functions of events.

Below ``catalog`` and ``authz``, which both have clocks; imports only the ground. No clock is read here and
nothing is stored: ``now`` is an argument, and a stored due date elsewhere is a cache of what is computed here.

Vocabulary: *day 0* the day of receipt, which does not count; *limit* a number of working days (工作日); *due
date* the last day, *due instant* its 24:00; *provisional* (暂定) due in a year whose calendar is not published;
*rule set* the clocks of one legal source; *clock* (时限) one limit on one case; *binding* the open clock that is
due first.

Invariants: every day is a day in Asia/Shanghai, whatever the process's zone; an unpublished year is never taken
as certain; a case keeps the rule sets of its filing day.
"""

from gateway.deadlines.calendar import Calendar, Day, DayKind, Line
from gateway.deadlines.calendar_files import load_calendar
from gateway.deadlines.clocks import Clock, ClockState, binding, clock_at
from gateway.deadlines.errors import BadCalendar, BadRuleSet, OutsideCalendar
from gateway.deadlines.model import (
    SHANGHAI,
    CountedDay,
    Deadline,
    RestDay,
    WorkingDays,
    due,
    local_day,
)
from gateway.deadlines.rule_files import load_rule_sets
from gateway.deadlines.rules import Actor, ClockRule, Event, Level, RuleSet, clocks_for, rule_sets_in_force

__all__ = [
    "SHANGHAI",
    "Actor",
    "BadCalendar",
    "BadRuleSet",
    "Calendar",
    "Clock",
    "ClockRule",
    "ClockState",
    "CountedDay",
    "Day",
    "DayKind",
    "Deadline",
    "Event",
    "Level",
    "Line",
    "OutsideCalendar",
    "RestDay",
    "RuleSet",
    "WorkingDays",
    "binding",
    "clock_at",
    "clocks_for",
    "due",
    "load_calendar",
    "load_rule_sets",
    "local_day",
    "rule_sets_in_force",
]
