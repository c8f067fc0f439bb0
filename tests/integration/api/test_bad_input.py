"""Every field of every body, spoiled in every way: refused by its pointer, and nothing is stored."""

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from pydantic import TypeAdapter
from stage import BY_NAME, RIGHT, Stage, contents
from world import Answer
from wrong import Walk, Wrong, with_member, wrong_bodies

from gateway.web import Route

pytestmark = pytest.mark.unmeasured(
    reason="test_schemathesis sends every operation what its document forbids"
)

BODIES = [route for route in BY_NAME.values() if route.takes_body and route.given and not route.form]
BODILESS = [route for route in BY_NAME.values() if route.takes_body and not route.given]
QUERIES = [route for route in BY_NAME.values() if route.method == "GET" and route.given]
FREE = {"/jwk", "/keys/0"}
"""Free JSON by schema; tests/integration/identity tries their validators."""

GRABBED = {
    "id": "01a1fd8c-9b7d-7425-883d-959a9e27c23f", "status": "approved", "state": "published", "version": 9, "roles_": [],
    "approved_by": "provider", "filed_by": "provider", "decided_by": "provider", "org_id": "11621000MB0000004A",
    "consumer_org": "11621000MB0000004A", "provider_org": "11621000MB0000004A", "route": "direct", "active": False,
    "grant_id": "01a1fd8c-9b7d-7425-883d-959a9e27c23f", "registered_at": "2020-01-01T00:00:00Z", "kid": "A" * 43,
    "mounted": True, "used": 0, "__proto__": {}, "constructor": {}, "$where": "1", "": 1,
}  # fmt: skip


def name_of(route: Route) -> str:
    return route.operation_id


async def send(stage: Stage, route: Route, raw: bytes) -> Answer:
    right = RIGHT[route.operation_id]
    headers = {"Content-Type": "application/json"}
    return await stage.world.as_(right.login, route.method, right.path(stage), data=raw, headers=headers)


def fault_in(answer: Answer, wrong: Wrong) -> str:
    """What is wrong with the refusal itself; empty if it is right."""
    if answer.status == 400 and not wrong.pointer and answer.body["type"].endswith("/malformed"):
        return ""
    if answer.status != 422 or answer.headers["Content-Type"] != "application/problem+json":
        return f"answered {answer.status} {answer.body}"
    pointers = [one["pointer"] for one in answer.body["errors"]]
    parent = wrong.pointer.removesuffix("/kind")
    if not any(one in (wrong.pointer, parent) or one.startswith(f"{wrong.pointer}/") for one in pointers):
        return f"points at {pointers}"
    return "" if all(one["detail"] and one["detail_zh"] for one in answer.body["errors"]) else "says nothing"


async def faults(stage: Stage, route: Route, wrongs: list[Wrong]) -> list[str]:
    """Send all; the refusals that are not right."""
    found = []
    for at in range(0, len(wrongs), 8):
        some = wrongs[at : at + 8]
        answers = await asyncio.gather(*(send(stage, route, one.raw) for one in some))
        found += [
            f"{one.what}: {fault}"
            for one, answer in zip(some, answers, strict=True)
            if (fault := fault_in(answer, one))
        ]
    return found


@pytest.mark.parametrize("route", BODIES, ids=name_of)
async def test_a_body_spoiled_in_any_one_place_is_refused_there_and_nothing_is_stored(
    route: Route, stage: Stage, shared_database: Any
) -> None:
    schema = TypeAdapter(route.given).json_schema()
    wrongs = [
        one
        for body in RIGHT[route.operation_id].bodies
        for one in wrong_bodies(body(stage), schema)
        if one.pointer not in FREE
    ]
    assert len(wrongs) >= 5
    before = await contents(shared_database)
    found = await faults(stage, route, wrongs)
    assert not found, "\n".join([f"{len(found)} of {len(wrongs)}", *found])
    assert await contents(shared_database) == before


@pytest.mark.parametrize("route", BODIES, ids=name_of)
async def test_a_member_that_is_not_the_callers_to_set_is_refused(
    route: Route, stage: Stage, shared_database: Any
) -> None:
    body = RIGHT[route.operation_id].body(stage)
    declared = set(TypeAdapter(route.given).json_schema()["properties"])
    wrongs = [with_member(body, name, value) for name, value in GRABBED.items() if name not in declared]
    before = await contents(shared_database)
    found = await faults(stage, route, wrongs)
    assert not found, "\n".join(found)
    assert await contents(shared_database) == before


@pytest.mark.parametrize("route", BODIES, ids=name_of)
def test_the_right_bodies_name_every_field_so_that_none_goes_untried(route: Route) -> None:
    schema = TypeAdapter(route.given).json_schema()
    named: set[tuple[str, str]] = set()

    class Names:
        ids = defaultdict(lambda: "01a1fd8c-9b7d-7425-883d-959a9e27c23f")

    for body in RIGHT[route.operation_id].bodies:
        for _, value, options in Walk(body(Names()), schema).places():  # type: ignore[arg-type]
            if isinstance(value, dict):
                named |= {(option.get("title", ""), name) for option in options for name in value}
    declared = {
        (model.get("title", ""), name)
        for model in (schema, *schema.get("$defs", {}).values())
        for name in model.get("properties", {})
    }
    assert declared - named == set()


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xef\xbb\xbf{}", b"\xff", b"{}" * 2, b"[" * 40 + b"]" * 40]
)
@pytest.mark.parametrize("route", BODIES, ids=name_of)
async def test_a_body_that_is_no_object_is_refused(route: Route, raw: bytes, stage: Stage) -> None:
    answer = await send(stage, route, raw)
    assert answer.status in (400, 422), answer
    assert answer.body["detail_zh"]


@pytest.mark.parametrize("route", BODIES, ids=name_of)
async def test_a_body_under_another_media_type_is_refused(route: Route, stage: Stage) -> None:
    right = RIGHT[route.operation_id]
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "multipart/form-data; boundary=x",
    ):
        answer = await stage.world.as_(
            right.login, route.method, right.path(stage), data=b"{}", headers={"Content-Type": kind}
        )
        answer.refused(415, "wrong-media-type")


@pytest.mark.parametrize("route", BODILESS, ids=name_of)
async def test_an_act_without_body_refuses_one(route: Route, stage: Stage, shared_database: Any) -> None:
    before = await contents(shared_database)
    for raw in (b"{}", b" ", b"null", b'{"state": "published"}'):
        (await send(stage, route, raw)).refused(400, "malformed")
    assert await contents(shared_database) == before


@pytest.mark.parametrize("route", QUERIES, ids=name_of)
async def test_every_query_value_is_checked_and_named(route: Route, stage: Stage) -> None:
    right = RIGHT[route.operation_id]
    path = right.path(stage).partition("?")[0]
    names = TypeAdapter(route.given).json_schema()["properties"]
    for name in [*names, "undeclared"]:
        answer = await stage.world.as_(right.login, "GET", f"{path}?{name}={'~' * 2000}")
        assert [one["pointer"] for one in answer.refused(422, "invalid")["errors"]] == [f"/{name}"]
        answer = await stage.world.as_(right.login, "GET", f"{path}?{name}=1&{name}=1")
        answer.refused(400, "malformed")
    for name, shape in names.items():
        for value in ("0", "1e5", "null", "true", "2026-01-01T00:00:00", "urn:uuid:x", "'; SELECT 1 --", "%"):
            sent = {name: value}
            answer = await stage.world.as_(right.login, "GET", path, params=sent)
            assert answer.status in (200, 422), (sent, shape, answer)
