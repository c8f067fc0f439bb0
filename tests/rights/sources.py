"""One source per datum: an item of the draft that is an element."""

from world import PROVIDER

from rights import Right, Stage, at


def _claim(_: Stage) -> dict[str, str]:
    return {"item": "uscc", "element": "01.01.002", "position": "source", "basis": "《市场主体登记管理条例》"}


def _same(stage: Stage) -> dict[str, object]:
    same = {"resource_id": stage.ids["published"], "item": "uscc"}
    return {"item": "uscc", "same_as": same, "basis": "与该资源同义"}


CASES = {
    "claim_item": Right("provider", at("/v1/resources/{draft}/claims"), (_claim, _same)),
    "list_elements": Right("provider", at("/v1/elements")),
    "show_element": Right("provider", at("/v1/elements/{element}")),
    "name_lead_source": Right(
        "platform-admin",
        at("/v1/elements/{element}/lead"),
        (lambda _: {"org": PROVIDER, "reason": "法定登记机关"},),
    ),
}


async def prepare(stage: Stage) -> None:
    """The draft's first item is an element."""
    path = f"/v1/resources/{stage.ids['draft']}/claims"
    stage.ids["element"] = (await stage.world.as_("provider", "POST", path, _claim(stage))).ok()["id"]
