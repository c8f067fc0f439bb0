"""Ratings: a bad one of the grant, unanswered."""

from rights import Right, Stage, at


def _rating(_: Stage) -> dict[str, object]:
    return {"score": 2, "about": "timeliness", "words": "更新滞后三个月"}


def _answer(_: Stage) -> dict[str, str]:
    return {"answer": "经核实属实", "measures": "改为每日更新"}


CASES = {
    "rate_service": Right("requester", at("/v1/grants/{grant}/ratings"), (_rating,)),
    "list_ratings": Right("requester", at("/v1/ratings")),
    "show_rating": Right("requester", at("/v1/ratings/{rating}")),
    "answer_rating": Right("provider", at("/v1/ratings/{rating}/answer"), (_answer,)),
}


async def prepare(stage: Stage) -> None:
    """The consumer has rated one of its grants this month; the other may still be rated."""
    rated = await stage.world.granted(stage.ids["published"])
    path = f"/v1/grants/{rated}/ratings"
    stage.ids["rating"] = (await stage.world.as_("requester", "POST", path, _rating(stage))).ok()["id"]
