"""Right requests of disputes and complaints."""

from typing import Any, Final

from world import PROVIDER

from rights import Right, Stage, at

_DISPUTE: Final = "/v1/disputes/{dispute}"
_COMPLAINT: Final = "/v1/complaints/{complaint}"


def _raising(stage: Stage) -> Any:
    return {"grant_id": stage.ids["grant"], "claim": "提供字段不足"}


def _about_application(stage: Stage) -> Any:
    return {"application_id": stage.ids["filed"], "claim": "不予受理无依据"}


def _because(_: Stage) -> Any:
    return {"reason": "协商不成"}


def _complaint(stage: Stage) -> Any:
    return {
        "complainant_kind": "citizen",
        "name": "孙某",
        "contact": "窗口登记",
        "text": "被重复要求提交材料",
        "grant_id": stage.ids["grant"],
        "holder": PROVIDER,
    }


def _about_a_call(stage: Stage) -> Any:
    return {"complainant_kind": "organisation", "text": "数据有误", "call_id": stage.ids["event"]}


def _about_an_application(stage: Stage) -> Any:
    return {"complainant_kind": "department", "text": "超期", "application_id": stage.ids["filed"]}


async def prepare(stage: Stage) -> None:
    """A dispute on an application of its own, and a complaint."""
    world = stage.world
    application = (await world.file(stage.ids["published"])).ok()["id"]
    await world.accept(application)
    claim = {"application_id": application, "claim": "久拖不决"}
    stage.ids["dispute"] = (await world.as_("requester", "POST", "/v1/disputes", claim)).ok()["id"]
    made = await world.as_("requester", "POST", "/v1/complaints", _complaint(stage))
    stage.ids["complaint"] = made.ok()["id"]


CASES: Final = {
    "raise_dispute": Right("requester", at("/v1/disputes"), (_raising, _about_application)),
    "list_disputes": Right("requester", at("/v1/disputes")),
    "show_dispute": Right("requester", at(_DISPUTE)),
    "propose_outcome": Right("provider", at(f"{_DISPUTE}/propose"), (lambda _: {"effect": "share", "text": "同意提供"},)),
    "agree_to_outcome": Right("requester", at(f"{_DISPUTE}/agree")),
    "escalate_dispute": Right("requester", at(f"{_DISPUTE}/escalate"), (_because,)),
    "refer_dispute": Right("platform-admin", at(f"{_DISPUTE}/refer"), (_because,)),
    "decide_dispute": Right("platform-admin", at(f"{_DISPUTE}/decide"), (
        lambda _: {"effect": "share", "document": "政函〔2026〕1号", "text": "应予共享"},)),
    "withdraw_dispute": Right("requester", at(f"{_DISPUTE}/withdraw"), (_because,)),
    "receive_complaint": Right("requester", at("/v1/complaints"), (_complaint, _about_a_call, _about_an_application)),
    "list_complaints": Right("requester", at("/v1/complaints")),
    "show_complaint": Right("requester", at(_COMPLAINT)),
    "forward_complaint": Right("platform-admin", at(f"{_COMPLAINT}/forward"), (
        lambda _: {"holder": PROVIDER, "reason": "属其职责"},)),
    "answer_complaint": Right("provider", at(f"{_COMPLAINT}/answer"), (lambda _: {"redress": "upheld", "text": "已更正"},)),
}  # fmt: skip
