"""``./gw deadline``: when something received on a day is due, with every day counted."""

import json
import re
from datetime import date
from typing import Any

import click

from gateway.deadlines import Calendar, Deadline, OutsideCalendar, RestDay, WorkingDays, due, load_calendar
from gateway.settings import config_dir

_MOST_DAYS = 1000


def _date(_ctx: click.Context, _param: click.Parameter, value: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise click.BadParameter(f"{value!r} is not a date; write year-month-day, for example 2026-09-30.")


def _days(_ctx: click.Context, _param: click.Parameter, value: str) -> WorkingDays:
    if re.fullmatch(r"[0-9]{1,4}(\.[05])?", value) and float(value) <= _MOST_DAYS:
        return WorkingDays(float(value))
    raise click.BadParameter(
        f"{value!r} is not a whole or half number from 0 to {_MOST_DAYS}; write for example 10 or 0.5."
    )


@click.command("deadline")
@click.option(
    "--from",
    "received",
    required=True,
    metavar="YYYY-MM-DD",
    callback=_date,
    help="Day of receipt (收到日期) in Asia/Shanghai.",
)
@click.option(
    "--days",
    "limit",
    required=True,
    metavar="N",
    callback=_days,
    help="Limit in working days (工作日), whole or half.",
)
@click.option(
    "--rest-day",
    type=click.Choice([each.value for each in RestDay]),
    default=RestDay.SAME.value,
    show_default=True,
    help="A receipt on a rest day: that day is day 0 (same), or the next working day is (next).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(received: date, limit: WorkingDays, rest_day: str, as_json: bool) -> None:
    """Count working days (工作日) from a day of receipt to the due date.

    The day of receipt does not count; public holidays and swapped rest days are skipped, make-up weekends (调休上班)
    count. A due date in a year whose calendar is not published is provisional (暂定).
    """
    deadline = _due(received, limit, RestDay(rest_day), load_calendar(config_dir() / "calendars"))
    click.echo(json.dumps(_shown(deadline), ensure_ascii=False) if as_json else _told(deadline))


def _due(received: date, limit: WorkingDays, rest_day: RestDay, calendar: Calendar) -> Deadline:
    try:
        return due(received, limit, calendar, rest_day)
    except OutsideCalendar as outside:
        raise click.BadParameter(
            f"{outside.detail}; give a date within it, or add the missing year to the calendars folder.",
            param_hint="'--from'",
        ) from None


def _shown(deadline: Deadline) -> dict[str, Any]:
    return {
        "due_date": deadline.due_date.isoformat(),
        "due_at": deadline.due_at.isoformat(),
        "provisional": deadline.provisional,
        "counted": [each.day.date.isoformat() for each in deadline.counted],
        "skipped": [
            each.day.date.isoformat()
            for each in deadline.days
            if each.number is None and each.day.date != deadline.zero
        ],
        "received": deadline.received.isoformat(),
        "day_zero": deadline.zero.isoformat(),
        "limit_days": deadline.limit.count,
        "rest_day": deadline.rest_day.value,
        "calendar_version": deadline.calendar_version,
        "explanation": [{"en": line.en, "zh": line.zh} for line in deadline.explanation],
    }


def _told(deadline: Deadline) -> str:
    limit, when = deadline.limit, deadline.due_date
    hour = "24:00" if deadline.due_at.date() > when else f"{deadline.due_at:%H:%M}"
    doubt, doubt_zh = (", provisional", "（暂定）") if deadline.provisional else ("", "")
    return "\n".join(
        (
            f"Due {when} at {hour}, Asia/Shanghai{doubt}: {limit} from {deadline.received}.",
            f"到期：{when} {hour}{doubt_zh}，自 {deadline.received} 起 {limit.count} 个工作日。",
            "",
            *(line.en for line in deadline.explanation),
            "",
            f"Calendar {deadline.calendar_version}, published until {deadline.calendar.covered_until}.",
        )
    )
