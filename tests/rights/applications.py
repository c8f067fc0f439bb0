"""Right requests for applications beside those of tests/stage.py: amendment, versions, notice."""

from typing import Any, Final

from world import PROVIDER, form, in_days, sign_off

from rights import BOUND, Right, Stage, at

_FILED: Final = "/v1/applications/{filed}"


def _amended(stage: Stage) -> Any:
    changes = {"parameters": {"uscc": {"values": [PROVIDER]}}, "matter": "000114005000", "daily_quota": 99}
    return form(stage.ids["published"], **changes, incomplete=False, because="补充事项编码")


def _prefix(stage: Stage) -> Any:
    return form(stage.ids["published"], parameters={"uscc": BOUND}, because="缩小范围")


_NOTICE: Final = {
    "items": [{"part": "basis", "reason": "所引办法已废止", "remedy": "请改引现行规定及条款"}],
}


def _renewal(_: Stage) -> Any:
    anew = {"basis": "《不动产登记暂行条例》第二十五条", "scene": "不动产登记时核验", "daily_quota": 50}
    return {"valid_until": in_days(500), **anew, "sign_off": sign_off()}


_STANDING: Final = "/v1/resources/{direct}/standing-authorisation"


COUNTY: Final = "11621021MB0000001E"


def _bulk(stage: Stage, **changes: Any) -> Any:
    given = {"matter": "000114005000", "parameters": {"uscc": {"values": [PROVIDER]}}, **changes}
    asked = form(stage.ids["published"], **given)
    own = {"client": "county-desk", "sign_off": asked.pop("sign_off"), "department": COUNTY}
    del asked["client"]
    return {"asked": asked, "departments": [own]}


async def prepare(stage: Stage) -> None:
    """The direct resource has a standing authorisation; a county's department has a system and a bulk application."""
    county = {"code": COUNTY, "name": "县自然资源局", "region": "621021"}
    (await stage.world.as_("platform-admin", "POST", "/v1/orgs", county)).ok()
    await stage.world.client("county-desk", COUNTY)
    filed = await stage.world.as_("requester", "POST", "/v1/bulk-applications", _bulk(stage))
    stage.ids["bulk"] = filed.ok()["id"]
    body = {"scope": "全部字段", "sign_off": sign_off()}
    (await stage.world.as_("provider", "PUT", _STANDING.format(**stage.ids), body)).ok()


CASES: Final = {
    "file_bulk": Right(
        "requester",
        at("/v1/bulk-applications"),
        (_bulk, lambda stage: _bulk(stage, parameters={"uscc": BOUND})),
    ),
    "show_bulk": Right("requester", at("/v1/bulk-applications/{bulk}")),
    "list_scenes": Right("requester", at("/v1/scenes")),
    "start_scene": Right("requester", at("/v1/scenes/identity-check/resources/{direct}")),
    "give_authorisation": Right(
        "provider", at(_STANDING), (lambda _: {"scope": "全部字段", "sign_off": sign_off()},)
    ),
    "end_authorisation": Right("provider", at(f"{_STANDING}/end"), (lambda _: {"reason": "改由部门审批"},)),
    "renew_grant": Right("requester", at("/v1/grants/{grant}/renew"), (_renewal,)),
    "list_versions": Right("requester", at(f"{_FILED}/versions")),
    "amend_application": Right("requester", at(f"{_FILED}/amend"), (_amended, _prefix)),
    "give_notice": Right("platform-admin", at(f"{_FILED}/notice"), (lambda _: _NOTICE,)),
}
