"""Receipts of calls: from the audit record alone, sealed when asked for, to the parties of the call."""

import hashlib
import json

import asyncpg
from providers import raw_provider
from services import GOOD, granted_service
from world import CONSUMER, OTHER, PROVIDER, World, running_world

from gateway.cli.receipt import check
from gateway.seals.sm2 import Sm2
from gateway.seals.statement import read_statement
from gateway.seals.statement_keys import accepted_keys


async def test_a_receipt_says_what_was_called_and_opens_on_the_answer_s_bytes(shared_world: World) -> None:
    world = shared_world
    async with raw_provider(GOOD) as provider:
        service = await granted_service(world, provider)
        url = f"{world.exchange}/services/{service.name}"
        body = {"parameters": {"uscc": PROVIDER}, "matter": "000114005000", "case": "2026-0001"}
        headers = {"Authorization": f"Bearer {service.token}"}
        async with world.session.post(url, json=body, headers=headers) as answer:
            raw, receipt_id, nonce = (
                await answer.read(),
                answer.headers["Receipt-Id"],
                answer.headers["Receipt-Nonce"],
            )
    await world.integrated()
    path = f"/v1/receipts/{receipt_id}"
    sealed = (await world.as_("requester", "GET", path)).ok()
    keys = accepted_keys((await world.as_(None, "GET", "/.well-known/seal-keys.json")).ok()["keys"])
    document = json.dumps(sealed).encode()
    assert check(document, keys, Sm2(), raw).verdict == "valid"
    other = check(document, keys, Sm2(), raw + b" ")
    assert (other.verdict, other.rule) == ("invalid", "answer")
    said = read_statement(document).content
    call = said["call"]
    assert (call["service"], call["grant_id"], call["client"]) == (
        service.name,
        service.grant,
        "registration",
    )
    assert (call["consumer_org"], call["provider_org"]) == (CONSUMER, PROVIDER)
    assert (call["matter"], call["case"]) == ("000114005000", "2026-0001")
    assert (call["fields"], call["parameters"]) == (["uscc", "name"], ["uscc"])
    assert said["answer"]["nonce"] == nonce
    assert said["answer"]["bytes"] == len(raw)
    assert said["released"]["idx"] > said["intended"]["idx"]
    assert "示例企业" not in json.dumps(said, ensure_ascii=False)
    (event,) = await world.audit(grant_id=service.grant, type="receipt.issued")
    assert event["detail"]["payload_sha256"] == hashlib.sha256(sealed["payload"].encode()).hexdigest()
    assert event["object"]["id"] == receipt_id
    (await world.as_("provider", "GET", path)).ok()
    await world.org(OTHER, "民政局")
    await world.person("onlooker", OTHER, "requester")
    (await world.as_("onlooker", "GET", path)).refused(404, "no-such-receipt")
    (await world.as_("requester", "GET", f"/v1/receipts/{said['intended']['id']}")).refused(
        404, "no-such-receipt"
    )


async def test_a_long_answer_has_a_receipt_too_found_by_its_request(shared_world: World) -> None:
    world = shared_world
    async with raw_provider(GOOD) as provider:
        service = await granted_service(world, provider)
        url, headers = f"{world.exchange}/services/{service.name}", {"Accept": "application/x-ndjson"}
        body = {"parameters": {"uscc": PROVIDER}}
        answer = await world.send("POST", url, token=service.token, headers=headers, json=body)
    assert answer.status == 200
    assert "Receipt-Id" not in answer.headers
    await world.integrated()
    path = f"/v1/receipts/{answer.headers['Request-Id']}"
    sealed = (await world.as_("requester", "GET", path)).ok()
    keys = accepted_keys((await world.as_(None, "GET", "/.well-known/seal-keys.json")).ok()["keys"])
    document = json.dumps(sealed).encode()
    assert check(document, keys, Sm2(), answer.body).verdict == "valid"
    assert check(document, keys, Sm2(), answer.body + b"\n").rule == "answer"
    said = read_statement(document).content
    assert said["call"]["request_id"] == answer.headers["Request-Id"]
    assert said["answer"]["nonce"] == answer.headers["Receipt-Nonce"]
    (event,) = await world.audit(grant_id=service.grant, type="receipt.issued")
    assert event["object"]["id"] == said["receipt_id"]
    refused = await world.send("POST", url, token=service.token, headers=headers, json={"parameters": {}})
    await world.integrated()
    path = f"/v1/receipts/{refused.headers['Request-Id']}"
    (await world.as_("requester", "GET", path)).refused(404, "no-such-receipt")


async def test_a_record_that_was_changed_in_the_database_is_not_sealed(database: object) -> None:
    async with running_world(database) as world, raw_provider(GOOD) as provider:
        service = await granted_service(world, provider)
        answer = await service.call()
        await world.integrated()
        owner = await asyncpg.connect(database.owner_dsn)  # type: ignore[attr-defined]
        try:
            await owner.execute("SET session_replication_role = replica")
            changed = await owner.execute(
                "UPDATE audit.ledger SET rest = convert_to("
                "replace(convert_from(rest, 'UTF8'), '\"records\":1', '\"records\":9'), 'UTF8') "
                "WHERE event_id = $1", answer.headers["Receipt-Id"],
            )  # fmt: skip
            assert changed == "UPDATE 1"
        finally:
            await owner.close()
        refusal = await world.as_("requester", "GET", f"/v1/receipts/{answer.headers['Receipt-Id']}")
        refusal.refused(503, "record-damaged")
