"""Addresses of the roster."""

from functools import partial
from typing import Final

from gateway.identity.model import Role
from gateway.identity.roster.service import Roster, RosterFaulty, RosterTooLarge, UnreadableRoster
from gateway.identity.roster.wire import RosterReport
from gateway.identity.store import ClientKnown, KeyKnown, LoginTaken
from gateway.web import Ask, Document, Reply, Route

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})


async def roster_template(roster: Roster, ask: Ask[None]) -> Reply:
    return Reply(Document(await roster.template(), XLSX, "人员和应用系统名册模板.xlsx"))


async def export_roster(roster: Roster, ask: Ask[None]) -> Reply:
    return Reply(Document(await roster.export(), XLSX, "人员和应用系统名册.xlsx"))


async def check_roster(roster: Roster, ask: Ask[None]) -> Reply:
    return Reply(RosterReport.of(await roster.check(ask.principal, ask.upload().content)))


async def import_roster(roster: Roster, ask: Ask[None]) -> Reply:
    return Reply(RosterReport.of(await roster.store(ask.principal, ask.upload().content)))


_route = partial(Route, tag="identity")
ROUTES: Final = [
    _route("GET", "/v1/roster/template", roster_template, _SECURITY, "Excel form for people and systems, empty",
           "名册模板", gives=(XLSX,)),
    _route("GET", "/v1/roster/export", export_roster, _SECURITY, "People and systems as the Excel form", "导出名册",
           gives=(XLSX,), problems=(RosterTooLarge,)),
    _route("POST", "/v1/roster/check", check_roster, _SECURITY, "Check a roster; nothing is stored", "检查名册",
           takes=(XLSX,), returns=RosterReport, problems=(UnreadableRoster,)),
    _route("POST", "/v1/roster/import", import_roster, _SECURITY, "Import a roster, all of it or nothing", "导入名册",
           takes=(XLSX,), returns=RosterReport,
           problems=(UnreadableRoster, RosterFaulty, LoginTaken, ClientKnown, KeyKnown)),
]  # fmt: skip
