"""Another department's people against every route with the first department's ids (OWASP API1:2023).

They see nothing, change nothing, and an id they may not see reads like one that is not there.
"""

from typing import Any
from uuid import uuid4

import pytest
from stage import BY_NAME, RIGHT, Stage, contents, prefix_form
from world import CONSUMER, OTHER, PROVIDER

from gateway.web import ANYONE, PageQuery, Route

pytestmark = pytest.mark.unmeasured(
    reason="test_schemathesis calls every route; tests/integration of each room shows what others may not see"
)

PEOPLE = ("other-requester", "other-provider")
NAMED = [route for route in BY_NAME.values() if "{" in route.path and route.access != ANYONE]
LISTS = [
    route
    for route in BY_NAME.values()
    if route.method == "GET" and route.access != ANYONE and not route.gives
    if route.given is not None and issubclass(route.given, PageQuery)
]

PUBLIC = {
    "show_org": "departments are known to all",
    "show_duty_list": "a published list of duties is for every department",
    "export_duty_list": "the same as a sheet",
    "print_duty_list": "the same as a page",
    "start_scene": "templates and the route of a published resource are known to all",
    "show_seal": "whose seal is in force everybody may know who checks a document",
    "preview_route": "the route of a published resource is known to all",
}
"""What anybody signed in may read, and why."""

OVERSEEN = {
    "list_audit_alerts",
    "list_audit_events",
    "list_revocation_evidence",
    "list_disposals",
    "list_holds",
}
"""Lists no department's role opens."""

HIDDEN = [route for route in NAMED if route.operation_id not in PUBLIC]


def name_of(route: Route) -> str:
    return route.operation_id


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("route", NAMED, ids=name_of)
async def test_another_department_is_refused_and_nothing_changes(
    route: Route, login: str, stage: Stage, shared_database: Any
) -> None:
    right = RIGHT[route.operation_id]
    before = await contents(shared_database)
    answer = await stage.world.as_(login, route.method, right.path(stage), right.body(stage))
    if route.operation_id in PUBLIC:
        answer.ok()
    else:
        assert answer.status in (403, 404), answer
        assert CONSUMER not in str(answer.body)
        assert PROVIDER not in str(answer.body)
    assert await contents(shared_database) == before


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("route", HIDDEN, ids=name_of)
async def test_what_is_hidden_reads_like_what_is_not_there(route: Route, login: str, stage: Stage) -> None:
    right, given = RIGHT[route.operation_id], RIGHT[route.operation_id].path(stage)
    made_up = {
        stage.world.keys["registration"].kid: "A" * 43,
        "requester": "nobody-here",
        "registration": "nothing-here",
    }
    nowhere = "/".join(
        str(uuid4()) if len(part) == 36 else made_up.get(part, part) for part in given.split("/")
    )
    body = right.body(stage)
    hidden, absent = [await stage.world.as_(login, route.method, path, body) for path in (given, nowhere)]

    def without_id(answer: Any, path: str) -> str:
        text = str({**answer.body, "instance": ""})
        for part in path.split("/"):
            text = text.replace(part, "*") if len(part) > 8 else text
        return text

    assert hidden.status == absent.status
    assert without_id(hidden, given) == without_id(absent, nowhere)


@pytest.mark.parametrize("state", ["draft", "review"])
@pytest.mark.parametrize("login", [*PEOPLE, "requester"])
async def test_a_resource_is_not_seen_by_others_before_it_is_published(
    login: str, state: str, stage: Stage
) -> None:
    for path in (f"/v1/resources/{stage.ids[state]}", f"/v1/resources/{stage.ids[state]}/route"):
        (await stage.world.as_(login, "GET", path)).refused(404, "no-such-resource")
    body = prefix_form(stage) | {"resource_id": stage.ids[state]}
    if login != "other-provider":
        answer = await stage.world.as_(login, "POST", "/v1/applications", body)
        answer.refused(404, "no-such-resource")


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("route", LISTS, ids=name_of)
async def test_a_list_holds_nothing_of_another_department(route: Route, login: str, stage: Stage) -> None:
    path = RIGHT[route.operation_id].path(stage).partition("?")[0]
    answer = await stage.world.as_(login, "GET", f"{path}?limit=200")
    shut = (route.operation_id, login) == (
        "list_exports",
        "other-provider",
    )  # for those who ask for data, and auditors
    if shut or route.access == {"auditor"} or route.operation_id in OVERSEEN:
        answer.refused(403, "role-missing")
        return
    items = answer.ok()["items"]
    if route.operation_id == "search_resources":
        assert {item["state"] for item in items} == {"published"}
        assert not any(item.get("mount") for item in items)
    elif route.operation_id not in ("list_orgs", "list_duty_lists", "list_seals"):  # all are for everybody
        assert all(
            OTHER in (item.get("org"), item.get("consumer_org"), item.get("provider_org")) for item in items
        )


@pytest.mark.parametrize("login", PEOPLE)
async def test_a_filter_does_not_open_another_departments_list(login: str, stage: Stage) -> None:
    for path in ("/v1/applications?state=filed", "/v1/grants?state=active"):
        assert (await stage.world.as_(login, "GET", path)).ok()["items"] == []
    (await stage.world.as_(login, "GET", f"/v1/people?org={CONSUMER}")).refused(422, "invalid")


async def test_a_cursor_of_one_person_is_refused_for_another(stage: Stage) -> None:
    first = (await stage.world.as_("requester", "GET", "/v1/orgs?limit=1")).ok()
    cursor = first["next_cursor"]
    (await stage.world.as_("requester", "GET", f"/v1/orgs?limit=1&cursor={cursor}")).ok()
    for path in (f"/v1/orgs?limit=1&cursor={cursor}", f"/v1/resources?limit=1&cursor={cursor}"):
        (await stage.world.as_("other-requester", "GET", path)).refused(422, "invalid")
    (await stage.world.as_("requester", "GET", f"/v1/resources?limit=1&cursor={cursor}")).refused(
        422, "invalid"
    )


async def test_nobody_files_with_another_departments_system(stage: Stage) -> None:
    body = prefix_form(stage)
    found = (await stage.world.as_("other-requester", "POST", "/v1/applications", body)).refused(
        422, "invalid"
    )
    assert [one["pointer"] for one in found["errors"]] == ["/client"]


async def test_the_mount_is_shown_to_its_own_department_and_never_with_its_secret(stage: Stage) -> None:
    path = f"/v1/resources/{stage.ids['published']}"
    assert (await stage.world.as_("provider", "GET", path)).ok()["mount"]["kind"] == "http"
    for login in (*PEOPLE, "requester", "platform-admin", "security-admin", "auditor"):
        shown = (await stage.world.as_(login, "GET", path)).ok()
        assert shown["mounted"] is True
        assert "mount" not in shown
