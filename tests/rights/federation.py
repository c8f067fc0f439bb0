"""Right requests of the cascade: one report that waits, one application that passed the review."""

from typing import Any, Final

from world import CONSUMER

from rights import Right, Stage, at

START: Final = {"platform": "national", "upper_resource_code": "301001000001/000001", "note": "急需"}


async def prepare(stage: Stage) -> None:
    """An application to send up, and a correction that waits for a platform nobody switched on."""
    world, ids = stage.world, stage.ids
    for name in ("to_cascade", "cascaded"):
        ids[name] = (await world.file(ids["published"])).ok()["id"]
        await world.accept(ids[name])
    made = await world.as_("platform-admin", "POST", f"/v1/applications/{ids['cascaded']}/cascade", START)
    ids["cascade"] = made.ok()["id"]
    assert made.body["org"] == CONSUMER


def _correction(_: Stage) -> Any:
    return {
        "platform": "national", "upper_resource_code": "301001000001/000001", "item": "有效期",
        "problem": "目录所列更新周期与实际不符",
    }  # fmt: skip


_OBJECT, _APPLICATION = "/v1/cascade/objects/{cascade}", "/v1/applications/{%s}/cascade"

CASES: Final = {
    "list_upper_platforms": Right("requester", at("/v1/cascade/platforms")),
    "set_upper_key": Right(
        "security-admin", at("/v1/cascade/platforms/national/key"), (lambda _: {"key": "0123456789abcdef"},)
    ),
    "list_upper_classes": Right("requester", at("/v1/cascade/classes")),
    "cascade_application": Right("platform-admin", at(_APPLICATION % "to_cascade"), (lambda _: START,)),
    "show_application_cascade": Right("requester", at(_APPLICATION % "cascaded")),
    "start_correction": Right("requester", at("/v1/cascade/corrections"), (_correction,)),
    "list_cascades": Right("requester", at("/v1/cascade/objects")),
    "show_cascade": Right("requester", at(_OBJECT)),
    "retry_cascade": Right("platform-admin", at(f"{_OBJECT}/retry")),
}
