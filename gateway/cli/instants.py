"""A point in time as an option of a command: ISO 8601 with its offset, or Unix seconds."""

import re
from datetime import UTC, datetime

import click


def instant(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """The option's value as an aware time; without an offset it is refused: nobody knows which was meant."""
    if value is None:
        return None
    try:
        unix = re.fullmatch(r"[0-9]{1,11}", value)
        found = datetime.fromtimestamp(int(value), UTC) if unix else datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None or found.tzinfo is None:
        raise click.BadParameter(
            f"{value!r} is not a time with its offset; write for example 2026-09-30T12:00:00+08:00."
        )
    return found
