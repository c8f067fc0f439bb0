"""Right requests of use records, disposals and liability signals."""

from typing import Any, Final

from world import in_days

from rights import Right, Stage, at

_GRANT: Final = "/v1/grants/{grant}"


def _use(_: Stage) -> Any:
    day = in_days(0)
    words = {"scene": "受理核验", "process": "窗口调用", "effect": "免交材料", "storage": "不落地"}
    return {"begins": day, "ends": day, **words}


def _disposal(_: Stage) -> Any:
    day = in_days(0)
    return {"method": "destroyed", "account": "删除全部副本", "disposed_on": day, "witness": "赵某"}


CASES: Final = {
    "record_use": Right("requester", at(f"{_GRANT}/use-records"), (_use,)),
    "record_disposal": Right("requester", at(f"{_GRANT}/disposals"), (_disposal,)),
    "inspect_use": Right("requester", at(f"{_GRANT}/use-records")),
    "list_liability_signals": Right("platform-admin", at("/v1/liability-signals")),
    "list_liability_rules": Right("requester", at("/v1/liability-rules")),
}
