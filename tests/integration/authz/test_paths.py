"""The seed rule over the API: which way an application goes, who acts, and what comes of it."""

from typing import Any

import pytest
from applying import REASONS, REFUSAL, WHY, accepted, act, published
from makes import BASIS, CONTROLLED, UNCONTROLLED
from world import CONSUMER, PROVIDER, World, another, form, sign_off

CONDITIONAL = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}


async def test_what_needs_no_control_is_provided_by_the_platform(shared_world: World) -> None:
    world = shared_world
    resource = await published(world, UNCONTROLLED)
    route = (await world.as_("requester", "GET", f"/v1/resources/{resource}/route")).ok()
    assert (route["route"], route["decided_by"]) == ("direct", "the platform provides directly")
    filed = (await world.file(resource)).ok()
    assert (filed["state"], filed["route"], filed["consumer_org"]) == ("filed", "direct", CONSUMER)
    (await act(world, filed["id"], "provide")).refused(409, "application-not-in-state")
    assert (await world.accept(filed["id"]))["state"] == "accepted"
    for step, body in (("approve", {"sign_off": sign_off()}), ("refuse", REFUSAL)):
        (await act(world, filed["id"], step, body)).refused(409, "wrong-route")
    provided = (await act(world, filed["id"], "provide")).ok()
    assert provided["state"] == "provided"
    grant = (await world.as_("requester", "GET", f"/v1/grants/{provided['grant_id']}")).ok()
    assert grant["terms"]["fields"] == ["uscc", "name"]
    assert (grant["state"], grant["purpose"]) == ("active", "real-estate-registration")
    assert "waiting" not in provided


@pytest.mark.parametrize("changes", [{}, CONDITIONAL], ids=["unconditional", "conditional"])
async def test_what_needs_control_or_has_conditions_goes_to_the_department(
    changes: dict[str, Any], shared_world: World
) -> None:
    world = shared_world
    resource = await published(world, CONTROLLED if not changes else UNCONTROLLED, **changes)
    route = (await world.as_("requester", "GET", f"/v1/resources/{resource}/route")).ok()
    assert (route["route"], PROVIDER in route["decided_by"]) == ("department", True)
    application = await accepted(world, resource)
    (await act(world, application, "provide")).refused(409, "wrong-route")
    approved = await world.approve(application)
    assert (approved["state"], approved["decision"]["not_granted"]) == ("approved", [])
    assert approved["grant_id"]


async def test_what_is_not_shared_has_no_route_but_a_legal_basis(shared_world: World) -> None:
    world = shared_world
    what = another(sharing_class="not_shared", not_shared_basis=BASIS, parameters=[])
    resource = await world.publish(what, None)
    preview = await world.as_("requester", "GET", f"/v1/resources/{resource}/route")
    assert preview.refused(403, "not-shared")["legal_basis"] == BASIS
    answer = await world.file(resource)
    problem = answer.refused(403, "not-shared")
    assert problem["legal_basis"] == BASIS
    assert BASIS["citation"] in problem["detail_zh"]
    (event,) = await world.audit(request_id=answer.headers["Request-Id"])
    assert (event["type"], event["outcome"], event["reason"]) == (
        "application.not_shareable",
        "deny",
        "not-shared",
    )
    assert (event["resource"], event["consumer_org"], event["provider_org"]) == (
        what["code"],
        CONSUMER,
        PROVIDER,
    )
    items = (await world.as_("requester", "GET", "/v1/applications?limit=200")).ok()["items"]
    assert resource not in {item["resource_id"] for item in items}


@pytest.mark.parametrize(
    "body",
    [
        {"accept": False},
        {"accept": False, "reasons": []},
        {"accept": True, "reasons": REASONS},
        {"accept": False, "reasons": [{"code": "scope_excessive", "text": " "}]},
        {"accept": False, "reasons": [{"code": "no_such", "text": "其他"}]},
        {"accept": "no", "reasons": REASONS},
    ],
)
async def test_a_review_that_does_not_accept_says_why_and_only_then(
    body: dict[str, Any], shared_world: World
) -> None:
    filed = (await shared_world.file(await published(shared_world, CONTROLLED))).ok()
    (await act(shared_world, filed["id"], "review", body)).refused(422, "invalid")
    again = (await shared_world.as_("requester", "GET", f"/v1/applications/{filed['id']}")).ok()
    assert (again["state"], again["version"]) == ("filed", 1)


async def test_an_application_that_fails_the_review_is_closed_with_reasons(shared_world: World) -> None:
    filed = (await shared_world.file(await published(shared_world, CONTROLLED))).ok()
    body = {"accept": False, "reasons": REASONS, "opinion": "请修改后重新提交"}
    closed = (await act(shared_world, filed["id"], "review", body)).ok()
    assert (closed["state"], closed["review"]["reasons"]) == ("not_accepted", REASONS)
    assert "waiting" not in closed
    (await shared_world.as_("provider", "GET", f"/v1/applications/{filed['id']}")).refused(
        404, "no-such-application"
    )


@pytest.mark.parametrize("left_out", ["reason", "explanation", "sign_off"])
async def test_a_refusal_without_reason_or_sign_off_is_none(left_out: str, shared_world: World) -> None:
    application = await accepted(shared_world, await published(shared_world, CONTROLLED))
    body = {name: value for name, value in REFUSAL.items() if name != left_out}
    problem = (await act(shared_world, application, "refuse", body)).refused(422, "invalid")
    assert problem["errors"][0]["pointer"] == f"/{left_out}"


async def test_a_refusal_is_shown_with_its_reason_and_gives_no_grant(shared_world: World) -> None:
    application = await accepted(shared_world, await published(shared_world, CONTROLLED))
    refused = (await act(shared_world, application, "refuse", REFUSAL)).ok()
    assert refused["state"] == "refused"
    assert (refused["decision"]["reason"], refused["decision"]["explanation"]) == (
        REFUSAL["reason"],
        REFUSAL["explanation"],
    )
    assert "grant_id" not in refused


NARROWED = {
    "fields": ["name"], "daily_quota": 7, "parameters": {"uscc": {"prefix": "11621"}},
}  # fmt: skip


async def test_an_approval_gives_less_and_says_what_it_does_not_give(shared_world: World) -> None:
    application = await accepted(shared_world, await published(shared_world, CONTROLLED))
    asked = form("x")
    approved = await shared_world.approve(application, **NARROWED, valid_until=asked["valid_from"])
    assert approved["decision"]["not_granted"] == ["uscc"]
    assert approved["decision"]["narrowed"] == {**NARROWED, "valid_until": asked["valid_from"]}
    grant = (await shared_world.as_("requester", "GET", f"/v1/grants/{approved['grant_id']}")).ok()
    assert grant["terms"] == {
        **NARROWED,
        "valid_from": asked["valid_from"],
        "valid_until": asked["valid_from"],
        "rules": {"case_required": False, "operator_required": False, "masked": [], "provider_errors": False},
    }


@pytest.mark.parametrize(
    ("narrowed", "pointer"),
    [
        ({"fields": ["name", "capital"]}, "/narrowed/fields/1"),
        ({"fields": ["no_such"]}, "/narrowed/fields/0"),
        ({"fields": []}, "/narrowed/fields"),
        ({"fields": ["name", "name"]}, "/narrowed"),
        ({"daily_quota": 101}, "/narrowed/daily_quota"),
        ({"daily_quota": 0}, "/narrowed/daily_quota"),
        ({"valid_until": "2099-12-31"}, "/narrowed/valid_until"),
        ({"valid_until": "2000-01-01"}, "/narrowed/valid_until"),
        ({"parameters": {"region": {"prefix": "6"}}}, "/narrowed/parameters/region"),
        ({"parameters": {"uscc": {"values": ["1"]}}}, "/narrowed/parameters/uscc/values/0"),
        ({"purpose": "other"}, "/narrowed/purpose"),
        ({"valid_from": "2000-01-01"}, "/narrowed/valid_from"),
    ],
)
async def test_an_approval_that_gives_more_is_refused_at_its_place(
    narrowed: dict[str, Any], pointer: str, shared_world: World
) -> None:
    application = await accepted(shared_world, await published(shared_world, CONTROLLED))
    body = {"narrowed": narrowed, "sign_off": sign_off()}
    problem = (await act(shared_world, application, "approve", body)).refused(422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    shown = (await shared_world.as_("provider", "GET", f"/v1/applications/{application}")).ok()
    assert shown["state"] == "accepted"


@pytest.mark.parametrize("after", ["filed", "accepted"])
async def test_a_requester_takes_an_open_application_back(after: str, shared_world: World) -> None:
    resource = await published(shared_world, CONTROLLED)
    filed = (await shared_world.file(resource)).ok()
    if after == "accepted":
        await shared_world.accept(filed["id"])
    withdrawn = (await act(shared_world, filed["id"], "withdraw", WHY)).ok()
    assert withdrawn["state"] == "withdrawn"
    assert not any(clock["state"] in ("running", "overdue") for clock in withdrawn["clocks"])
    (await act(shared_world, filed["id"], "withdraw", WHY)).refused(409, "application-not-in-state")
    seen = await shared_world.as_("provider", "GET", f"/v1/applications/{filed['id']}")
    assert seen.status == (200 if after == "accepted" else 404)


STEPS: dict[str, Any] = {
    "review": {"accept": True},
    "provide": None,
    "approve": {"sign_off": sign_off()},
    "refuse": REFUSAL,
    "withdraw": WHY,
}
CLOSED = {"not_accepted": ("review", {"accept": False, "reasons": REASONS}), "refused": ("refuse", REFUSAL)}


@pytest.mark.parametrize("state", ["approved", "refused", "withdrawn", "not_accepted"])
async def test_nothing_moves_a_closed_application(state: str, shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    application = str((await world.file(resource)).ok()["id"])
    if state != "not_accepted":
        await world.accept(application)
    ways: dict[str, tuple[str, Any]] = {
        "approved": ("approve", STEPS["approve"]), "withdrawn": ("withdraw", WHY), **CLOSED,
    }  # fmt: skip
    closed = (await act(world, application, *ways[state])).ok()
    for step, body in STEPS.items():
        expected = (
            (404, "no-such-application")
            if state == "not_accepted" and step in ("approve", "refuse")
            else (409, "application-not-in-state")
        )
        (await act(world, application, step, body)).refused(*expected)
    again = (await world.as_("requester", "GET", f"/v1/applications/{application}")).ok()
    assert (again["state"], again["version"]) == (state, closed["version"])


async def test_departments_that_are_no_party_learn_nothing(shared_world: World) -> None:
    world = shared_world
    await world.org("91350100M000100Y43", "其他单位")
    await world.person("outsider", "91350100M000100Y43", "requester", "provider")
    application = await accepted(world, await published(world, CONTROLLED))
    grant = (await world.approve(application))["grant_id"]
    for path in (f"/v1/applications/{application}", f"/v1/grants/{grant}"):
        assert (await world.as_("outsider", "GET", path)).status == 404
        for login in ("requester", "provider", "platform-admin", "security-admin", "auditor"):
            (await world.as_(login, "GET", path)).ok()
    for kind in ("applications", "grants"):
        assert (await world.as_("outsider", "GET", f"/v1/{kind}")).ok()["items"] == []
    for step in ("approve", "refuse", "withdraw"):
        (await act(world, application, step, STEPS[step], "outsider")).refused(404, "no-such-application")


async def test_no_grant_is_issued_for_what_was_withdrawn_meanwhile(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    application = await accepted(world, resource)
    (await world.as_("provider", "POST", f"/v1/resources/{resource}/withdraw", WHY)).ok()
    (await act(world, application, "approve", STEPS["approve"])).refused(409, "resource-not-in-state")
    (await act(world, application, "refuse", REFUSAL)).ok()
