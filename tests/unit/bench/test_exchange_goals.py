"""Which figures of a run meet what was promised of the exchange path."""

import asyncio

import pytest

from gateway.bench.exchange.generator import Load, quantiles
from gateway.bench.exchange.goals import GOALS, judged


def test_throughput_shall_reach_its_bound_and_cpu_stay_below() -> None:
    at = {"ratios": {"aiohttp_bare": 1.0}, "cpu_ratios": {"aiohttp_bare": 1.11}}
    speed, cost = judged({"32": at})
    assert (speed["figure"], speed["met"], speed["aim_met"]) == ("ratios", True, False)
    assert (cost["figure"], cost["met"], cost["aim_met"]) == ("cpu_ratios", False, False)


def test_a_goal_whose_contender_was_not_measured_is_left_out() -> None:
    assert judged({"32": {"ratios": {}, "cpu_ratios": {}}}) == []
    everything = {"ratios": dict.fromkeys((g.contender for g in GOALS), 1.0)}
    everything["cpu_ratios"] = everything["ratios"]
    assert len(judged({"32": everything, "256": everything})) == len(GOALS)


def test_an_aim_alone_is_neither_met_nor_missed_as_a_must() -> None:
    (only,) = judged({"256": {"cpu_ratios": {"aiohttp_bare": 0.96}}})
    assert (only["must"], only["met"], only["aim"], only["aim_met"]) == (0.95, False, None, None)


def test_quantiles_are_of_the_calls_that_were_answered() -> None:
    found = quantiles([0.001] * 99 + [0.5])
    assert found == pytest.approx({"p50_ms": 1.0, "p99_ms": 500.0, "max_ms": 500.0})
    assert quantiles([]) == {}


@pytest.mark.parametrize("rate", [0, 200])
async def test_the_generator_counts_answers_and_faults(rate: int) -> None:
    seen = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        while await reader.readuntil(b"\r\n\r\n"):
            seen += 1
            status = b"503 No" if seen % 10 == 0 else b"200 OK"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}")

    async def until_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            writer.close()

    server = await asyncio.start_server(until_closed, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    order = {"url": f"http://127.0.0.1:{port}/x?a=1", "headers": {"A": "b"}, "rate": rate, "connections": 2, "seconds": 0.2}  # fmt: skip
    found = await Load(order).run()
    server.close()
    await server.wait_closed()
    assert found["calls"] + found["faults"] == seen
    assert found["faults"] == seen // 10
    if rate:
        assert seen == 40
