"""Which record an answer names: the last of its act; after a failure only one that is durable by itself."""

import asyncio
from uuid import UUID

from gateway.web.records import note_record, noting

FIRST, SECOND = UUID(int=1), UUID(int=2)


def test_a_success_names_the_last_record_and_a_failure_the_last_durable_one() -> None:
    with noting() as noted:
        note_record(FIRST, durable=True)
        note_record(SECOND, durable=False)
    assert noted.header(succeeded=True) == {"Audit-Id": str(SECOND)}
    assert noted.header(succeeded=False) == {"Audit-Id": str(FIRST)}


def test_an_act_without_a_record_names_none_and_what_was_rolled_back_is_not_named() -> None:
    with noting() as noted:
        assert noted.header(succeeded=True) == {}
        note_record(FIRST, durable=False)
    assert noted.header(succeeded=False) == {}
    note_record(SECOND, durable=True)  # nobody asks outside a request
    assert noted.header(succeeded=True) == {"Audit-Id": str(FIRST)}


async def test_requests_side_by_side_do_not_name_each_others_records() -> None:
    async def request(event_id: UUID) -> dict[str, str]:
        with noting() as noted:
            await asyncio.sleep(0)
            await asyncio.ensure_future(write(event_id))
            return noted.header(succeeded=True)

    async def write(event_id: UUID) -> None:
        await asyncio.sleep(0)
        note_record(event_id, durable=True)

    found = await asyncio.gather(request(FIRST), request(SECOND))
    assert found == [{"Audit-Id": str(FIRST)}, {"Audit-Id": str(SECOND)}]
