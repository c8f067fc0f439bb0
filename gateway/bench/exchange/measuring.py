"""One run: everything up at the same time, loaded in turn, round after round; medians, and ratios round by round.

In turn, because the machine's speed drifts; in pairs, because only what was measured beside each other compares. A round
in which a program gave an answer other than 200 does not count for it.
"""

import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.bench.exchange.contenders import NAMES, Absent, Surroundings, provider, start
from gateway.bench.exchange.further import FURTHER, further
from gateway.bench.exchange.goals import judged
from gateway.bench.exchange.ground import Ground
from gateway.bench.exchange.load import Target, Turn, turn
from gateway.bench.machine import machine, place
from gateway.bench.programs import Cores, NotStarted, memory_bytes

OURS: Final = "gateway"
_AT: Final = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is measured: contenders, numbers of connections, rounds and the seconds of one turn, and what beside."""

    contenders: Sequence[str] = NAMES
    connections: Sequence[int] = (1, 32, 256)
    rounds: int = 7
    seconds: int = 1
    further: Sequence[str] = FURTHER


@dataclass(slots=True)
class Measured:
    """A whole run, as JSON's values.

    Attributes:
        absent: contenders that did not run, and why.
        connections: by number of connections: ``gateway``, ``contenders``, ``ratios``, ``cpu_ratios``, ``ranges``.
        memory_bytes: resident memory of the gateway's process for calls after the load.
        further: by name, see :mod:`gateway.bench.exchange.further`.
    """

    machine: dict[str, Any]
    fsync_seconds: float
    absent: dict[str, str] = field(default_factory=dict)
    connections: dict[str, dict[str, Any]] = field(default_factory=dict)
    memory_bytes: int = 0
    further: dict[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """The run as JSON; what stands at the top is at 32 connections, or at the first number measured."""
        at = self.connections.get(str(_AT)) or next(iter(self.connections.values()))
        return {
            "machine": self.machine, "fsync_seconds": self.fsync_seconds, **at, "connections": self.connections,
            "absent": self.absent, "goals": judged(self.connections), "memory_bytes": self.memory_bytes,
            **self.further,
        }  # fmt: skip


def measure(asked: Asked, say: Callable[[str], None]) -> Measured:
    """Run everything on a throw-away database.

    Args:
        say: told what is being done.

    Raises:
        NotStarted, SetUpRefused: the gateway or the provider did not come up.
    """
    cores = Cores.found()
    os.sched_setaffinity(0, cores.rest)  # what is started from here on, PostgreSQL first, stays there
    try:
        with place("gxb") as ground, tempfile.TemporaryDirectory(prefix="gxb") as path, ExitStack() as stack:
            Path(path).chmod(0o711)
            return _measure(asked, Ground(Path(path), ground, cores, stack), say)
    finally:
        os.sched_setaffinity(0, cores.served | cores.rest)


def _measure(asked: Asked, ground: Ground, say: Callable[[str], None]) -> Measured:
    measured = Measured(machine(), ground.place.fsync_seconds)
    say("starting the gateway and the programs beside it")
    upstream = provider(ground.stack, ground.folder, ground.cores)
    ground.start(f"http://{upstream}")
    targets = [ours(ground), *_contenders(asked.contenders, ground, upstream, measured.absent)]
    for count in asked.connections:
        headers = ground.headers()
        for target in targets:
            target.headers = headers
        measured.connections[str(count)] = _turns(targets, count, asked, say)
    measured.memory_bytes = memory_bytes([ground.serving[0].pid])
    measured.further = further(asked.further, targets, ground, upstream, asked.rounds, say)
    return measured


def ours(ground: Ground) -> Target:
    """The gateway's process for calls; PostgreSQL, and control with integrator, are accounted apart."""
    assert ground.beside is not None
    aside = {"postgres": [ground.place.pid], "integrator": [ground.beside.pid]}
    return Target(OURS, ground.url(), {}, [ground.serving[0].pid], aside)


def _contenders(names: Sequence[str], ground: Ground, upstream: str, absent: dict[str, str]) -> list[Target]:
    key = ground.public_key(ground.folder / "tokens.pem")
    given = Surroundings(ground.stack, ground.folder, ground.cores, upstream, key, ground.place.dsn)
    targets = []
    for name in names:
        try:
            contender = start(name, given)
        except (Absent, NotStarted) as fault:
            absent[name] = " ".join(str(fault).split())[-300:]
        else:
            targets.append(Target(name, contender.url, {}, [contender.program.pid]))
    return targets


def _turns(
    targets: list[Target], connections: int, asked: Asked, say: Callable[[str], None]
) -> dict[str, Any]:
    """All rounds at one number of connections; the first, which warms up, does not count."""
    rounds: list[dict[str, Turn]] = []
    for number in range(asked.rounds + 1):
        say(
            f"{connections} connections, " + (f"round {number} of {asked.rounds}" if number else "warming up")
        )
        found = {target.name: turn(target, connections, asked.seconds) for target in targets}
        if number:
            rounds.append({name: one for name, one in found.items() if one is not None})
    names = [target.name for target in targets]
    medians = {name: _median([one[name] for one in rounds if name in one]) for name in names}
    paired = {
        name: [(one[OURS], one[name]) for one in rounds if OURS in one and name in one] for name in names[1:]
    }
    speeds = {name: [a.rps / b.rps for a, b in pairs] for name, pairs in paired.items() if pairs}
    costs = {name: [a.cpu_us / b.cpu_us for a, b in pairs] for name, pairs in paired.items() if pairs}
    return {
        "gateway": medians.pop(OURS),
        "contenders": {name: one for name, one in medians.items() if one},
        "ratios": _middle(speeds),
        "cpu_ratios": _middle(costs),
        "ranges": {"ratios": _range(speeds), "cpu_ratios": _range(costs)},
    }


def _median(turns: list[Turn]) -> dict[str, float]:
    if not turns:
        return {}
    figures: dict[str, list[float]] = {}
    for one in turns:
        own = {"rps": one.rps, "cpu_us": one.cpu_us, "p50_ms": one.p50_ms, "p99_ms": one.p99_ms}
        for name, value in (own | {f"{name}_us": spent for name, spent in one.aside_us.items()}).items():
            figures.setdefault(name, []).append(value)
    return {name: round(statistics.median(values), 2) for name, values in figures.items()} | {
        "rounds": len(turns)
    }


def _middle(values: dict[str, list[float]]) -> dict[str, float]:
    return {name: round(statistics.median(found), 3) for name, found in values.items()}


def _range(values: dict[str, list[float]]) -> dict[str, list[float]]:
    return {name: [round(min(found), 3), round(max(found), 3)] for name, found in values.items()}
