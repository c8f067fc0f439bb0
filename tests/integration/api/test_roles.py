"""Every role on every route, and nobody (OWASP API5:2023): who may is in, everybody else is refused and recorded."""

from uuid import uuid4

import pytest
from stage import BY_NAME, RIGHT, Stage
from world import CONSUMER, sent

from gateway.app import ALL_ROUTES
from gateway.identity import Role
from gateway.web import ANYONE, SIGNED_IN, Route

pytestmark = pytest.mark.unmeasured(
    reason="test_schemathesis calls every route, as those who may; refusals are measured in tests/integration/web"
)

ROLES = [str(role) for role in Role]
GUARDED = [route for route in BY_NAME.values() if route.access != ANYONE]
OPEN = [route for route in BY_NAME.values() if route.access == ANYONE]


def name_of(route: Route) -> str:
    return route.operation_id


def test_every_route_has_its_right_request_and_no_request_is_left_over() -> None:
    assert set(RIGHT) == set(BY_NAME)
    assert len(BY_NAME) == len(ALL_ROUTES) == len({(route.method, route.path) for route in BY_NAME.values()})


def test_every_route_says_who_may_use_it_by_roles_that_exist() -> None:
    for route in BY_NAME.values():
        assert route.access, route.path
        assert route.access in (ANYONE, SIGNED_IN) or route.access <= set(ROLES), route.path


def test_what_is_open_to_anyone_is_this_and_no_more() -> None:
    assert {route.operation_id for route in OPEN} == {
        "show_key_set", "show_server_metadata", "issue_token", "revoke_token", "introspect_token", "show_problem",
        "show_openapi", "sign_in", "open_invitation", "accept_invitation", "list_providers", "begin_sign_in",
        "finish_sign_in", "give_second_factor", "show_seal_keys", "show_assertion_keys", "show_log_checkpoint", "show_log_tile",
        "show_log_consistency",
    }  # fmt: skip


def test_what_everybody_signed_in_may_change_is_the_own_sign_in_and_no_more() -> None:
    changing = [route for route in GUARDED if route.method != "GET"]
    assert {route.operation_id for route in changing if route.access == SIGNED_IN} == {
        "sign_out", "end_my_session", "change_password",
    }  # fmt: skip


async def somebody(stage: Stage, role: str) -> str:
    """A person with this role only, in a department that is party to nothing here."""
    login = f"only-{role.replace('_', '-')}"
    if login not in stage.world.tokens:
        await stage.world.person(login, CONSUMER, role)
    return login


def elsewhere(path: str) -> str:
    """The path with ids that are nobody's, so that who is let in finds nothing and changes nothing."""
    parts = path.split("/")
    return "/".join(str(uuid4()) if len(part) == 36 else part for part in parts)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_a_role_is_let_in_exactly_where_the_route_says_so(
    route: Route, role: str, stage: Stage
) -> None:
    right = RIGHT[route.operation_id]
    path = elsewhere(right.path(stage)).replace("/requester", "/nobody").replace("/registration", "/nothing")
    answer = await stage.world.as_(await somebody(stage, role), route.method, path, right.body(stage))
    assert answer.status < 500, answer
    if route.access == SIGNED_IN or role in route.access:
        assert answer.status != 401, answer
        assert answer.status < 400 or not answer.body["type"].endswith("/role-missing"), answer
    else:
        found = answer.refused(403, "role-missing")
        assert all(wanted in found["detail"] for wanted in route.access)


@pytest.mark.parametrize("token", [None, "x", "eyJhbGciOiJub25lIn0.e30.", "a.b.c"])
@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_nobody_is_let_in_without_a_token_of_ours(
    route: Route, token: str | None, stage: Stage
) -> None:
    right, world = RIGHT[route.operation_id], stage.world
    body = right.body(stage)
    answer = await world.send(
        route.method,
        world.control + right.path(stage),
        token=token,
        **sent(body),
    )
    assert answer.status == 401, answer
    assert answer.body["remedy_zh"]
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize("route", OPEN, ids=name_of)
async def test_what_is_open_needs_no_token_and_ignores_one(route: Route, stage: Stage) -> None:
    path = RIGHT[route.operation_id].path(stage)
    for token in (None, "x", await stage.world.token_of("requester")):
        answer = await stage.world.send(route.method, stage.world.control + path, token=token)
        assert answer.status in (200, 415), answer


async def test_a_refusal_for_lack_of_a_role_is_recorded_before_it_is_answered(stage: Stage) -> None:
    login = await somebody(stage, "auditor")
    answer = await stage.world.as_(login, "POST", "/v1/keys/rotate")
    answer.refused(403, "role-missing")
    found = await stage.world.audit(type="access.refused", request_id=answer.headers["Request-Id"])
    assert [(event["who"]["id"], event["object"]["id"], event["reason"]) for event in found] == [
        (login, "POST /v1/keys/rotate", "role-missing")
    ]
