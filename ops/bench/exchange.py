"""Calls per second and CPU per call, beside proxies that do less, all in one run.

Method: every contender is up at the same time and is loaded in turn, one second each, round after round (A B C A
B C …), because the machine's speed drifts; medians, and ratios round by round. CPU is the kernel's account of the
processes' threads (schedstat), PostgreSQL's apart. A round with any answer other than 200 is void.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from ours import Ready, gateway  # a sibling file, not a package

HERE = Path(__file__).parent
USCC = "9144030071526726XG"


@dataclass
class Contender:
    """One program under load: where, with which headers, and which processes it is."""

    name: str
    url: str
    headers: list[str]
    pids: list[int]
    aside: list[int] = field(default_factory=list)
    rounds: list[dict[str, float]] = field(default_factory=list)


def cpu_seconds(pids: list[int]) -> float:
    """Nanosecond-exact CPU time of processes and their children so far."""
    total = 0
    for pid in family(pids):
        for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(stat.read_text().split()[0])
    return total / 1e9


def family(pids: list[int]) -> set[int]:
    """The processes and all below them."""
    found = set(pids)
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found


def load(contender: Contender, connections: int, seconds: int) -> dict[str, float] | None:
    """One turn under wrk; None when an answer was not 200."""
    before, aside = cpu_seconds(contender.pids), cpu_seconds(contender.aside)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{int(seconds)}s", "--latency", contender.url]
    for header in contender.headers:
        command += ["-H", header]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    after, aside_after = cpu_seconds(contender.pids), cpu_seconds(contender.aside)
    if "Non-2xx" in said or "Socket errors" in said:
        return None
    calls = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]  # wrk always says so
    if calls == 0:
        return None
    return {
        "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        "cpu_us": (after - before - (aside_after - aside if contender.name == "gateway" else 0))
        / calls
        * 1e6,
        "aside_us": (aside_after - aside) / calls * 1e6,
        "p50_ms": latency(said, "50%"),
        "p99_ms": latency(said, "99%"),
    }


def latency(said: str, quantile: str) -> float:
    """A line of wrk's latency table in milliseconds."""
    number, unit = re.search(rf"{quantile}\s+([\d.]+)(us|ms|s)", said).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def started(stack: ExitStack, name: str, script: str, upstream: str) -> Contender:
    """A Python contender in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "contenders" / script), upstream], stdout=subprocess.PIPE
    )
    stack.callback(lambda: (process.terminate(), process.wait()))
    assert process.stdout is not None
    port = int(process.stdout.readline())
    return Contender(name, f"http://127.0.0.1:{port}/{USCC}", [], [process.pid])


def ours(ready: Ready) -> Contender:
    """The gateway, everything on; its PostgreSQL is accounted apart."""
    header = f"Authorization: Bearer {ready.token}"
    return Contender(
        "gateway", f"{ready.url}?uscc={USCC}", [header], [ready.gateway_pid], [ready.postgres_pid]
    )


def summary(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Medians of the rounds that count."""
    return (
        {name: round(statistics.median(one[name] for one in rounds), 2) for name in rounds[0]}
        if rounds
        else {}
    )


def measure(connections: list[int], rounds: int, seconds: int) -> dict[str, Any]:
    """Run everything; figures and ratios by number of connections."""
    with ExitStack() as stack:
        upstream = subprocess.Popen(
            [sys.executable, str(HERE / "contenders" / "upstream.py")], stdout=subprocess.PIPE
        )
        stack.callback(lambda: (upstream.terminate(), upstream.wait()))
        assert upstream.stdout is not None
        address = f"http://127.0.0.1:{int(upstream.stdout.readline())}"
        contenders = [
            ours(stack.enter_context(gateway(address))),
            started(stack, "aiohttp_bare", "aiohttp_bare.py", address),
            started(stack, "aiohttp_naive", "aiohttp_naive.py", address),
        ]
        return {str(count): turn(contenders, count, rounds, seconds) for count in connections}


def turn(contenders: list[Contender], connections: int, rounds: int, seconds: int) -> dict[str, Any]:
    """All contenders at one number of connections."""
    for contender in contenders:
        contender.rounds = []
        load(contender, connections, 1)
    paired: dict[str, list[tuple[float, float]]] = {contender.name: [] for contender in contenders[1:]}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}, {connections} connections", file=sys.stderr)
        found = {contender.name: load(contender, connections, seconds) for contender in contenders}
        for contender in contenders:
            if (one := found[contender.name]) is not None:
                contender.rounds.append(one)
        mine = found["gateway"]
        for name, pairs in paired.items():
            theirs = found[name]
            if mine is not None and theirs is not None:
                pairs.append((mine["rps"] / theirs["rps"], mine["cpu_us"] / theirs["cpu_us"]))
    return {
        "contenders": {contender.name: summary(contender.rounds) for contender in contenders},
        "ratios": {
            name: round(statistics.median(a for a, _ in pairs), 3) for name, pairs in paired.items() if pairs
        },
        "cpu_ratios": {
            name: round(statistics.median(b for _, b in pairs), 3) for name, pairs in paired.items() if pairs
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 32, 256])
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed to make the load; install it and run again")
    found = measure(asked.connections, asked.rounds, asked.seconds)
    at = found.get("32") or next(iter(found.values()))
    result = {"cores": os.cpu_count(), "connections": found, **at}
    print(json.dumps(result, indent=None if asked.json else 1))


if __name__ == "__main__":
    main()
