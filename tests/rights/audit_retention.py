"""Right requests about months, holds and disposals; of keys, since no test world holds records of years ago."""

import itertools
from typing import Any

from rights import Right, Stage, at

_NUMBERS = itertools.count()
_ONE, _HOLD = "/v1/audit/disposals/{%s}", "/v1/audit/holds/{hold}"


def _disposal(_: Stage) -> Any:
    number = next(_NUMBERS) % 250
    return {
        "kind": "keys",
        "month": f"{2001 + number // 12}-{number % 12 + 1:02}",
        "reason": "保存期满",
    }


def _hold(_: Stage) -> Any:
    return {"first_month": "2090-01", "last_month": "2091-12", "reason": "行政诉讼"}


def _because(_: Stage) -> Any:
    return {"reason": "情况有变"}


CASES = {
    "list_audit_months": Right("auditor", at("/v1/audit/months")),
    "propose_disposal": Right("platform-admin", at("/v1/audit/disposals"), (_disposal,)),
    "list_disposals": Right("auditor", at("/v1/audit/disposals")),
    "show_disposal": Right("auditor", at(_ONE % "disposal")),
    "approve_disposal": Right("security-admin", at((_ONE % "disposal") + "/approve")),
    "withdraw_disposal": Right("security-admin", at((_ONE % "given_up") + "/withdraw"), (_because,)),
    "place_hold": Right("platform-admin", at("/v1/audit/holds"), (_hold,)),
    "list_holds": Right("auditor", at("/v1/audit/holds")),
    "lift_hold": Right("security-admin", at(_HOLD + "/lift"), (_because,)),
}


async def prepare(stage: Stage) -> None:
    """Two disposals and a hold."""
    for name in ("disposal", "given_up"):
        made = await stage.world.as_("platform-admin", "POST", "/v1/audit/disposals", _disposal(stage))
        stage.ids[name] = made.ok()["id"]
    held = await stage.world.as_("platform-admin", "POST", "/v1/audit/holds", _hold(stage))
    stage.ids["hold"] = held.ok()["id"]
