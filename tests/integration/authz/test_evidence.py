"""Every step leaves one record, each record names its cause, and without a record there is no step."""

import hashlib
from collections import Counter
from typing import Any

import pytest
from applying import REASONS, REFUSAL, WHY, accepted, act, published
from ledgers import said
from makes import CONTROLLED, UNCONTROLLED
from providers import raw_provider
from refusals import refusing
from services import GOOD, granted_service
from world import World, form, sign_off, suspending

APPROVAL = {"sign_off": sign_off()}


async def test_the_chain_of_causes_leads_from_a_released_answer_back_to_the_draft(
    shared_world: World, shared_database: Any
) -> None:
    async with raw_provider(GOOD) as provider:
        service = await granted_service(shared_world, provider)
        answer = await service.call()
    await shared_world.integrated()
    owner = await shared_database.owner()
    stored = {
        str(row["event_id"]): row["event"]
        for row in await owner.fetch("SELECT event_id, audit.event_of(ledger) AS event FROM audit.ledger")
    }
    await owner.close()
    way, at = [], answer.headers["Receipt-Id"]
    while True:
        event = said(stored[at])
        way.append(event["type"])
        if "cause" not in event:
            break
        (cause,) = event["cause"]
        assert cause["sha256"] == hashlib.sha256(stored[cause["id"]]).hexdigest()
        at = cause["id"]
    assert way == [
        "call.released",
        "call.intended",
        "grant.issued",
        "application.approved",
        "application.accepted",
        "application.filed",
        "resource.published",
        "resource.submitted",
        "resource.cleared",
        "resource.mounted",
        "resource.drafted",
    ]


ENDS: dict[str, list[tuple[str, Any]]] = {
    "provided": [("review", {"accept": True}), ("provide", None)],
    "approved": [("review", {"accept": True}), ("approve", APPROVAL)],
    "refused": [("review", {"accept": True}), ("refuse", REFUSAL)],
    "not_accepted": [("review", {"accept": False, "reasons": REASONS})],
    "withdrawn": [("review", {"accept": True}), ("withdraw", WHY)],
}


@pytest.mark.parametrize("end", ENDS)
async def test_every_step_leaves_exactly_one_record(end: str, shared_world: World) -> None:
    resource = await published(shared_world, UNCONTROLLED if end == "provided" else CONTROLLED)
    filed = (await shared_world.file(resource)).ok()
    shown = filed
    for step, body in ENDS[end]:
        shown = (await act(shared_world, filed["id"], step, body)).ok()
    events = await shared_world.audit(application_id=filed["id"])
    steps = [event for event in events if event["type"].startswith("application.")]
    assert [event["type"].removeprefix("application.") for event in steps] == [
        "filed", *(["accepted"] if len(ENDS[end]) > 1 else []), end,
    ]  # fmt: skip
    assert [int(event["object"]["version"]) for event in steps] == list(range(1, len(steps) + 1))
    assert shown["version"] == len(steps)
    assert shown["audit_id"] == steps[-1]["id"]
    assert [event["cause"][0]["id"] for event in steps[1:]] == [event["id"] for event in steps[:-1]]
    assert Counter(event["type"] for event in events)["grant.issued"] == (end in ("approved", "provided"))


STEPS: list[tuple[str, str, Any]] = [
    ("application.accepted", "review", {"accept": True}),
    ("application.not_accepted", "review", {"accept": False, "reasons": REASONS}),
    ("application.approved", "approve", APPROVAL),
    ("grant.issued", "approve", APPROVAL),
    ("application.refused", "refuse", REFUSAL),
    ("application.withdrawn", "withdraw", WHY),
]


@pytest.mark.parametrize(("kind", "step", "body"), STEPS, ids=[row[0] for row in STEPS])
async def test_a_step_that_cannot_be_recorded_is_not_taken(
    kind: str, step: str, body: Any, shared_world: World, shared_database: Any
) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    application = (
        (await world.file(resource)).ok()["id"] if step == "review" else await accepted(world, resource)
    )
    path = f"/v1/applications/{application}"
    before = (await world.as_("requester", "GET", path)).ok()
    async with refusing(shared_database, kind):
        answer = await act(world, application, step, body)
    answer.refused(503, "audit-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert (await world.as_("requester", "GET", path)).ok() == before
    (await act(world, application, step, body)).ok()


async def test_an_application_that_cannot_be_recorded_is_not_filed(
    shared_world: World, shared_database: Any
) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    key = {"Idempotency-Key": "once-more"}
    async with refusing(shared_database, "application.filed"):
        answer = await world.as_("requester", "POST", "/v1/applications", form(resource), headers=key)
        answer.refused(503, "audit-unavailable")
    items = (await world.as_("requester", "GET", "/v1/applications?limit=200")).ok()["items"]
    assert resource not in {item["resource_id"] for item in items}
    (await world.as_("requester", "POST", "/v1/applications", form(resource), headers=key)).ok()


@pytest.mark.parametrize(
    ("kind", "act"),
    [("grant.suspended", "suspend"), ("grant.revoked", "revoke"), ("resource.withdrawn", "withdraw")],
)
async def test_what_is_taken_back_without_a_record_stays_in_force(
    kind: str, act: str, shared_world: World, shared_database: Any
) -> None:
    async with raw_provider(GOOD) as provider:
        service = await granted_service(shared_world, provider)
        path = f"/v1/resources/{service.resource}" if act == "withdraw" else f"/v1/grants/{service.grant}"
        await shared_world.consulted(service.grant)
        body = suspending() if act == "suspend" else WHY
        async with refusing(shared_database, kind):
            body = {**WHY, "ground": "security"} if act == "withdraw" else body
            answer = await shared_world.as_("provider", "POST", f"{path}/{act}", body)
        answer.refused(503, "audit-unavailable")
        (await service.call()).ok()
