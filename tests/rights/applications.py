"""Right requests for applications beside those of tests/stage.py: amendment, versions, notice."""

from typing import Any, Final

from world import PROVIDER, form

from rights import Right, Stage, at

_FILED: Final = "/v1/applications/{filed}"


def _amended(stage: Stage) -> Any:
    changes = {"parameters": {"uscc": {"values": [PROVIDER]}}, "matter": "000114005000", "daily_quota": 99}
    return form(stage.ids["published"], **changes, incomplete=False, because="补充事项编码")


def _prefix(stage: Stage) -> Any:
    return form(stage.ids["published"], parameters={"uscc": {"prefix": "116"}}, because="缩小范围")


_NOTICE: Final = {
    "items": [{"part": "basis", "reason": "所引办法已废止", "remedy": "请改引现行规定及条款"}],
}

CASES: Final = {
    "list_versions": Right("requester", at(f"{_FILED}/versions")),
    "amend_application": Right("requester", at(f"{_FILED}/amend"), (_amended, _prefix)),
    "give_notice": Right("platform-admin", at(f"{_FILED}/notice"), (lambda _: _NOTICE,)),
}
