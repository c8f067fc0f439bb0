"""Right requests of calendars."""

from typing import Final

from rights import Right, at

CASES: Final[dict[str, Right]] = {"list_calendars": Right("requester", at("/v1/calendars"))}
