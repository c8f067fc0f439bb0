"""Lists of duties: one of the provider."""

from world import PROVIDER

from rights import Right, Stage, at

_ONE = "/v1/duty-lists/{duty_list}"


def _new(_: Stage) -> dict[str, object]:
    return {"org": PROVIDER, "year": 2026}


CASES = {
    "publish_duty_list": Right("platform-admin", at("/v1/duty-lists"), (_new,)),
    "list_duty_lists": Right("requester", at("/v1/duty-lists")),
    "show_duty_list": Right("requester", at(_ONE)),
    "export_duty_list": Right("requester", at(f"{_ONE}/sheet")),
    "print_duty_list": Right("requester", at(f"{_ONE}/page")),
}


async def prepare(stage: Stage) -> None:
    """The authority publishes the provider's list."""
    made = await stage.world.as_("platform-admin", "POST", "/v1/duty-lists", _new(stage))
    stage.ids["duty_list"] = made.ok()["id"]
