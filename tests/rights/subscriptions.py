"""Subscriptions: one under a grant of its own, with a message that waits and one that was delivered and claimed."""

from aiohttp import web
from waiting import until
from world import PROVIDER, another, http_mount, provider_service

from rights import Right, Stage, at

_DEAD = "http://127.0.0.1:9"


def _subscription(_: Stage) -> dict[str, object]:
    return {"url": f"{_DEAD}/changes"}


def _change(_: Stage) -> dict[str, object]:
    return {
        "kind": "changed",
        "parameters": {"uscc": PROVIDER},
        "record": {"uscc": PROVIDER, "name": "示例企业"},
    }


def _feedback(_: Stage) -> dict[str, object]:
    return {"result": "done", "words": "已换发许可证"}


CASES = {
    "subscribe": Right("requester", at("/v1/grants/{unsubscribed}/subscriptions"), (_subscription,)),
    "list_subscriptions": Right("requester", at("/v1/subscriptions")),
    "end_subscription": Right("requester", at("/v1/subscriptions/{subscription}/end")),
    "publish_change": Right("provider", at("/v1/resources/{published}/record-changes"), (_change,)),
    "list_messages": Right("requester", at("/v1/messages")),
    "show_message": Right("requester", at("/v1/messages/{message}")),
    "claim_message": Right("requester", at("/v1/messages/{message}/claim")),
    "answer_message": Right("requester", at("/v1/messages/{claimed}/feedback"), (_feedback,)),
    "send_message_again": Right("requester", at("/v1/messages/{message}/redeliver")),
}


async def _taken(_: web.Request) -> web.StreamResponse:
    return web.Response(status=202)


async def prepare(stage: Stage) -> None:
    """Two messages were delivered and one of them claimed; another grant has no subscription."""
    world, ids = stage.world, stage.ids
    resource = await world.publish(another(), http_mount(_DEAD))
    grant = await world.granted(resource)
    ids["unsubscribed"] = await world.granted(ids["published"])
    async with provider_service(_taken, methods=("POST",)) as (base, _):
        made = await world.as_(
            "requester", "POST", f"/v1/grants/{grant}/subscriptions", {"url": f"{base}/changes"}
        )
        ids["subscription"] = made.ok()["id"]
        for _ in range(2):
            (
                await world.as_(
                    "provider", "POST", f"/v1/resources/{resource}/record-changes", _change(stage)
                )
            ).ok()

        async def delivered() -> list[str]:
            page = (await world.as_("requester", "GET", "/v1/messages")).ok()["items"]
            return [one["id"] for one in page if one["state"] == "delivered"]

        async def both() -> bool:
            return len(await delivered()) == 2

        await until(both)
        ids["message"], ids["claimed"] = await delivered()
    (await world.as_("requester", "POST", f"/v1/messages/{ids['claimed']}/claim")).ok()
