"""Comparisons: of two tables of the provider; nobody answers where they are mounted."""

from world import another

from rights import Right, Stage, at

_ONE = "/v1/comparisons/{comparison}"


def _new(stage: Stage) -> dict[str, object]:
    sides = {
        side: {"resource_id": stage.ids.get(side, stage.ids["published"]), "key": "uscc"}
        for side in ("left", "right")
    }
    return {
        **sides,
        "pairs": [{"left": "name", "right": "name"}],
        "every_days": 30,
        "reason": "法人库两源比对",
    }


def _finding(_: Stage) -> dict[str, object]:
    return {"sample": 0, "side": "left", "item": "name", "note": "与税务登记不一致"}


CASES = {
    "order_comparison": Right("platform-admin", at("/v1/comparisons"), (_new,)),
    "list_comparisons": Right("provider", at("/v1/comparisons")),
    "show_comparison": Right("provider", at(_ONE)),
    "run_comparison": Right("platform-admin", at(f"{_ONE}/run")),
    "doubt_sample": Right("platform-admin", at(f"{_ONE}/corrections"), (_finding,)),
    "end_comparison": Right("platform-admin", at(f"{_ONE}/end")),
}


async def prepare(stage: Stage) -> None:
    """Two published tables."""
    dsn = "postgresql://reader:x@127.0.0.1:9/d"
    for side in ("left", "right"):
        mount = {"kind": "table", "dsn": dsn, "relation": "firms", "filters": {"uscc": "uscc"}}
        what = another(mode="table", format="database")
        stage.ids[side] = await stage.world.publish(what, mount)
    made = await stage.world.as_("platform-admin", "POST", "/v1/comparisons", _new(stage))
    stage.ids["comparison"] = made.ok()["id"]
