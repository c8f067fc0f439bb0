import base64
import hashlib
import json
from datetime import timedelta, timezone
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import CONSUMER, NOW, ORIGIN, PROVIDER, an_event, event_bytes, said

from gateway.audit import Cause, Event, EventType, Origin, Outcome, Who, record
from gateway.audit.forms import Form, Particulars, numbered, serialise
from gateway.audit.record import EPOCH, columns_of, leaf_of, read_event
from gateway.proof.event import FRONT, MEMBERS, content_of
from gateway.proof.tree import leaf_hash

UNREADABLE = EventType.EVENT_UNREADABLE.value


def body(event: Event) -> bytes:
    return serialise(event, ORIGIN, event_id=UUID(int=5), occurred_at=NOW, nonce=bytes(16))


def changed(**members: object) -> bytes:
    said = json.loads(event_bytes())
    for name, value in members.items():
        said[MEMBERS.index(name)] = value
    return json.dumps(said).encode()


def test_fields_stand_in_one_order_and_the_number_comes_last() -> None:
    cause = Cause(UUID(int=3), hashlib.sha256(b"before").digest())
    full = Event(
        EventType.CALL_REFUSED,
        Outcome.DENY,
        Who("client", "realty", CONSUMER, "requester", "realty", "10.0.0.1", "private_key_jwt:abc"),
        reason="quota-used-up",
        consumer_org=CONSUMER,
        provider_org=PROVIDER,
        object_kind="resource",
        object_id="r1",
        object_version="2",
        resource="307011024701/000001",
        purpose="p",
        matter="m",
        case="c",
        subject="5" * 32,
        grade="important",
        grant_id=str(UUID(int=1)),
        application_id=str(UUID(int=2)),
        request_id=str(UUID(int=4)),
        detail={"b": 1, "a": None},
        cause=(cause,),
    )
    assert json.loads(numbered(body(full), 12)) == [
        2, "AAAAAAAAAAAAAAAAAAAABQ", 1790755200123456, "call.refused", "deny", "quota-used-up", CONSUMER, PROVIDER,
        "client:realty", "307011024701/000001", "m", "c", "5" * 32, "important", "AAAAAAAAAAAAAAAAAAAAAg",
        "AAAAAAAAAAAAAAAAAAAAAQ", "AAAAAAAAAAAAAAAAAAAABA", [0, "requester", 0, "10.0.0.1", "private_key_jwt:abc"],
        ["resource", "r1", "2"], "p", "node-1", "AAAAAAAAAAAAAAAAAAAABw", {"b": 1, "a": None}, {},
        [["AAAAAAAAAAAAAAAAAAAAAw", base64.b64encode(cause.digest).decode()[:43]]], "A" * 22, 12,
    ]  # fmt: skip
    content = said(numbered(body(full), 12))
    assert list(content) == [
        "v", "id", "type", "outcome", "reason", "occurred_at", "node", "boot", "who", "consumer_org",
        "provider_org", "object", "resource", "purpose", "matter", "case", "subject", "grade", "application_id", "grant_id",
        "request_id", "detail", "cause", "nonce", "n",
    ]  # fmt: skip
    assert content["who"] == {
        "kind": "client", "id": "realty", "org": CONSUMER, "role": "requester", "client": "realty", "address": "10.0.0.1",
        "authenticated_by": "private_key_jwt:abc",
    }  # fmt: skip
    assert content["object"] == {"kind": "resource", "id": "r1", "version": "2"}
    assert content["cause"] == [{"id": str(cause.event_id), "sha256": cause.digest.hex()}]
    assert content["occurred_at"] == "2026-09-30T08:00:00.123456Z"
    assert content["nonce"] == "00" * 16
    assert list(content["detail"]) == ["b", "a"]


def test_what_is_not_said_is_left_out() -> None:
    content = said(body(Event(EventType.SYSTEM_STARTED, Outcome.DONE, Who("system"))))
    assert list(content) == ["v", "id", "type", "outcome", "occurred_at", "node", "boot", "who", "nonce"]
    assert content["who"] == {"kind": "system"}


def test_an_instant_of_another_zone_is_stored_in_utc() -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    same = serialise(an_event(), ORIGIN, event_id=UUID(int=5), occurred_at=shanghai, nonce=bytes(16))
    assert same == body(an_event())


def test_text_no_utf8_can_hold_is_replaced_and_the_record_still_written() -> None:
    content = said(body(an_event(object_id="bad\ud800id", detail={"path": ["\udfff"]})))
    assert content["object"]["id"] == "bad?id"
    assert content["detail"] == {"path": ["?"]}


def test_detail_that_is_no_json_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError):
        body(an_event(detail={"when": object()}))


def test_columns_say_what_the_event_says() -> None:
    columns = columns_of(
        event_bytes(3, reason="r", resource="res", matter="m", case="c", subject="5" * 32, grade="core",
                    application_id=str(UUID(int=8)))
    )  # fmt: skip
    assert columns.event_id == UUID(int=4)
    assert columns.occurred_at == NOW + timedelta(milliseconds=3)
    assert columns[2:] == (
        "call.intended", "allow", "r", CONSUMER, PROVIDER, "client:realty", "res", "m", "c",
        "5" * 32, "core", UUID(int=8), UUID(int=99), None,
    )  # fmt: skip


def test_records_from_before_subjects_and_grades_say_nothing_of_them() -> None:
    columns = columns_of(event_bytes())
    assert (columns.subject, columns.grade, columns.grant_id) == (None, None, UUID(int=99))


@pytest.mark.parametrize("wrong", [{"subject": "320102199001011234"}, {"subject": "5" * 33}, {"subject": "A" * 32},
                                   {"grade": "重要"}, {"grade": "Core"}], ids=range(5))  # fmt: skip
def test_a_number_of_a_person_is_no_subject_and_a_title_no_grade(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"pseudonym|grade"):
        an_event(**wrong)


def test_an_id_that_is_no_uuid_stays_in_the_bytes_only() -> None:
    columns = columns_of(event_bytes(request_id="42", grant_id="{" + str(UUID(int=1)) + "}"))
    assert (columns.type, columns.request_id, columns.grant_id) == ("call.intended", None, None)


def test_texts_no_column_can_hold_are_cleaned_and_cut() -> None:
    columns = columns_of(event_bytes(reason="a\x00b" + "c" * 300))
    assert columns.reason == "a\ufffdb" + "c" * 197


def test_a_type_this_program_does_not_know_is_read_all_the_same() -> None:
    assert columns_of(changed(type="seal.applied")).type == "seal.applied"


@pytest.mark.parametrize(
    "event",
    [
        b"",
        b"\xff",
        b"not json",
        b"[]",
        b"null",
        b'"text"',
        event_bytes()[:-1],
        changed(id=7),
        changed(id=str(UUID(int=1))),
        changed(type="Call"),
        changed(type=None),
        changed(outcome=""),
        changed(actor=None),
        changed(actor=["client"]),
        changed(v=1),
        changed(occurred_at="2026-09-30"),
        changed(occurred_at=-1),
        changed(occurred_at=True),
        changed(occurred_at=253402300800000000),
        json.dumps(json.loads(event_bytes())[:25]).encode(),
        changed(id="AAAAAAAAAAAAAAAAAAAABR"),
        changed(consumer_org="too short"),
        changed(provider_org=["11621000MB00000011"]),
        changed(reason={"a": 1}),
        changed(subject=1),
        changed(grade=[]),
        b"[" * 5000,
    ],
    ids=range(27),
)
def test_bytes_that_are_no_event_are_unreadable_and_keep_an_id_of_their_own(event: bytes) -> None:
    columns = columns_of(event)
    assert columns.type == UNREADABLE
    assert columns.outcome == "error"
    assert columns.consumer_org is None
    assert columns.event_id.version == 8
    assert columns.event_id == columns_of(event).event_id != columns_of(event + b" ").event_id


def test_what_is_no_uuid_is_kept_as_the_text_it_is() -> None:
    content = said(body(an_event(request_id='4"2', grant_id="", application_id="A" * 22)))
    assert (content["request_id"], content["application_id"], content.get("grant_id")) == (
        '4"2',
        "A" * 22,
        None,
    )


def test_a_form_filled_is_the_event_written_whole() -> None:
    cause = Cause(UUID(int=3), bytes(32))
    event = an_event(
        matter="不动产登记", case='"c"', subject="5" * 32, request_id=str(UUID(int=4)), cause=(cause, cause)
    )
    form = Form(an_event(matter="another", detail={"other": 1}))
    filled = form.filled(
        Particulars.of(event), ORIGIN, event_id=UUID(int=5), occurred_at=NOW, nonce=bytes(16)
    )
    assert filled == body(event)
    assert orjson.dumps(orjson.loads(filled)) == filled


def test_an_actor_of_another_department_or_application_is_told_apart() -> None:
    who = Who("person", "li", PROVIDER, client="counter")
    assert said(body(an_event(who=who)))["who"] == {
        "kind": "person", "id": "li", "org": PROVIDER, "client": "counter",
    }  # fmt: skip
    assert said(body(an_event(who=Who("anonymous"))))["who"] == {"kind": "anonymous"}


@pytest.mark.parametrize(
    "wrong",
    [{"who": ["", "", ""]}, {"object": {}}, {"cause": [["AAAAAAAAAAAAAAAAAAAABQ", "short"]]}, {"cause": 1}, {"nonce": 7},
     {"detail": []}, {"personal": "x"}, {"boot": "AAAAAAAAAAAAAAAAAAAABR"}, {"purpose": None}, {"occurred_at": 1 << 70}],
    ids=range(10),
)  # fmt: skip
def test_an_event_that_cannot_be_read_says_nothing(wrong: dict[str, object]) -> None:
    assert content_of(changed(**wrong)) is None


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_no_bytes_at_all_stop_the_reading(event: bytes) -> None:
    assert columns_of(event) == columns_of(event)


def test_the_leaf_is_the_hash_over_a_stub_of_fixed_width() -> None:
    event = event_bytes()
    recorded_at = EPOCH + timedelta(milliseconds=0x0102030405)
    stub = (
        b"\x01"
        + (258).to_bytes(8, "big")
        + (0x0102030405).to_bytes(8, "big")
        + CONSUMER.encode()
        + PROVIDER.encode()
        + (3).to_bytes(8, "big")
        + (4).to_bytes(8, "big")
        + hashlib.sha256(event).digest()
    )
    assert len(stub) == 101
    assert leaf_of(258, recorded_at, columns_of(event), 3, 4, event) == leaf_hash(stub)


def test_absent_departments_are_zeroes_in_the_stub() -> None:
    event = event_bytes(consumer_org="", provider_org="")
    stub = b"\x01" + bytes(8) + bytes(8) + bytes(36) + bytes(16) + hashlib.sha256(event).digest()
    assert leaf_of(0, EPOCH, columns_of(event), 0, 0, event) == leaf_hash(stub)


def test_departments_that_cannot_stand_in_a_leaf_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="统一社会信用代码"):
        an_event(consumer_org="11621000MB00000012")


def test_a_cause_pins_a_whole_sha256() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Cause(UUID(int=1), b"short")


@pytest.mark.parametrize("name", ["", "x" * 101, "网" * 34])
def test_a_node_name_the_inbox_would_refuse_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match="node"):
        Origin(name, UUID(int=1))


def test_every_type_has_its_words_in_both_languages() -> None:
    for each in EventType:
        assert columns_of(changed(type=each.value)).type == each.value
        assert any("\u4e00" <= sign <= "\u9fff" for sign in each.zh)
        assert each.en.isascii()
        assert each.en
    assert len({each.zh for each in EventType}) == len(EventType)


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2**53), st.just([]), st.just({}), st.text(max_size=3), st.just("x" * 201),
    st.sampled_from(["", "call.intended", "allow", CONSUMER, "A" * 22, "A" * 21 + "B", "a\x00b", "数据"]),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FRONT[1:]), ODD, max_size=3), st.booleans())
def test_what_is_known_from_events_before_changes_nothing_of_what_an_event_gives(
    odd: dict[str, object], spaced: bool
) -> None:
    """The short way of reading against the long one, for usual and for odd members."""
    said = (
        json.loads(event_bytes(3, reason="granted", matter="m", grade="core"))
        if odd
        else json.loads(event_bytes())
    )
    for name, value in odd.items():
        said[MEMBERS.index(name)] = value
    event = json.dumps(said).encode() if spaced else orjson.dumps(said)
    try:
        columns = record._one_by_one(said[: len(FRONT)])
    except (ValueError, TypeError):
        assert read_event(event) == read_event(event) == (columns_of(event), 0)
        assert columns_of(event).type == UNREADABLE
        return
    front = orjson.dumps(said[: len(FRONT)])[:-1]
    given = record._are_given(columns, said[: len(FRONT)]) and event.startswith(front)
    assert read_event(event) == read_event(event) == (columns, len(front) if given else 0)
