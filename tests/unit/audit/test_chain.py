import hashlib
from uuid import UUID

import pytest
from ledgers import a_ledger, event_bytes

from gateway.audit import Cause, EventType, Record
from gateway.audit.chain.model import LinkState, Subject, causes_of, leads_to, links_of, subject_of
from gateway.audit.record import columns_of

NOBODY = UUID(int=4711)


def after(number: int, *causes: bytes) -> bytes:
    """An event that names earlier ones; the id of ``event_bytes(n)`` is ``n + 1``."""
    named = tuple(Cause(columns_of(cause).event_id, hashlib.sha256(cause).digest()) for cause in causes)
    return event_bytes(number, cause=named)


FIRST = event_bytes(0)
SECOND = after(1, FIRST)
THIRD = after(2, SECOND)
OTHER = after(3, event_bytes(9))
TWO = after(4, OTHER, SECOND)
RECORDS = a_ledger([FIRST, SECOND, THIRD, OTHER, TWO])[0]
KNOWN: dict[UUID, Record | None] = {record.columns.event_id: record for record in RECORDS}


def test_a_link_holds_if_the_bytes_are_those_that_were_pinned() -> None:
    (link,) = links_of(RECORDS[1], KNOWN)
    assert (link.event_id, link.sha256, link.state) == (
        UUID(int=1), hashlib.sha256(FIRST).hexdigest(), LinkState.HOLDS,
    )  # fmt: skip
    changed = {**KNOWN, UUID(int=1): RECORDS[0]._replace(event=FIRST + b" ")}
    assert [each.state for each in links_of(RECORDS[1], changed)] == [LinkState.DIFFERS]
    assert [each.state for each in links_of(RECORDS[1], {UUID(int=1): None})] == [LinkState.MISSING]
    assert [each.state for each in links_of(RECORDS[1], {})] == [LinkState.UNCHECKED]


def test_only_links_that_hold_lead_anywhere() -> None:
    for place, leads in ((1, True), (2, True), (3, False), (4, True), (0, False)):
        assert leads_to(RECORDS[place], UUID(int=1), KNOWN) is leads, place
    broken = {**KNOWN, UUID(int=2): RECORDS[1]._replace(event=SECOND + b" ")}
    assert not leads_to(RECORDS[2], UUID(int=1), broken)
    assert not leads_to(RECORDS[2], UUID(int=1), {**KNOWN, UUID(int=2): None})


@pytest.mark.parametrize(
    "cause", ["x", [1], [{}], [{"id": "x", "sha256": "y"}], [{"id": str(NOBODY)}]], ids=range(5)
)
def test_what_is_no_link_is_none(cause: object) -> None:
    (record,) = a_ledger([event_bytes().replace(b",[],", b",%s," % _json(cause))])[0]
    assert causes_of(record) == ()


def _json(value: object) -> bytes:
    return str(value).replace("'", '"').encode() if not isinstance(value, str) else b'"x"'


def test_later_records_are_looked_for_by_the_narrowest_thing() -> None:
    nothing = {"grant_id": "", "consumer_org": "", "provider_org": ""}
    ids = {"grant_id": str(UUID(int=1)), "application_id": str(UUID(int=2)), "request_id": str(UUID(int=3))}
    for fields, subject in (
        (ids, Subject(request_id=UUID(int=3))),
        ({"type": EventType.GRANT_ISSUED, **ids}, Subject(grant_id=UUID(int=1))),
        ({"type": EventType.APPLICATION_FILED, **ids, "grant_id": ""}, Subject(application_id=UUID(int=2))),
        ({"type": EventType.RESOURCE_PUBLISHED, **nothing, "resource": "r"}, Subject(resource="r")),
        ({"type": EventType.SIGNED_IN, **nothing}, None),
    ):
        (record,) = a_ledger([event_bytes(**fields)])[0]
        assert subject_of(record) == subject, fields
