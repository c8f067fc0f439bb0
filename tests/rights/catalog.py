"""Right requests of the catalogue's routes beside its life: clearance."""

from typing import Any, Final

from world import PROVIDER, clearance, description

from rights import Right, Stage, at


async def prepare(stage: Stage) -> None:
    """A draft whose clearance takes every member: important and personal."""
    from stage import full_description

    made = (await stage.world.as_("provider", "POST", "/v1/resources", full_description())).ok()
    stage.ids["important"] = made["id"]


def _cleared(_: Stage) -> Any:
    given = clearance(description(grade="important"))
    measured = {"result": "acceptable_with_measures", "measures": "去标识化"}
    return {**given, "confidentiality": {**given["confidentiality"], **measured}}


def _trial(_: Stage) -> Any:
    return {"parameters": {"uscc": PROVIDER}}


CASES: Final = {
    "test_mount": Right("provider", at("/v1/resources/{published}/mount/test"), (_trial,)),
    "clear_resource": Right("provider", at("/v1/resources/{important}/clearance"), (_cleared,)),
}
