"""Two persons: whoever files does not review, provide or decide; of two decisions at once one counts."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from applying import REFUSAL, accepted, act, published
from makes import CONTROLLED, UNCONTROLLED
from world import CONSUMER, PLATFORM, PROVIDER, World, form, running_gateway, sign_off

APPROVAL = {"sign_off": sign_off()}


async def file_as(world: World, login: str, org: str, *roles: str, **changes: Any) -> str:
    """Somebody with further roles files an application of the own department."""
    if login not in world.tokens:
        await world.person(login, org, "requester", *roles)
        await world.client(f"{login}-system", org)
    resource = changes.pop("resource")
    body = form(resource, client=f"{login}-system", **changes)
    return str((await world.as_(login, "POST", "/v1/applications", body)).ok()["id"])


async def test_a_platform_administrator_does_not_review_or_provide_the_own_application(
    shared_world: World,
) -> None:
    world = shared_world
    resource = await published(world, UNCONTROLLED)
    one = await file_as(world, "clerk", PLATFORM, "platform_admin", resource=resource)
    (await act(world, one, "review", {"accept": True}, "clerk")).refused(403, "self-approval")
    await world.accept(one)
    (await act(world, one, "provide", login="clerk")).refused(403, "self-approval")
    (await act(world, one, "provide")).ok()


async def test_a_role_is_needed_for_every_step_and_a_refusal_for_lack_of_it_is_recorded(
    shared_world: World,
) -> None:
    world = shared_world
    filed = (await world.file(await published(world, CONTROLLED))).ok()["id"]
    for login, step, body in (
        ("provider", "review", {"accept": True}),
        ("requester", "review", {"accept": True}),
        ("security-admin", "review", {"accept": True}),
        ("platform-admin", "approve", APPROVAL),
        ("requester", "approve", APPROVAL),
        ("auditor", "refuse", REFUSAL),
        ("provider", "withdraw", {"reason": "不需要"}),
        ("provider", "provide", None),
    ):
        answer = await act(world, filed, step, body, login)
        answer.refused(403, "role-missing")
        (event,) = await world.audit(request_id=answer.headers["Request-Id"])
        assert (event["type"], event["who"]["id"]) == ("access.refused", login)


async def test_the_department_s_own_filer_does_not_decide(shared_world: World, shared_database: Any) -> None:
    """A person who moved from the applying to the providing department since: only the database's record tells."""
    world = shared_world
    filed = await file_as(world, "mover", CONSUMER, "provider", resource=await published(world, CONTROLLED))
    await world.accept(filed)
    owner = await shared_database.owner()
    await owner.execute("UPDATE identity.person SET org = $1 WHERE login = 'mover'", PROVIDER)
    await owner.close()
    for step, body in (("approve", APPROVAL), ("refuse", REFUSAL)):
        (await act(world, filed, step, body, "mover")).refused(403, "self-approval")
    (await act(world, filed, "approve", APPROVAL)).ok()


@pytest.mark.parametrize(
    ("column", "constraint"),
    [("reviewed_by", "a_reviewer_is_not_the_filer"), ("decided_by", "a_decider_is_not_the_filer")],
)
async def test_the_database_refuses_it_too(
    column: str, constraint: str, shared_world: World, shared_database: Any
) -> None:
    filed = (await shared_world.file(await published(shared_world, CONTROLLED))).ok()["id"]
    owner = await shared_database.owner()
    statement = f"UPDATE authz.application SET {column} = filed_by WHERE id = $1"  # noqa: S608  # a column of ours
    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await owner.execute(statement, UUID(filed))
    await owner.close()


@pytest.mark.parametrize(
    ("first", "second"),
    [("approve", "approve"), ("approve", "refuse"), ("approve", "withdraw"), ("refuse", "withdraw")],
)
async def test_of_two_decisions_at_once_one_counts(first: str, second: str, shared_world: World) -> None:
    world = shared_world
    bodies: dict[str, Any] = {"approve": APPROVAL, "refuse": REFUSAL, "withdraw": {"reason": "不再需要"}}
    application = await accepted(world, await published(world, CONTROLLED))
    answers = await asyncio.gather(
        *(act(world, application, step, bodies[step]) for step in (first, second) * 4)
    )
    assert sorted(answer.status for answer in answers) == [200, *[409] * 7]
    won = next(answer for answer in answers if answer.status == 200).body
    shown = (await world.as_("requester", "GET", f"/v1/applications/{application}")).ok()
    assert (shown["state"], shown["version"]) == (won["state"], 3)
    types = [event["type"] for event in await world.audit(application_id=application)]
    assert types == [
        "application.filed",
        "application.accepted",
        f"application.{won['state']}",
        *(["grant.issued"] if won["state"] == "approved" else []),
    ]


async def test_of_fifty_reviews_at_once_one_counts(shared_database: Any, shared_world: World) -> None:
    """At a gateway that lets each wait for a connection as long as it takes: they go one after the other."""
    world = shared_world
    filed = (await world.file(await published(world, CONTROLLED))).ok()["id"]
    patient = {"connect_seconds": 60, "statement_timeout_seconds": 60}
    named = {"platform": {"base_url": world.gateway.issuer}}
    async with running_gateway(shared_database, storage=patient, **named) as (gateway, _):
        at = replace(world, gateway=gateway)
        await at.token_of("platform-admin")
        answers = await asyncio.gather(*(act(at, filed, "review", {"accept": True}) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [200, *[409] * 49]


async def test_an_application_has_one_grant_whatever_is_written(
    shared_world: World, shared_database: Any
) -> None:
    application = await accepted(shared_world, await published(shared_world, CONTROLLED))
    grant = (await shared_world.approve(application))["grant_id"]
    owner = await shared_database.owner()
    with pytest.raises(asyncpg.UniqueViolationError, match="one_grant_per_application"):
        await owner.execute(
            """
            INSERT INTO authz.data_grant (id, application_id, consumer_org, provider_org, client_id, resource_id, service,
                purpose, terms, daily_quota, valid_from, valid_until, state, version, issued_at, event_id, event_digest)
            SELECT $1, application_id, consumer_org, provider_org, client_id, resource_id, service,
                purpose, terms, daily_quota, valid_from, valid_until, state, version, issued_at, event_id, event_digest
            FROM authz.data_grant WHERE id = $2
            """,
            uuid4(),
            UUID(grant),
        )
    await owner.close()
