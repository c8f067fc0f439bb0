"""Places for calls: caps, turns between departments, and giving up."""

import asyncio

import pytest

from gateway.exchange.places import DepartmentBusy, GatewayBusy, Places
from gateway.names import OrgCode
from gateway.settings import Exchange

NOISY, QUIET, THIRD = (
    OrgCode("11621000MB00000024"),
    OrgCode("11621000MB00000037"),
    OrgCode("11621000MB00000011"),
)


def places(total: int = 4, each: int = 3, waiting: int = 10, seconds: float = 60) -> Places:
    return Places(
        Exchange(
            concurrent_max=total,
            department_concurrent_max=each,
            department_waiting_max=waiting,
            waiting_seconds=seconds,
        )
    )


def test_a_department_has_as_many_places_as_its_cap_and_all_have_the_total() -> None:
    made = places(total=4, each=3)
    assert [made.take(NOISY) for _ in range(4)] == [True, True, True, False]
    assert [made.take(QUIET) for _ in range(2)] == [True, False]
    made.give(NOISY)
    assert [made.take(QUIET), made.take(QUIET)] == [True, False]


async def test_departments_that_wait_take_turns_however_many_calls_one_of_them_sends() -> None:
    made, order = places(total=2, each=2), []

    async def call(org: OrgCode) -> None:
        await made.wait(org)
        order.append(org)
        await asyncio.sleep(0)
        made.give(org)

    assert made.take(THIRD)
    assert made.take(THIRD)
    calls = [asyncio.ensure_future(call(org)) for org in [NOISY] * 6 + [QUIET] * 2]
    await asyncio.sleep(0)
    made.give(THIRD)
    await asyncio.gather(*calls)
    assert order[:4] == [NOISY, QUIET, NOISY, QUIET]
    assert order[4:] == [NOISY] * 4
    made.give(THIRD)
    assert made._held == 0
    assert not made._of
    assert not made._turns


async def test_a_department_at_its_cap_does_not_hold_up_one_that_is_not() -> None:
    made = places(total=4, each=1)
    assert made.take(NOISY)
    waiting = asyncio.ensure_future(made.wait(NOISY))
    await asyncio.sleep(0)
    assert made.take(QUIET)
    made.give(NOISY)
    await waiting
    assert not made.take(NOISY)


async def test_too_many_waiting_are_refused_at_once_and_the_others_after_their_time() -> None:
    made = places(each=1, waiting=1, seconds=0.01)
    assert made.take(NOISY)
    waiting = asyncio.ensure_future(made.wait(NOISY))
    await asyncio.sleep(0)
    with pytest.raises(DepartmentBusy) as refused:
        await made.wait(NOISY)
    assert refused.value.extra["retry_after_seconds"] == 1
    assert refused.value.headers["RateLimit-Policy"] == '"department";q=1;qu="concurrent-requests"'
    with pytest.raises(DepartmentBusy):
        await waiting
    made.give(NOISY)
    assert made.take(NOISY)


async def test_without_any_place_left_it_is_the_gateway_that_is_busy() -> None:
    made = places(total=1, each=1, waiting=0)
    assert made.take(NOISY)
    with pytest.raises(GatewayBusy) as refused:
        await made.wait(QUIET)
    assert refused.value.headers == {
        "RateLimit-Policy": '"gateway";q=1;qu="concurrent-requests"',
        "RateLimit": '"gateway";r=0;t=1',
    }


async def test_who_gives_up_in_the_moment_of_its_turn_passes_it_on() -> None:
    made = places(total=1, each=1)
    assert made.take(THIRD)
    first, second = (asyncio.ensure_future(made.wait(org)) for org in (NOISY, QUIET))
    await asyncio.sleep(0)
    made.give(THIRD)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await second
    made.give(QUIET)
    assert made._held == 0
