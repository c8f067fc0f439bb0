"""Every route that makes something honours Idempotency-Key: ten times the same request is one thing made."""

import asyncio
import json
from typing import Any

import pytest
from stage import BY_NAME, RIGHT, Stage, contents, set_up
from world import Answer, World

from gateway.web import Route

CREATING = [route for route in BY_NAME.values() if route.creates]


@pytest.fixture(scope="module")
async def stage(shared_world: World) -> Stage:
    """A stage on which no right request was played yet: some of them are right only once."""
    return await set_up(shared_world)


@pytest.mark.parametrize("route", CREATING, ids=lambda route: route.operation_id)
async def test_ten_equal_requests_at_once_make_one_thing_and_another_under_their_key_is_refused(
    route: Route, stage: Stage, shared_database: Any
) -> None:
    right, world = RIGHT[route.operation_id], stage.world
    body = json.dumps(right.body(stage)).encode()
    headers = {"Idempotency-Key": f"once-{route.operation_id}", "Content-Type": "application/json"}
    token = await world.token_of(right.login)

    async def post(sent: bytes) -> Answer:
        return await world.send(
            route.method, world.control + right.path(stage), token=token, headers=headers, data=sent
        )

    before = await contents(shared_database)
    answers = await asyncio.gather(*(post(body) for _ in range(10)))
    assert {answer.status for answer in answers} == {route.status}, answers[0].body
    assert len({identity(answer.body) for answer in answers}) == 1
    made = await contents(shared_database)
    assert made != before
    again = await post(body)
    assert (again.status, identity(again.body)) == (route.status, identity(answers[0].body))
    (await post(body + b" ")).refused(409, "idempotency-key-reused")
    assert await contents(shared_database) == made


def identity(body: Any) -> str:
    """What was made, without what may differ between two looks at it."""
    named = [body[name] for name in ("id", "code", "login", "number") if name in body]
    assert named, body
    return str(named[0])
