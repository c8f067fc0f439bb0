"""Right requests of dry runs and permissions."""

from typing import Any, Final

from world import PROVIDER

from rights import Right, Stage, at


def _check(stage: Stage) -> Any:
    return {
        "grant_id": stage.ids["grant"],
        "client": "registration",
        "service": "enterprise",
        "purpose": "real-estate-registration",
        "parameters": {"uscc": PROVIDER},
        "fields": ["uscc"],
        "matter": "000114005000",
        "case": "C-1",
        "operator": "李某",
        "consent": "TY-2026-0001",
    }


CASES: Final = {
    "check_call": Right("requester", at("/v1/check"), (_check,)),
    "show_quota": Right("requester", at("/v1/grants/{grant}/quota")),
    "list_permissions": Right("requester", at("/v1/permissions")),
}
