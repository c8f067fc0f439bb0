"""Without a record there is no data: the log failing before the provider is asked, and before the answer leaves."""

from typing import Any

import pytest
from refusals import refusing
from services import Service


async def test_a_call_whose_intent_cannot_be_recorded_never_reaches_the_provider(
    service: Service, shared_database: Any
) -> None:
    async with refusing(shared_database, "call.intended"):
        answer = await service.call()
    answer.refused(503, "audit-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert service.provider.connections == 0
    assert [event["type"] for event in await service.events(answer)] == ["call.refused"]


async def test_an_answer_whose_release_cannot_be_recorded_does_not_leave(
    service: Service, shared_database: Any
) -> None:
    async with refusing(shared_database, "call.released"):
        answer = await service.call()
    problem = answer.refused(503, "audit-unavailable")
    assert "示例企业" not in str(problem) + str(answer.headers)
    assert "Receipt-Id" not in answer.headers
    assert service.provider.connections == 1
    ending = (await service.events(answer))[1:]
    assert [(event["type"], event["outcome"]) for event in ending] == [("call.delivered", "error")]
    assert ending[0]["detail"]["bytes"] == 0


@pytest.mark.parametrize("kinds", [("call.intended", "call.refused"), ("call.released", "call.delivered")])
async def test_where_not_even_the_refusal_can_be_recorded_there_is_still_no_data(
    kinds: tuple[str, ...], service: Service, shared_database: Any
) -> None:
    async with refusing(shared_database, *kinds):
        answer = await service.call()
    assert "示例企业" not in str(answer.refused(503, "audit-unavailable"))
    assert len(await service.events(answer)) == (0 if "call.intended" in kinds else 1)


async def test_a_refusal_that_cannot_be_recorded_is_no_quiet_refusal(
    service: Service, shared_database: Any
) -> None:
    async with refusing(shared_database, "call.refused"):
        (await service.call(fields=["secret"])).refused(503, "audit-unavailable")


async def test_no_token_is_issued_that_is_not_recorded(service: Service, shared_database: Any) -> None:
    async with refusing(shared_database, "token.issued"):
        answer = await service.world.ask_token("registration", service.name)
    answer.refused(503, "audit-unavailable")
    assert "access_token" not in answer.body
