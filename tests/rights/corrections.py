"""Corrections: an open one under the grant, and a notice to the first department."""

from world import CONSUMER, PROVIDER, form

from rights import Right, Stage, at

THIRD = "11621000MB0000007K"
_ONE = "/v1/corrections/{correction}"
_NOTICE = "/v1/correction-notices/{notice}"


def _doubt(_: Stage) -> dict[str, object]:
    return {
        "item": "name", "doubt": "wrong", "key": {"uscc": PROVIDER}, "seen": "示例企业", "expected": "示例公司",
        "note": "与营业执照不一致",
    }  # fmt: skip


def _answer(_: Stage) -> dict[str, str]:
    return {"outcome": "corrected", "report": "已按登记档案更正"}


CASES = {
    "file_correction": Right("requester", at("/v1/grants/{grant}/corrections"), (_doubt,)),
    "show_doubts": Right("requester", at("/v1/grants/{grant}/corrections")),
    "list_corrections": Right("requester", at("/v1/corrections")),
    "show_correction": Right("requester", at(_ONE)),
    "answer_correction": Right("provider", at(f"{_ONE}/answer"), (_answer,)),
    "withdraw_correction": Right(
        "requester", at(f"{_ONE}/withdraw"), (lambda _: {"reason": "系本部门误录"},)
    ),
    "list_correction_notices": Right("requester", at("/v1/correction-notices")),
    "acknowledge_correction": Right("requester", at(f"{_NOTICE}/acknowledge")),
    "match_correction": Right("requester", at(f"{_NOTICE}/match"), (lambda _: {"key": {"uscc": PROVIDER}},)),
}


async def prepare(stage: Stage) -> None:
    """A third department doubts a record first, so that the consumer is told; then the consumer does."""
    world, resource = stage.world, stage.ids["published"]
    await world.org(THIRD, "税务局")
    await world.person("third-requester", THIRD, "requester")
    await world.client("third-system", THIRD)
    asked = form(resource, client="third-system")
    filed = (await world.as_("third-requester", "POST", "/v1/applications", asked)).ok()
    await world.accept(filed["id"])
    grant = (await world.approve(filed["id"]))["grant_id"]
    path = f"/v1/grants/{grant}/corrections"
    first = (await world.as_("third-requester", "POST", path, _doubt(stage))).ok()["id"]
    (await world.as_("provider", "POST", f"/v1/corrections/{first}/answer", _answer(stage))).ok()
    notices = (await world.as_("requester", "GET", "/v1/correction-notices")).ok()["items"]
    stage.ids["notice"] = next(one["id"] for one in notices if one["consumer_org"] == CONSUMER)
    path = f"/v1/grants/{stage.ids['grant']}/corrections"
    body = {**_doubt(stage), "item": "uscc"}
    stage.ids["correction"] = (await world.as_("requester", "POST", path, body)).ok()["id"]
