"""Addresses of calendars."""

from typing import Final

from gateway.supervision.calendars.service import Calendars
from gateway.supervision.calendars.wire import EditionShown, EditionsShown
from gateway.web import SIGNED_IN, Ask, Reply, Route


async def list_calendars(calendars: Calendars, ask: Ask[None]) -> Reply:
    return Reply(EditionsShown(editions=[EditionShown.of(one) for one in await calendars.editions()]))


ROUTES: Final = [
    Route("GET", "/v1/calendars", list_calendars, SIGNED_IN, "Working-day calendars as they were published",
          "已发布的工作日历", tag="clocks", returns=EditionsShown),
]  # fmt: skip
