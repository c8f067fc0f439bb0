"""Clocks of an entry: a change recorded by the provider, so that the platform may extend the update."""

from datetime import datetime

from gateway.deadlines import SHANGHAI
from rights import Right, Stage, at

_ONE = "/v1/resources/{published}"


def _changed(_: Stage) -> dict[str, str]:
    today = datetime.now(SHANGHAI).date().isoformat()
    return {"kind": "duty", "what": "登记职责划转", "basis": "某编发〔2026〕3号", "changed_on": today}


CASES = {
    "show_entry_clocks": Right("provider", at(f"{_ONE}/clocks")),
    "record_change": Right("provider", at(f"{_ONE}/changes"), (_changed,)),
    "extend_update": Right(
        "platform-admin",
        at(f"{_ONE}/changes/{{change}}/extension"),
        (lambda _: {"days": 5, "reason": "涉及多个系统"},),
    ),
}


async def prepare(stage: Stage) -> None:
    """A change of duty recorded today."""
    path = at(f"{_ONE}/changes")(stage)
    answer = (await stage.world.as_("provider", "POST", path, _changed(stage))).ok()
    stage.ids["change"] = answer["id"]
