"""Right requests of acts on clocks."""

from typing import Any, Final

from applying import published
from makes import CONTROLLED

from rights import Right, Stage, at

_ONE: Final = "/v1/applications/{timed}"


def _more(_: Stage) -> Any:
    return {"rule": "tl809.reply_cond", "days": 1.5, "reason": "需会商", "notice": "延期答复"}


CASES: Final[dict[str, Right]] = {
    "show_clocks": Right("provider", at(f"{_ONE}/clocks")),
    "ask_extension": Right("provider", at(f"{_ONE}/extensions"), (_more,)),
    "decide_extension": Right(
        "platform-admin",
        at(_ONE + "/extensions/{extension}/decision"),
        (lambda _: {"consent": False, "opinion": "理由不足"},),
    ),
    "pause_clocks": Right(
        "provider", at(f"{_ONE}/pause"), (lambda _: {"reason": "meeting", "basis": "会议通知"},)
    ),
    "resume_clocks": Right("provider", at(f"{_ONE}/resume")),
    "transfer_application": Right(
        "provider", at(f"{_ONE}/transfer"), (lambda _: {"to": "信息科", "reason": "岗位调整"},)
    ),
}


async def prepare(stage: Stage) -> None:
    """A conditional application with its provider, and an extension that waits for its decision."""
    world = stage.world
    resource = await published(world, CONTROLLED, sharing_class="conditional", conditions="限不动产登记业务")
    stage.ids["timed"] = (await world.file(resource)).ok()["id"]
    await world.accept(stage.ids["timed"])
    path = f"/v1/applications/{stage.ids['timed']}/extensions"
    shown = (await world.as_("provider", "POST", path, {**_more(stage), "days": 2})).ok()
    stage.ids["extension"] = shown["extensions"][0]["id"]
