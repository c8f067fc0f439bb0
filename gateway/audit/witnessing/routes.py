"""Addresses of what the log got from others; for everybody who is signed in."""

from typing import Final

from gateway.audit.witnessing.service import Vouching
from gateway.audit.witnessing.wire import (
    StampQuery,
    StampsShown,
    StandingsShown,
    stamps_shown,
    standings_shown,
)
from gateway.web import SIGNED_IN, Ask, Reply, Route


async def show_audit_stamps(vouching: Vouching, ask: Ask[StampQuery]) -> Reply:
    return Reply(stamps_shown(*await vouching.stamps(ask.given.size)))


async def show_audit_standing(vouching: Vouching, _ask: Ask[None]) -> Reply:
    return Reply(standings_shown(await vouching.standing()))


ROUTES: Final = [
    Route("GET", "/v1/audit/stamps", show_audit_stamps, SIGNED_IN, "Time stamps over the log", "审计日志的时间戳",
          "audit", given=StampQuery, returns=StampsShown),
    Route("GET", "/v1/audit/standing", show_audit_standing, SIGNED_IN,
          "Since when records wait for order, signature, witnesses and time stamps", "审计各环节的滞后情况", "audit",
          returns=StandingsShown),
]  # fmt: skip
