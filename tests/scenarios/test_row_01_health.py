"""mission row 1, 目录体检: a dead or stale entry turns red, and each department has its score."""

from typing import Any

from makes import BASIS
from world import PROVIDER, World, another, http_mount

DEAD = http_mount("http://127.0.0.1:9")


async def examined(world: World, login: str = "platform-admin", query: str = "") -> dict[str, Any]:
    found = (await world.as_(login, "GET", f"/v1/catalogue-health?limit=200{query}")).ok()["items"]
    return {one["id"]: one for one in found}


async def test_every_promise_of_an_entry_is_checked_and_its_department_scored(
    world: World, database: Any
) -> None:
    dead = await world.publish(another(), DEAD)
    closed = await world.publish(another(sharing_class="not_shared", not_shared_basis=BASIS), None)
    good = await world.publish(another(update_cycle="monthly"), DEAD)
    owner = await database.owner()
    try:
        await owner.execute(
            "INSERT INTO monitoring.watch (resource_id, resource_version, next_probe_at, state, since, refreshed_at)"
            " VALUES ($1, 1, now(), 'up', now(), now()) ON CONFLICT (resource_id) DO UPDATE"
            " SET state = 'up', refreshed_at = now()",
            good,
        )
    finally:
        await owner.close()
    found = await examined(world)
    assert found[dead]["colour"] == "red"
    assert (found[dead]["checks"]["linked"], found[dead]["checks"]["live"]) == (True, False)
    assert found[dead]["checks"]["refreshed"] is False
    assert set(found[closed]["checks"]) == {"conditions", "owned", "cleared", "single_source"}
    assert found[closed]["colour"] == "green"
    assert found[good]["colour"] == "green", found[good]
    assert "used" not in found[good]["checks"]  # published within the days asked for

    scores = (await world.as_("provider", "GET", "/v1/catalogue-health/scores")).ok()["items"]
    assert [(one["provider_org"], one["entries"], one["red"]) for one in scores] == [(PROVIDER, 3, 1)]
    assert scores[0]["failed"] == {"live": 1, "refreshed": 1}
    assert (await examined(world, "requester")) == {}


async def test_an_entry_nobody_answers_for_any_more_turns_red(world: World) -> None:
    one = await world.publish(another(sharing_class="not_shared", not_shared_basis=BASIS), None)
    (await world.as_("security-admin", "POST", "/v1/people/provider/disable")).ok()
    found = (await examined(world))[one]
    assert (found["colour"], found["checks"]["owned"]) == ("red", False)
