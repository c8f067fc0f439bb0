"""Personal detail in real records: sealed when written, opened with a reason, shredded with its key."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledgers import an_event
from world import PROVIDER, World, another, http_mount, provider_service

from gateway.audit import AuditLog, EventType
from gateway.audit.privacy.keys import WritingKeys
from gateway.audit.privacy.model import Sealed, SubjectKind
from gateway.names import new_id
from gateway.proof.detail import open_detail
from gateway.settings import Audit
from gateway.storage import Zone

UNSAFE = Audit(allow_unsafe_durability=True)
WHY = {"reason": "核查投诉 12345"}


@pytest.fixture
async def called(world: World) -> dict[str, Any]:
    """The two records of a call about a firm, asked for by somebody at a counter."""
    async with provider_service() as (base, _):
        answer = await _call(world, base)
    events = await world.audit(request_id=answer.headers["Request-Id"])
    return {event["type"]: event for event in events}


async def _call(world: World, base: str) -> Any:
    described = another()
    await world.granted(await world.publish(described, http_mount(base)))
    token = await world.access_token("registration", described["service"])
    asked = {"parameters": {"uscc": PROVIDER}, "operator": "李四"}
    answer = await world.call(token, described["service"], asked)
    answer.ok()
    return answer


async def open_as_auditor(world: World, event_id: str) -> Any:
    return await world.as_("auditor", "POST", f"/v1/audit/events/{event_id}/openings", WHY)


async def test_who_asked_is_sealed_and_opens_for_an_auditor_with_a_reason(
    world: World, called: dict[str, Any], owner: asyncpg.Connection
) -> None:
    intended = called["call.intended"]
    stored = await owner.fetch("SELECT audit.event_of(ledger) AS event FROM audit.ledger")
    for name in ("李四", "王某"):  # who asked, and who signed the decision off
        assert not [row for row in stored if name.encode() in row["event"]], name

    opened = (await open_as_auditor(world, intended["id"])).ok()
    assert opened["personal"] == {"operator": "李四"}
    assert opened["key"] == intended["personal"]["key"]
    assert opened["key"].endswith(f"/{PROVIDER}")

    offline = open_detail(
        bytes.fromhex(opened["opening"]), UUID(intended["id"]), Sealed.read(intended["personal"]).content
    )
    assert json.loads(offline) == {"operator": "李四"}

    [record] = await world.audit(type="personal.opened")
    assert (record["who"]["id"], record["detail"]["reason"]) == ("auditor", WHY["reason"])
    assert record["cause"][0]["id"] == intended["id"]
    assert "李四" not in json.dumps(record, ensure_ascii=False)


async def test_who_signed_a_decision_off_is_sealed_and_its_terms_are_not(
    world: World, called: dict[str, Any]
) -> None:
    [approved] = await world.audit(type="application.approved")
    assert "sign_off" not in approved["detail"]["decision"]
    assert approved["detail"]["decision"]["approved"] is True
    opened = (await open_as_auditor(world, approved["id"])).ok()
    assert opened["personal"]["sign_off"]["name"] == "王某"


async def test_a_destroyed_key_shreds_the_detail_and_leaves_the_record(
    world: World, called: dict[str, Any], owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "UPDATE audit_keys.secret SET wrapped = NULL, destroyed_at = now() WHERE kind = 'detail'"
    )
    answer = await open_as_auditor(world, called["call.intended"]["id"])
    answer.refused(409, "personal-detail-destroyed")
    shown = (await world.as_("auditor", "GET", f"/v1/audit/events/{called['call.intended']['id']}")).ok()
    assert shown["event"] == called["call.intended"]


async def test_only_records_with_personal_detail_open(world: World, called: dict[str, Any]) -> None:
    (await open_as_auditor(world, called["call.released"]["id"])).refused(404, "no-personal-detail")
    (await open_as_auditor(world, str(new_id()))).refused(404, "no-such-record")


async def test_a_subject_is_found_by_the_real_number_which_is_kept_nowhere(
    world: World, called: dict[str, Any], owner: asyncpg.Connection
) -> None:
    asked = {"kind": "org_code", "number": PROVIDER, "reason": "信访核查"}
    found = (await world.as_("auditor", "POST", "/v1/audit/subjects", asked)).ok()["pseudonyms"]
    assert [one["subject"] for one in found] == [called["call.intended"]["subject"]]
    assert called["call.released"]["subject"] == found[0]["subject"]
    [record] = await world.audit(type="subject.searched")
    assert record["detail"] == {
        "kind": "org_code",
        "reason": "信访核查",
        "subjects": [found[0]["subject"]],
    }


async def test_two_processes_share_a_key_and_older_ones_stay_closed(
    database: Any, owner: asyncpg.Connection
) -> None:
    now = datetime.now(UTC)
    keys = [
        WritingKeys(database.dsn(zone), UNSAFE, database.master_key) for zone in (Zone.CONTROL, Zone.EXCHANGE)
    ]
    subjects = {await one.subject(SubjectKind.ID_NUMBER, "440524188001010014", now) for one in keys}
    assert len(subjects) == 1
    assert await owner.fetchval("SELECT count(*) FROM audit_keys.secret") == 1
    for zone in (Zone.CONTROL, Zone.EXCHANGE, Zone.INTEGRATOR):
        opened = await database.open(zone)
        async with opened.connection() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("SELECT wrapped FROM audit_keys.secret")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("SELECT audit_keys.present('detail', '2020-01-01', '', '\\x00')")


async def test_without_keys_no_personal_detail_is_written(database: Any, owner: asyncpg.Connection) -> None:
    log = await AuditLog.open(database.dsn(Zone.EXCHANGE), UNSAFE, node="node")
    event = an_event(type=EventType.CALL_INTENDED, personal={"operator": "李四"})
    with pytest.raises(TypeError):
        await log.append(event)
    async with owner.transaction():
        with pytest.raises(TypeError):
            await log.emit(owner, event)
    await log.close()
    assert await owner.fetchval("SELECT count(*) FROM audit.inbox") == 0
