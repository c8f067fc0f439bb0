"""The platform's decisions under the gateway's seal: what they say, who gets them, that each leaves a record."""

import hashlib
import json
from typing import Any

from world import CONSUMER, OTHER, PLATFORM, PROVIDER, World, another, http_mount

from gateway.seals.sm2 import Sm2
from gateway.seals.statement import Statement, read_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys

DEAD = "http://127.0.0.1:9"


async def opened(world: World, sealed: dict[str, Any]) -> Statement:
    """The statement, once it verifies with the published keys."""
    published = (await world.as_(None, "GET", "/.well-known/seal-keys.json")).ok()
    found = read_statement(json.dumps(sealed).encode())
    verify_statement(found, accepted_keys(published["keys"]), Sm2())
    return found


async def seal_of(world: World, application: str, login: str = "requester") -> dict[str, Any]:
    await world.integrated()
    sealed = (await world.as_(login, "GET", f"/v1/applications/{application}/decision-seal")).ok()
    return (await opened(world, sealed)).content


async def test_acceptance_decision_and_grant_stand_under_one_seal(shared_world: World) -> None:
    world = shared_world
    resource = await world.publish(another(), http_mount(DEAD))
    filed = (await world.file(resource)).ok()["id"]
    path = f"/v1/applications/{filed}/decision-seal"
    (await world.as_("requester", "GET", path)).refused(409, "nothing-decided")
    await world.accept(filed)
    assert [act["act"] for act in (await seal_of(world, filed))["acts"]] == ["application.accepted"]
    grant = (await world.approve(filed, fields=["uscc"]))["grant_id"]
    said = await seal_of(world, filed, "provider")
    assert said["issuer"]["org"] == PLATFORM
    assert said["application"]["id"] == filed
    assert (said["application"]["consumer_org"], said["application"]["provider_org"]) == (CONSUMER, PROVIDER)
    acts = {act["act"]: act for act in said["acts"]}
    assert list(acts) == ["application.accepted", "application.approved", "grant.issued"]
    assert acts["application.accepted"]["by"] == {"role": "platform_admin", "org": PLATFORM}
    assert acts["application.approved"]["by"] == {"role": "provider", "org": PROVIDER}
    assert acts["application.approved"]["detail"]["decision"]["approved"] is True
    issued = acts["grant.issued"]
    assert issued["grant_id"] == grant
    assert issued["detail"]["terms"]["fields"] == ["uscc"]
    event = next(one for one in await world.audit(application_id=filed, type="grant.issued"))
    assert issued["record"]["id"] == event["id"]


async def test_a_refusal_is_sealed_with_its_reason(shared_world: World) -> None:
    world = shared_world
    resource = await world.publish(another(), http_mount(DEAD))
    filed = (await world.file(resource)).ok()["id"]
    reasons = [{"code": "scene_unclear", "text": "场景不明"}]
    review = {"accept": False, "reasons": reasons, "opinion": "请补充"}
    (await world.as_("platform-admin", "POST", f"/v1/applications/{filed}/review", review)).ok()
    (act,) = (await seal_of(world, filed))["acts"]
    assert act["act"] == "application.not_accepted"
    assert "场景不明" in json.dumps(act["detail"], ensure_ascii=False)


async def test_a_statement_names_no_person_by_login_or_address(shared_world: World) -> None:
    world = shared_world
    resource = await world.publish(another(), http_mount(DEAD))
    filed = (await world.file(resource)).ok()["id"]
    await world.accept(filed)
    said = json.dumps((await seal_of(world, filed))["acts"])
    assert "platform-admin" not in said
    assert "127.0.0.1" not in said


async def test_each_seal_leaves_a_record_with_what_was_sealed(shared_world: World) -> None:
    world = shared_world
    resource = await world.publish(another(), http_mount(DEAD))
    filed = (await world.file(resource)).ok()["id"]
    await world.accept(filed)
    await world.integrated()
    sealed = (await world.as_("auditor", "GET", f"/v1/applications/{filed}/decision-seal")).ok()
    (event,) = await world.audit(application_id=filed, type="decision.sealed")
    assert event["who"]["id"] == "auditor"
    assert event["detail"]["payload_sha256"] == hashlib.sha256(sealed["payload"].encode()).hexdigest()


async def test_a_department_that_is_no_party_gets_none(shared_world: World) -> None:
    world = shared_world
    resource = await world.publish(another(), http_mount(DEAD))
    filed = (await world.file(resource)).ok()["id"]
    await world.accept(filed)
    await world.org(OTHER, "民政局")
    await world.person("stranger", OTHER, "requester")
    path = f"/v1/applications/{filed}/decision-seal"
    (await world.as_("stranger", "GET", path)).refused(404, "no-such-application")


async def test_a_retired_key_still_verifies_what_it_sealed(shared_world: World) -> None:
    world = shared_world
    resource = await world.publish(another(), http_mount(DEAD))
    filed = (await world.file(resource)).ok()["id"]
    await world.accept(filed)
    await world.integrated()
    path = f"/v1/applications/{filed}/decision-seal"
    before = (await world.as_("requester", "GET", path)).ok()
    fresh = (await world.as_("security-admin", "POST", "/v1/seal-keys/rotate")).ok()["kid"]
    after = (await world.as_("requester", "GET", path)).ok()
    assert (await opened(world, after)).kid == fresh
    assert (await opened(world, before)).kid != fresh
    tokens = (await world.as_(None, "GET", "/.well-known/jwks.json")).ok()["keys"]
    assert fresh not in {key["kid"] for key in tokens}
