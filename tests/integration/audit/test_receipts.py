"""Every answer that left a record names it, and whoever may have its receipt can show the record to others offline."""

import asyncio
import base64
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
import pytest
from ledgers import INSERT, event_bytes
from receipts import SEEN_AT, WITNESS, WITNESS_KEY
from world import CONSUMER, PLATFORM, PROVIDER, Answer, World, another, http_mount, provider_service

from gateway.audit import Written
from gateway.audit.errors import ReceiptBroken
from gateway.audit.receipts.inline import InlineReceipts
from gateway.audit.receipts.making import receipt_of
from gateway.audit.record import stub_at
from gateway.audit.rollover.model import log_signer
from gateway.audit.store import find_record
from gateway.cli.audit_trust import policy_text
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.notes import cosigned_note
from gateway.proof.policy import Policy, read_policy
from gateway.proof.receipts import Receipt, check_body, verify_receipt
from gateway.settings import Settings
from gateway.storage import Zone


async def receipt(world: World, login: str, record: str) -> Answer:
    """The answer about a receipt once it is no longer pending."""
    async with asyncio.timeout(30):
        while True:
            answer = await world.as_(login, "GET", f"/v1/audit/receipts/{record}")
            if answer.status != HTTPStatus.ACCEPTED:
                return answer
            assert answer.headers["Retry-After"] == "1"
            assert answer.body == {"state": "pending"}
            await asyncio.sleep(0.02)


def trusted(database: Any) -> Policy:
    return read_policy(policy_text([str(log_signer(PLATFORM, database.master_key).key)], Settings()).encode())


async def checked(world: World, database: Any, login: str, record: str) -> Receipt:
    answer = await receipt(world, login, record)
    assert answer.status == HTTPStatus.OK, answer.body
    assert f'filename="{record}.tlog-proof"' in answer.headers["Content-Disposition"]
    return verify_receipt(answer.body, trusted(database))


async def test_a_calls_receipt_shows_what_was_answered_to_both_departments_and_auditors(
    shared_world: World, shared_database: Any
) -> None:
    world, described = shared_world, another()
    async with provider_service() as (base, _):
        await world.granted(await world.publish(described, http_mount(base)))
        token = await world.access_token("registration", described["service"])
        answer = await world.call(token, described["service"], {"parameters": {"uscc": PROVIDER}})
        refused = await world.call(token, described["service"], {"parameters": {"uscc": "none"}})
    record = answer.headers["Audit-Id"]
    assert record == answer.headers["Receipt-Id"]
    for login in ("requester", "provider", "auditor"):
        found = await checked(world, shared_database, login, record)
        content = found.content()
        assert content is not None
        assert (content["id"], content["type"]) == (record, "call.released")
        assert (found.stub.consumer_org, found.stub.provider_org) == (CONSUMER, PROVIDER)
    check_body(found, orjson.dumps(answer.ok()), bytes.fromhex(answer.headers["Receipt-Nonce"]))
    ended = (await checked(world, shared_database, "requester", refused.headers["Audit-Id"])).content()
    assert ended is not None
    assert ended["outcome"] != "allow"


async def test_a_caller_gets_the_receipt_with_the_answer_if_it_asks_for_it(
    shared_world: World, shared_database: Any
) -> None:
    world, described = shared_world, another()
    async with provider_service() as (base, _):
        await world.granted(await world.publish(described, http_mount(base)))
        token = await world.access_token("registration", described["service"])
        at, body = f"{world.exchange}/services/{described['service']}", {"parameters": {"uscc": PROVIDER}}
        plain, asked, wrong = [
            await world.send("POST", at, token=token, json=body, headers={"Prefer": prefer})
            for prefer in ("wait=1, receipts", "wait=1, Receipt=Inline", "receipt")
        ]
    for answer in (plain, wrong):
        answer.ok()
        assert "Audit-Receipt" not in answer.headers
        assert "Preference-Applied" not in answer.headers
    assert asked.headers["Preference-Applied"] == "receipt=inline"
    found = verify_receipt(base64.b64decode(asked.headers["Audit-Receipt"]), trusted(shared_database))
    check_body(found, orjson.dumps(asked.ok()), bytes.fromhex(asked.headers["Receipt-Nonce"]))
    assert (found.content() or {})["id"] == asked.headers["Audit-Id"]


async def test_an_answer_does_not_wait_for_a_receipt_for_ever(database: Any) -> None:
    exchange = await database.open(Zone.EXCHANGE)
    waiting = InlineReceipts(exchange, witnessed=True)
    assert await waiting.headers(Written(new_id(), bytes(32), event_bytes(0))) == {}


async def test_a_receipt_is_for_its_departments_for_auditors_and_for_who_acted(
    shared_world: World, shared_database: Any
) -> None:
    world, login = shared_world, f"reader-{uuid4().hex[:8]}"
    made = await world.as_("security-admin", "POST", "/v1/people",
                           {"login": login, "name": "某", "org": CONSUMER, "roles": ["requester"]})  # fmt: skip
    record = made.headers["Audit-Id"]
    assert made.status == HTTPStatus.CREATED
    content = (await checked(world, shared_database, "security-admin", record)).content()
    assert content is not None
    assert content["type"] == "person.registered"
    await checked(world, shared_database, "auditor", record)
    hidden = await receipt(world, "provider", record)
    absent = await receipt(world, "provider", str(uuid4()))
    assert hidden.refused(404, "no-such-record")["title"] == absent.refused(404, "no-such-record")["title"]
    asked = await world.audit(type="audit.queried")
    assert {one["detail"]["found"] for one in asked if one["detail"].get("receipt") == record} == {0, 1}


async def test_a_refusal_by_role_names_its_record_and_a_reading_its_own(
    shared_world: World, shared_database: Any
) -> None:
    refused = await shared_world.as_("requester", "GET", "/v1/audit/events")
    assert refused.status == HTTPStatus.FORBIDDEN
    found = (await checked(shared_world, shared_database, "requester", refused.headers["Audit-Id"])).content()
    assert found is not None
    assert found["type"] == "access.refused"
    asked = await shared_world.as_("auditor", "GET", "/v1/audit/events?limit=1")
    found = (await checked(shared_world, shared_database, "auditor", asked.headers["Audit-Id"])).content()
    assert found is not None
    assert found["type"] == "audit.queried"
    silent = await shared_world.as_("requester", "GET", "/v1/resources")
    assert "Audit-Id" not in silent.headers


async def witnessed(owner: Any, note: bytes) -> None:
    """A witness cosigned the checkpoint of four records, and that is a quorum."""
    line = cosigned_note(note, WITNESS_KEY.name, WITNESS, SEEN_AT)[len(note) :]
    await owner.execute("INSERT INTO audit.cosignature VALUES (4, 'tianshui', $1, $2)", line, SEEN_AT)
    await owner.execute("INSERT INTO audit.reached VALUES ('unwitnessed', 4, now())")


async def test_no_receipt_is_given_of_a_record_that_is_not_the_one_that_was_signed(
    owner: Any, integrate: Any, database: Any
) -> None:
    event = event_bytes(3)
    await owner.execute(
        INSERT, new_id(),
        [event_bytes(0), event_bytes(1), event_bytes(2), event],
    )  # fmt: skip
    await integrate()
    record = await find_record(
        owner, (await owner.fetchval("SELECT event_id FROM audit.ledger WHERE idx = 2"))
    )
    assert record is not None
    head = await owner.fetchrow("SELECT size, root FROM audit.head ORDER BY size DESC LIMIT 1")

    signer = log_signer(PLATFORM, bytes(32))
    note = signer.sign(Checkpoint(signer.name, head["size"], head["root"]).text)
    await owner.execute("INSERT INTO audit.checkpoint (size, note, signed_at) VALUES (4, $1, now())", note)
    reader = await database.open(Zone.READER)
    async with reader.connection() as connection:
        with pytest.raises(ReceiptBroken):
            await receipt_of(connection, 2, b"x" * 101, event, witnessed=False)
        assert await receipt_of(connection, 2, b"x" * 101, event, witnessed=True) is None
        await witnessed(owner, note)
        stub = stub_at(2, record.recorded_at, record.columns, record.cseq, record.pseq, record.event)
        made = await receipt_of(connection, 2, stub, record.event, witnessed=True)
        assert made is not None
        policy = f"log {signer.key}\nwitness tianshui {WITNESS_KEY}\nquorum tianshui\n".encode()
        assert verify_receipt(made, read_policy(policy)).witnessed.cosigned == (("tianshui", SEEN_AT),)
        assert await receipt_of(connection, 4, b"x" * 101, event, witnessed=False) is None
