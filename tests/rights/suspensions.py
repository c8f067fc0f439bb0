"""Right requests of suspensions, terminations, consultations and filings."""

from typing import Any, Final

from world import in_days

from rights import Right, Stage, at

_GRANT: Final = "/v1/grants/{grant}"
_CHANGE: Final = "/v1/service-changes/{change}"


def _because(_: Stage) -> Any:
    return {"reason": "机构调整"}


def _suspension(stage: Stage) -> Any:
    order = {"text": "停止超范围使用", "until": in_days(0)}
    evidence = {"text": "抽查发现", "event_ids": [stage.ids["event"]]}
    return {"ground": "beyond_scope", "reason": "超出范围", "evidence": evidence, "order": order}


def _consultation(_: Stage) -> Any:
    day = in_days(0)
    return {"kind": "end", "reason": "系统下线", "planned_on": day, "answer_until": day}


async def prepare(stage: Stage) -> None:
    """A consultation on a grant of its own."""
    world = stage.world
    grant = await world.granted(stage.ids["published"])
    path = f"/v1/grants/{grant}/service-changes"
    stage.ids["change"] = (await world.as_("provider", "POST", path, _consultation(stage))).ok()["id"]


CASES: Final = {
    "suspend_grant": Right("provider", at(f"{_GRANT}/suspend"), (_suspension,)),
    "list_suspensions": Right("requester", at(f"{_GRANT}/suspensions")),
    "answer_suspension": Right("requester", at(f"{_GRANT}/answer"), (lambda _: {"answer": "已整改"},)),
    "resume_grant": Right("provider", at(f"{_GRANT}/resume"), (_because,)),
    "revoke_grant": Right(
        "provider", at(f"{_GRANT}/revoke"), (lambda _: {"ground": "filed", "reason": "系统下线"},)
    ),
    "end_grant": Right(
        "requester", at(f"{_GRANT}/end"), (lambda _: {"because": "purpose_met", "reason": "业务办结"},)
    ),
    "open_service_change": Right("provider", at(f"{_GRANT}/service-changes"), (_consultation,)),
    "answer_service_change": Right(
        "requester", at(f"{_CHANGE}/answer"), (lambda _: {"agrees": True, "text": "同意"},)
    ),
    "file_service_change": Right("provider", at(f"{_CHANGE}/file"), (lambda _: {"filing": "已协商"},)),
    "list_service_changes": Right("requester", at("/v1/service-changes")),
}
