"""From the response of a real call back to the catalogue entry, and from the grant forward to every call."""

from typing import Any
from uuid import uuid4

from ledgers import an_event
from providers import raw_provider
from services import GOOD, granted_service
from world import PROVIDER, World

from gateway.audit import Who
from gateway.audit.chain.service import Chains
from gateway.storage import Zone


async def test_a_response_is_traced_to_the_catalogue_entry_and_a_grant_to_its_calls(
    shared_world: World,
) -> None:
    world = shared_world
    async with raw_provider(GOOD) as provider:
        service = await granted_service(world, provider)
        for _ in range(2):
            (await world.call(service.token, service.name, {"parameters": {"uscc": PROVIDER}})).ok()
    await world.integrated()

    async def chain(event_id: str, more: str = "") -> Any:
        path = f"/v1/audit/events/{event_id}/chain{more}"
        return (await world.as_("auditor", "GET", path)).ok()

    released = (await world.audit(grant_id=service.grant, type="call.released"))[0]
    found = await chain(released["id"])
    back = [(step["distance"], step["record"]["event"]["type"]) for step in found["back"]]
    assert back[:2] == [(1, "call.intended"), (2, "grant.issued")]
    kinds = [kind for _, kind in back]
    assert {"application.approved", "application.accepted", "application.filed", "resource.published"} < set(
        kinds
    )
    assert (
        kinds.index("application.approved")
        < kinds.index("application.filed")
        < kinds.index("resource.published")
    )
    assert kinds[-1] == "resource.drafted"
    assert found["whole"]
    assert {link["state"] for step in (found["start"], *found["back"]) for link in step["links"]} == {"holds"}

    (issued,) = await world.audit(grant_id=service.grant, type="grant.issued")
    forward: list[Any] = []
    page = await chain(issued["id"], "?limit=3")
    while True:
        forward += page["forward"]
        if not page.get("next_cursor"):
            break
        page = await chain(issued["id"], f"?limit=3&cursor={page['next_cursor']}")
    calls = [step for step in forward if step["record"]["event"]["type"].startswith("call.")]
    assert [step["record"]["event"]["type"] for step in calls] == ["call.intended", "call.released"] * 2
    assert all(step["follows"] for step in calls)
    places = [step["record"]["idx"] for step in forward]
    assert places == sorted(set(places))

    missing = f"/v1/audit/events/{uuid4()}/chain"
    (await world.as_("auditor", "GET", missing)).refused(404, "no-such-record")
    (await world.as_("provider", "GET", missing)).refused(403, "role-missing")


async def test_a_changed_cause_is_told_by_the_chain(
    database: Any, writing: Any, integrate: Any, owner: Any
) -> None:
    async with writing() as log:
        first = await log.append(an_event())
        second = await log.append(an_event(cause=(first.cause,)))
    await integrate()
    asked: list[Any] = []

    async def record(event: Any) -> Any:
        asked.append(event.detail)

    chains = Chains(await database.open(Zone.READER), record)
    assert (await chains.walk(Who("person", "zhao-min"), second.event_id)).is_whole
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("UPDATE audit.ledger SET rest = rest || ' ' WHERE idx = 0")
    found = await chains.walk(Who("person", "zhao-min"), second.event_id)
    assert [link.state for link in found.start.links] == ["differs"]
    assert not found.is_whole
    assert asked == [{"chain": str(second.event_id), "found": 2}] * 2
