"""The domain's clock, set by hand."""

from datetime import datetime
from typing import Any

from world import World

from gateway.deadlines import SHANGHAI


class HandClock:
    """Stands still at a time in Asia/Shanghai until it is set."""

    def __init__(self, text: str) -> None:
        self.now = at(text)

    def __call__(self) -> datetime:
        return self.now

    def set(self, text: str, world: World) -> None:
        """Go on to this time; people sign in anew."""
        self.now = at(text)
        world.tokens.clear()

    def dates(self) -> dict[str, Any]:
        """Period and sign-off of a form that is filed now."""
        day = self.now.date()
        signed = {"name": "王某", "position": "科长", "on": day.isoformat()}
        until = day.replace(year=day.year + 1, day=1)
        return {"valid_from": day.isoformat(), "valid_until": until.isoformat(), "sign_off": signed}


def at(text: str) -> datetime:
    """A time in Asia/Shanghai, e.g. ``2026-11-20T10:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
