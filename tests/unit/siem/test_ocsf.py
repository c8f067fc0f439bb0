"""Every kind of record, as OCSF would have it: the published schema is the judge."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ledgers import a_ledger, event_bytes
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from gateway.audit import EventType, Outcome, Who
from gateway.siem.ocsf import VERSION, ocsf, outgoing

PERSON = Who(
    "person", "wang", "11621000MB00000011", role="auditor", address="10.1.2.3", authenticated_by="password"
)
NOBODY = Who("anonymous")


@cache
def schemas() -> OcsfJsonSchemaEmbedded:
    return OcsfJsonSchemaEmbedded(get_ocsf_schema(version=VERSION))


@cache
def judge(class_uid: int) -> Draft202012Validator:
    name = schemas().lookup_class_name_from_uid(class_uid=class_uid)
    return Draft202012Validator(schemas().get_class_schema(class_name=name, profiles=[]))


def shown(number: int = 0, **fields: Any) -> dict[str, Any]:
    records, _ = a_ledger([event_bytes(number, **fields)])
    return ocsf(records[0])


@pytest.mark.parametrize("kind", EventType, ids=str)
def test_every_type_of_event_is_an_event_of_its_class(kind: EventType) -> None:
    for outcome, who in (
        (Outcome.DONE, PERSON),
        (Outcome.DENY, NOBODY),
        (Outcome.ERROR, Who("client", "realty")),
    ):
        event = shown(
            type=kind, outcome=outcome, who=who, reason="no-grant", object_kind="grant", object_id="7"
        )
        faults = [
            f"{list(fault.path)}: {fault.message}" for fault in judge(event["class_uid"]).iter_errors(event)
        ]
        assert faults == []
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["metadata"]["event_code"] == kind


def test_bytes_that_are_no_event_are_a_finding() -> None:
    records, _ = a_ledger([b"\x00 no event"])
    event = ocsf(records[0])
    assert event["class_uid"] == 2004
    assert [fault.message for fault in judge(2004).iter_errors(event)] == []


def test_it_says_who_acted_for_whom_and_why_it_was_refused() -> None:
    event = shown(type=EventType.CALL_REFUSED, outcome=Outcome.DENY, who=PERSON, reason="purpose-not-granted")
    assert event["actor"]["user"] == {
        "uid": "wang", "type_id": 1, "org": {"uid": "11621000MB00000011"}, "groups": [{"name": "auditor"}],
    }  # fmt: skip
    assert event["src_endpoint"] == {"ip": "10.1.2.3"}
    assert (event["status_id"], event["status_detail"]) == (2, "purpose-not-granted")
    assert event["unmapped"]["consumer_org"] == "11621000MB00000011"


def test_what_a_room_put_into_detail_does_not_leave() -> None:
    secret = "only for auditors"
    records, _ = a_ledger([event_bytes(0, detail={"note": secret})])
    assert secret.encode() in records[0].event
    assert secret.encode() not in outgoing(records[0]).body


def test_the_body_is_one_line_of_ascii() -> None:
    records, _ = a_ledger([event_bytes(0, resource="307011024701/000001", purpose="不动产\n登记")])
    body = outgoing(records[0]).body
    assert body.isascii()
    assert b"\n" not in body
    assert json.loads(body)["unmapped"]["purpose"] == "不动产\n登记"
