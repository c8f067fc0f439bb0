"""Auditors keep queries for themselves or for all of them; keeping, running and deleting leave records."""

from world import CONSUMER, World


async def test_a_kept_query_is_run_by_whom_it_is_for_and_leaves_its_records(shared_world: World) -> None:
    world = shared_world
    await world.person("second-auditor", CONSUMER, "auditor")

    async def saved(name: str, **more: object) -> str:
        body = {"name": name, "wanted": {"type": "resource.drafted", "person": "provider"}, **more}
        return str((await world.as_("auditor", "POST", "/v1/audit/queries", body)).ok()["id"])

    own, shared = await saved("各部门编目"), await saved("各部门编目 共用", shared=True)
    again = {"name": "各部门编目", "wanted": {}}
    (await world.as_("auditor", "POST", "/v1/audit/queries", again)).refused(409, "query-name-taken")

    async def listed(login: str) -> set[str]:
        return {each["id"] for each in (await world.as_(login, "GET", "/v1/audit/queries")).ok()["items"]}

    assert {own, shared} <= await listed("auditor")
    assert await listed("second-auditor") & {own, shared} == {shared}

    await world.integrated()
    found = (await world.as_("second-auditor", "GET", f"/v1/audit/queries/{shared}/events?limit=3")).ok()[
        "items"
    ]
    assert {record["event"]["type"] for record in found} <= {"resource.drafted"}
    (await world.as_("second-auditor", "GET", f"/v1/audit/queries/{own}/events")).refused(
        404, "no-such-saved-query"
    )
    (await world.as_("second-auditor", "DELETE", f"/v1/audit/queries/{shared}")).refused(
        404, "no-such-saved-query"
    )
    (await world.as_("auditor", "DELETE", f"/v1/audit/queries/{shared}")).ok()
    (await world.as_("auditor", "DELETE", f"/v1/audit/queries/{shared}")).refused(404, "no-such-saved-query")
    assert shared not in await listed("second-auditor")
    (await world.as_("auditor", "DELETE", f"/v1/audit/queries/{own}")).ok()

    await world.integrated()
    kept = [event for event in await world.audit(type="audit.query_saved") if event["object"]["id"] == shared]
    assert [event["detail"]["wanted"] for event in kept] == [
        {"type": "resource.drafted", "person": "provider"}
    ]
    deleted = await world.audit(type="audit.query_deleted")
    assert {own, shared} <= {event["object"]["id"] for event in deleted}
    ran = [
        event for event in await world.audit(type="audit.queried") if event["who"]["id"] == "second-auditor"
    ]
    assert [event["detail"]["actor"] for event in ran] == ["person:provider"]


async def test_a_query_that_could_not_be_run_is_not_kept(shared_world: World) -> None:
    for wrong in (
        {"name": "x", "wanted": {"person": "a", "client": "b"}},
        {"name": "x", "wanted": {"subject": "320102199001011234"}},
        {"name": "x", "wanted": {"type": "no.such"}},
        {"name": "x", "wanted": {"limit": 5}},
        {"name": "", "wanted": {}},
        {"name": "x"},
    ):
        (await shared_world.as_("auditor", "POST", "/v1/audit/queries", wrong)).refused(422, "invalid")
