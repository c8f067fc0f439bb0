"""What a run measures beside the ratios: waiting at a steady load, many grants, a second process, CPU by stage, withdrawing."""

import asyncio
import re
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final
from urllib.request import urlopen

from gateway.bench.exchange import store
from gateway.bench.exchange.ground import Ground
from gateway.bench.exchange.load import Target, paced, turn
from gateway.bench.exchange.withdrawing import withdrawing
from gateway.bench.programs import memory_bytes

FURTHER: Final = ("stages", "latency", "withdrawing", "grants", "processes")
_RATE: Final = 1000
_PACED_SECONDS: Final = 5
_PACED_CONNECTIONS: Final = 64
_AT: Final = 32
_GRANTS: Final = 100_000
_STAGES_SECONDS: Final = 3
_SCRAPE_SECONDS: Final = 10
_STAGE: Final = re.compile(r'^gx_call_stage_cpu_seconds_total\{stage="(\w+)"\} (\S+)$', re.M)
_SETTLE_SECONDS: Final = 5
"""Until every process has heard of so many changes; that is not what is measured."""


def stages(ours: Target, ground: Ground) -> dict[str, Any]:
    """CPU microseconds per call by stage, in a process that counts them ([telemetry] ``call_stages``).

    Counting costs too, so that the stages together come to more than they do in service; of one run to the next, shares
    compare.
    """
    counting = ground.add(settings={"GATEWAY__TELEMETRY__CALL_STAGES": "true"})
    target = replace(ours, url=ground.url(-1), pids=[counting.pid])
    turn(target, _AT, 1)
    before = _counted(ground.operations[-1])
    found = turn(target, _AT, _STAGES_SECONDS)
    after = _counted(ground.operations[-1])
    counting.stop()
    if found is None:
        return {"us": {}, "cpu_us": None}
    calls = found.rps * _STAGES_SECONDS
    us = {name: (seconds - before.get(name, 0)) / calls * 1e6 for name, seconds in after.items()}
    return {"us": us, "cpu_us": found.cpu_us}


def _counted(operations: str) -> dict[str, float]:
    """CPU seconds by stage so far, as a process shows them to Prometheus."""
    with urlopen(f"{operations}/metrics", timeout=_SCRAPE_SECONDS) as answer:
        said = answer.read().decode()
    return {name: float(seconds) for name, seconds in _STAGE.findall(said)}


def latency(ours: Target, upstream: str, rate: float = _RATE) -> dict[str, Any]:
    """Waiting at a steady load of an open loop: through the gateway, directly at the provider, and what it adds.

    Milliseconds; ``answered_per_second`` says whether the rate was reached at all.
    """
    direct = replace(ours, url=f"http://{upstream}/x")
    found = {
        name: paced(target, rate, _PACED_CONNECTIONS, _PACED_SECONDS)
        for name, target in (("direct", direct), ("gateway", ours))
    }
    added = {
        f"{name}_ms": found["gateway"][f"{name}_ms"] - found["direct"][f"{name}_ms"]
        for name in ("p50", "p99")
        if f"{name}_ms" in found["gateway"] and f"{name}_ms" in found["direct"]
    }
    return {"rate": rate, "seconds": _PACED_SECONDS, **found, "added": added}


def grants(ours: Target, beside: Target | None, ground: Ground, rounds: int) -> dict[str, Any]:
    """CPU per call with one grant and with a hundred thousand, each over a proxy's of the same round, and memory.

    ``slower`` is the share by which a call costs more.
    """
    before = _cost(ours, beside, rounds)
    number = asyncio.run(store.grow(ground.place.dsn, _GRANTS))
    time.sleep(_SETTLE_SECONDS)
    after = _cost(ours, beside, rounds)
    slower = after / before - 1 if before and after else None
    return {"grants": number, "slower": slower, "memory_bytes": memory_bytes(ours.pids)}


def _cost(ours: Target, beside: Target | None, rounds: int) -> float:
    costs = []
    for _ in range(rounds):
        mine, theirs = turn(ours, _AT, 1), turn(beside, _AT, 1) if beside else None
        if mine is not None and (beside is None or theirs is not None):
            costs.append(mine.cpu_us / (theirs.cpu_us if theirs else 1))
    return statistics.median(costs) if costs else 0.0


def processes(ours: Target, ground: Ground, rounds: int) -> dict[str, Any]:
    """Requests a second of two processes together over those of one; the second has the cores of all the rest.

    With two cores the second shares its core with PostgreSQL, provider and load, so that this shows a machine's limit
    rather than the gateway's.
    """
    second = ground.add(ground.cores.rest)
    other = replace(ours, url=ground.url(-1), pids=[second.pid])
    ratios, cost = [], []
    with ThreadPoolExecutor(2) as pair:
        for _ in range(rounds):
            alone = turn(ours, _AT, 1)
            both = list(pair.map(lambda target: turn(target, _AT // 2, 1), (ours, other)))
            if alone is not None and all(one is not None for one in both):
                ratios.append(sum(one.rps for one in both if one) / alone.rps)
                cost.append(sum(one.cpu_us for one in both if one) / 2 / alone.cpu_us)
    second.stop()
    return {
        "rps_ratio": statistics.median(ratios) if ratios else None,
        "cpu_ratio": statistics.median(cost) if cost else None,
        "shares_a_core": len(ground.cores.rest) < 2,
    }


def further(
    wanted: Sequence[str],
    targets: Sequence[Target],
    ground: Ground,
    upstream: str,
    rounds: int,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """All of ``FURTHER`` that is wanted, by name; the first target is the gateway, the second a proxy if there is one."""
    ours, beside = targets[0], targets[1] if len(targets) > 1 else None
    ours.headers = ground.headers()
    if beside is not None:
        beside.headers = ours.headers
    work: dict[str, Callable[[], dict[str, Any]]] = {
        "stages": lambda: stages(ours, ground),
        "latency": lambda: latency(ours, upstream),
        "withdrawing": lambda: withdrawing(ours, ground),
        "grants": lambda: grants(ours, beside, ground, rounds),
        "processes": lambda: processes(ours, ground, rounds),
    }
    found = {}
    for name in FURTHER:
        if name in wanted:
            say(name)
            found[name] = work[name]()
    return found
