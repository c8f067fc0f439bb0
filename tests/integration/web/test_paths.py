"""Paths and queries on real sockets: one reading, or none (hardening against path confusion)."""

import asyncio

import pytest
from raw import request, say
from world import World

from gateway.app import ALL_ROUTES

Listener = tuple[int, str]

FORMS = [
    "//v1/orgs", "/v1//orgs", "/v1/orgs//", "///", "/./v1/orgs", "/v1/./orgs", "/v1/orgs/.", "/../v1/orgs", "/v1/../v1/orgs",
    "/v1/orgs/..", "/v1/orgs/../orgs", "/public/../v1/orgs", "/%2e/v1/orgs", "/%2e%2e/v1/orgs", "/v1/%2E%2E/v1/orgs",
    "/v1/.%2e/v1/orgs", "/v1/%2e./v1/orgs", "/v1%2forgs", "/v1%2Forgs", "/v1/..%2fv1/orgs", "/v1/%252e%252e/orgs", "/v1%5corgs",
    "/v1\\orgs", "/v1/..\\orgs", "/v1/orgs%00", "/v1/orgs%00.json", "/v1/orgs%0a", "/v1/orgs%0d%0aX-A:%201", "/v1/orgs%20",
    "/v1/orgs%", "/v1/orgs%2", "/v1/orgs%zz", "/v1/orgs%u002e", "/%c0%ae%c0%ae/v1/orgs", "/%ef%bc%8f/orgs", "/v1/orgs;",
    "/v1/orgs;a=b", "/v1;/orgs", "/v1/orgs#", "/v1/orgs#/x", "/v1/orgs:80", "/v1/@orgs", "/v1/org$", "/v1/orgs!", "/v1/orgs*",
    "/v1/(orgs)", "/v1/orgs,", "/v1/orgs'", "/v1/\"orgs\"", "/v1/<orgs>", "/v1/{org}", "/v1/[orgs]", "/v1/|", "/v1/^", "/v1/`",
    "/v1/%6frgs", "/%76%31/orgs", "/v1/orgs%3flimit=1", "/v1/orgs%23", "v1/orgs", "http:/v1/orgs", "*",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
async def test_a_path_with_a_second_reading_is_refused_on_every_listener(
    form: str, listener: Listener
) -> None:
    port, _ = listener
    said = await say(port, request("GET", form))
    assert said.status == 400, said
    assert said.problem["detail"]
    assert form.strip("/*.") not in said.body.decode() or len(form.strip("/*.")) < 3


NEAR_MISSES = [
    "/V1/ORGS",
    "/v1/orgs/",
    "/v1",
    "/v1/",
    "/v1/org",
    "/v1/orgs.json",
    "/.v1/orgs",
    "/v1/orgs~",
    "/v1/orgs/x/y",
]


@pytest.mark.parametrize("path", NEAR_MISSES)
async def test_a_path_that_only_resembles_one_is_not_taken_for_it(path: str, listener: Listener) -> None:
    port, _ = listener
    said = await say(port, request("GET", path))
    assert (said.status, said.slug) == (404, "unknown-path")


async def test_every_path_of_the_api_is_found_only_as_it_is_written(shared_world: World) -> None:
    """Each route's path in six spellings: as declared it reaches a handler or its guard, else never."""
    assert shared_world.gateway.control is not None
    port = shared_world.gateway.control.port

    async def status(path: str) -> int:
        return (await say(port, request("GET", path))).status

    for path in {route.path for route in ALL_ROUTES}:
        filled = path.replace("{", "").replace("}", "")
        assert await status(filled) in (200, 401, 404, 405), path
        spellings = [
            f"/{filled}",
            f"{filled}%00",
            filled.replace("/", "/./", 1),
            filled.replace("/", "%2f", 2),
            f"{filled};x",
        ]
        found = await asyncio.gather(*map(status, spellings))
        assert found == [400] * len(spellings), path


QUERIES = [
    "limit=1&limit=2", "limit=1&limit=1", "limit", "=1", "&", "limit=1&", "limit=%", "limit=%zz", "q=%ff%fe",
    "q=%c0%af", "q=%ed%a0%80", "q=%00", "q=%0d%0aX", "q=%7f", "q=a%C2%85b", "q=\xe9", "q=a#b", "q[]=1", "q.x=1", "l%69mit=1",
    "q=ab&Q[0]=1", "?limit=1", "limit=1?x=2&y",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
async def test_a_query_with_a_second_reading_is_refused_on_every_listener(
    query: str, listener: Listener
) -> None:
    port, path = listener
    assert (await say(port, request("GET", f"{path}?{query}"))).status == 400


@pytest.mark.parametrize(
    "query", ["x=1", "Limit=1", "limit=0", "limit=201", "limit=1.0", "limit=", "limit=1&admin=true"]
)
async def test_a_name_or_value_that_is_not_declared_is_refused_and_named(
    query: str, shared_world: World
) -> None:
    answer = await shared_world.as_("platform-admin", "GET", f"/v1/orgs?{query}")
    found = answer.refused(422, "invalid")
    name = query.rpartition("&")[2].partition("=")[0]
    assert [one["pointer"] for one in found["errors"]] == [f"/{name}"]


async def test_an_address_that_takes_no_query_refuses_any(shared_world: World) -> None:
    (await shared_world.as_(None, "GET", "/openapi.json?x=1")).refused(400, "malformed")
    (await shared_world.as_("platform-admin", "POST", "/v1/orgs?x=1", {})).refused(400, "malformed")


@pytest.mark.parametrize(("path", "query"), [(513, 0), (20, 4097), (4000, 4000)])
async def test_an_address_that_is_too_long_is_answered_414(path: int, query: int, listener: Listener) -> None:
    port, _ = listener
    target = "/" + "a" * (path - 1) + ("?a=" + "b" * (query - 2) if query else "")
    said = await say(port, request("GET", target))
    assert (said.status, said.slug) == (414, "address-too-long")
    assert "aaaa" not in said.body.decode()


async def test_an_address_at_its_limits_is_read(listener: Listener) -> None:
    port, _ = listener
    said = await say(port, request("GET", "/" + "a" * 511 + "?a=" + "b" * 4094))
    assert said.status == 404
