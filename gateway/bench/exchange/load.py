"""One turn of load on one program, by wrk where it is installed, and what it cost whom."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.bench.programs import cpu_seconds

_UNITS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}
_GENERATOR: Final = "gateway.bench.exchange.generator"


@dataclass(slots=True)
class Target:
    """Where to call, and whose CPU time counts: the program's own, and apart from it what works for it.

    Attributes:
        aside: process ids by what they are, e.g. ``postgres``.
        within: of these, a part of the program's own family, taken off its account.
    """

    name: str
    url: str
    headers: Mapping[str, str]
    pids: Iterable[int]
    aside: Mapping[str, Iterable[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn found; times in milliseconds, CPU in microseconds per call."""

    rps: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    aside_us: Mapping[str, float]


def turn(target: Target, connections: int, seconds: int) -> Turn | None:
    """Load a program for so long; None when an answer was not 200 or none came."""
    accounts = {"own": target.pids, **target.aside}
    before = {name: cpu_seconds(pids) for name, pids in accounts.items()}
    said = _wrk(target, connections, seconds) if shutil.which("wrk") else _own(target, connections, seconds)
    if said is None:
        return None
    spent = {
        name: (cpu_seconds(pids) - before[name]) / said["calls"] * 1e6 for name, pids in accounts.items()
    }
    own = spent.pop("own")
    return Turn(said["rps"], own, said["p50_ms"], said["p99_ms"], spent)


def paced(target: Target, rate: float, connections: int, seconds: float) -> dict[str, Any]:
    """An open load, see :mod:`gateway.bench.exchange.generator`."""
    order = {
        "url": target.url, "headers": dict(target.headers), "rate": rate, "connections": connections, "seconds": seconds,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-P", "-m", _GENERATOR],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _own(target: Target, connections: int, seconds: int) -> dict[str, Any] | None:
    found = paced(target, 0, connections, seconds)
    return None if found["faults"] or not found["calls"] else found


def _wrk(target: Target, connections: int, seconds: int) -> dict[str, Any] | None:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", target.url]
    for name, value in target.headers.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    counted = re.search(r"(\d+) requests in", said)
    speed = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if "Non-2xx" in said or "Socket errors" in said or not counted or not speed or not int(counted[1]):
        return None
    return {
        "calls": int(counted[1]),
        "rps": float(speed[1]),
        "p50_ms": _latency(said, "50%"),
        "p99_ms": _latency(said, "99%"),
    }


def _latency(said: str, quantile: str) -> float:
    found = re.search(rf"{quantile}\s+([\d.]+)(us|ms|s|m)\b", said)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0
