"""授权同意: where a resource asks for it, each call names the consent of the person it is about; it is bound and recorded."""

import hashlib
from typing import Any

import orjson
from batches import Batch
from providers import RawProvider
from services import granted_service
from world import PROVIDER, World

REFERENCE = "TY-2026-0001"


async def test_a_call_without_the_consent_the_resource_asks_for_is_refused_and_one_with_it_says_so_for_ever(
    shared_world: World, provider: RawProvider
) -> None:
    service = await granted_service(shared_world, provider, {"consent_required": True})
    refused = await service.call()
    refused.refused(403, "consent-missing")
    assert [event["reason"] for event in await service.events(refused)] == ["consent-missing"]
    (await service.call(consent="同意书")).refused(422, "invalid")
    by_query = f"{shared_world.exchange}/services/{service.name}?uscc={PROVIDER}"
    (await shared_world.send("GET", by_query, token=service.token)).refused(403, "consent-missing")
    assert provider.connections == 0

    answer = await service.call(consent=REFERENCE)
    answer.ok()
    intended: dict[str, Any] = (await service.events(answer))[0]["detail"]
    assert intended["consent"] == REFERENCE
    asked = {
        "case": None, "consent": REFERENCE, "fields": None, "matter": None, "operator": None,
        "parameters": {"uscc": PROVIDER},
    }  # fmt: skip
    nonce = bytes.fromhex(intended["nonce"])
    said = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    assert intended["request"] == hashlib.sha256(nonce + said).hexdigest()


async def test_nobody_can_consent_for_a_whole_list(shared_world: World, provider: RawProvider) -> None:
    service = await granted_service(shared_world, provider, {"consent_required": True})
    batch = Batch(shared_world, service.token, service.name)
    assert (await batch.order([{"uscc": PROVIDER}])).refused(403, "consent-missing")["row"] == 1


async def test_a_consent_nobody_asked_for_is_recorded_all_the_same(
    shared_world: World, provider: RawProvider
) -> None:
    service = await granted_service(shared_world, provider)
    answer = await service.call(consent=REFERENCE)
    answer.ok()
    assert (await service.events(answer))[0]["detail"]["consent"] == REFERENCE
    plain = await service.call()
    assert "consent" not in (await service.events(plain))[0]["detail"]
