"""Calls cut off on our side of the line: a caller who goes away, a gateway that stops."""

import asyncio
from typing import Any

import pytest
from providers import RawProvider, raw_provider, saying
from services import GOOD, Service, granted_service
from waiting import until
from world import PROVIDER, World, running_gateway, running_world


async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A proper answer, after a while."""
    await asyncio.sleep(0.3)
    await GOOD(reader, writer)


WRITING = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
    "AND application_name = 'gateway-audit-writer' AND datname = current_database())"
)


async def until_asked(provider: RawProvider) -> None:
    async def asked() -> bool:
        return bool(provider.heads)

    await until(asked)


async def test_a_caller_who_goes_away_leaves_a_call_with_one_ending(service: Service) -> None:
    gone = asyncio.Event()

    async def afterwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        await GOOD(reader, writer)

    async def ended() -> list[str] | None:
        types = [event["type"] for event in await service.world.audit(grant_id=service.grant)]
        return types if types[-1] != "call.intended" else None

    service.provider.behave = afterwards
    calling = asyncio.ensure_future(service.call())
    await until_asked(service.provider)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    gone.set()
    assert (await until(ended))[-2:] == ["call.intended", "call.released"]
    service.provider.behave = GOOD
    assert (await service.call()).headers["Quota-Remaining"] == "98"


async def stopped_while_calling(database: Any, provider: RawProvider, **changes: Any) -> tuple[World, Any]:
    """A second gateway that is told to stop while a call is at the provider; the call's fate."""
    changes = {"platform": {"base_url": "http://gateway.test"}, **changes}
    world: World
    async with running_world(database, **changes) as world:
        service = await granted_service(world, provider)
        async with running_gateway(database, **changes) as (second, _):
            assert second.exchange is not None
            url = f"{second.exchange.url}/services/{service.name}"
            body = {"parameters": {"uscc": PROVIDER}}
            calling = asyncio.ensure_future(world.send("POST", url, token=service.token, json=body))
            await until_asked(provider)
        fate = (await asyncio.gather(calling, return_exceptions=True))[0]
        events = [event["type"] for event in await world.audit(grant_id=service.grant)]
    return fate, events[2:]


async def test_a_gateway_that_stops_lets_a_call_finish(database: Any) -> None:
    async with raw_provider(late) as provider:
        answer, events = await stopped_while_calling(database, provider)
        assert answer.ok()["records"] == [{"uscc": PROVIDER, "name": "示例企业"}]
        assert events == ["call.intended", "call.released"]


async def test_a_gateway_that_cannot_wait_any_longer_records_the_call_as_failed(database: Any) -> None:
    async with raw_provider(saying(30.0)) as provider:
        fate, events = await stopped_while_calling(database, provider, web={"drain_seconds": 0.2})
        assert isinstance(fate, Exception)
        assert events == ["call.intended", "call.failed"]


async def test_a_call_cut_off_while_its_intent_is_written_has_an_ending_too(database: Any) -> None:
    """The intent may become durable after nobody waits for it any more."""
    changes: dict[str, Any] = {"platform": {"base_url": "http://gateway.test"}, "web": {"drain_seconds": 0.2}}
    async with raw_provider(GOOD) as provider, running_world(database, **changes) as world:
        service = await granted_service(world, provider)
        await world.integrated()
        owner = await database.owner()
        async with running_gateway(database, **changes) as (second, _):
            assert second.exchange is not None
            url = f"{second.exchange.url}/services/{service.name}"
            lock = owner.transaction()
            await lock.start()
            await owner.execute("LOCK TABLE audit.inbox IN SHARE MODE")
            body = {"parameters": {"uscc": PROVIDER}}
            calling = asyncio.ensure_future(world.send("POST", url, token=service.token, json=body))
            await until(lambda: owner.fetchval(WRITING))
            unlocking = asyncio.ensure_future(afterwards(calling, lock.rollback))
        await unlocking
        await owner.close()
        events = [event["type"] for event in await world.audit(grant_id=service.grant)]
        assert events[2:] == ["call.intended", "call.refused"]
        assert provider.connections == 0


async def afterwards(calling: Any, act: Any) -> None:
    """Act once the caller has been cut off."""
    await asyncio.wait((calling,), timeout=30)
    assert calling.done()
    calling.exception()
    await act()


async def test_a_call_that_takes_longer_than_any_may_is_stopped_and_on_record(database: Any) -> None:
    async with (
        raw_provider(saying(600.0)) as silent,
        running_world(database, web={"handler_seconds": 1}) as world,
    ):
        service = await granted_service(world, silent)
        answer = await service.call()
        answer.refused(503, "request-overdue")
        assert answer.headers["Connection"] == "close"
        events = (await world.audit(grant_id=service.grant))[-2:]
        assert [(event["type"], event["reason"]) for event in events] == [
            ("call.intended", "granted"),
            ("call.failed", "request-overdue"),
        ]
        silent.behave = GOOD
        assert (await service.call()).headers["Quota-Remaining"] == "98"
