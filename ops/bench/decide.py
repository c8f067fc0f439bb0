"""How long one decision takes, and whether it depends on how many grants there are.

Method: grants are compiled as a process compiles them when it loads a plan, one per grant, and kept by id. A round draws
2 000 grants at random and takes one allowed call of each in turn, timed in groups of 100 calls; the figure of a round is
the median group divided by 100, in CPU time of the process. The plans of one process are at most ten thousand, so ``kept`` measures what a call costs
there; ``all in memory`` keeps every plan of the population, which is worse than the gateway ever is. Small and large
populations are measured in turn (A B A B …), because the machine's speed drifts; medians of rounds, and the median of the
ratios round by round. The garbage collector rests while a round is timed.
"""

import argparse
import gc
import json
import os
import platform
import random
import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from makes import a_call, a_grant, describe

from gateway.authz.grants import Allowed, Call, Compiled, compiled, decide
from gateway.names import ClientId, GrantId

NOW = datetime(2026, 9, 30, 4, tzinfo=UTC)
DRAWN, GROUP, KEPT = 2000, 100, 10_000
USCC = {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}


def population(count: int) -> dict[GrantId, Compiled]:
    """``count`` compiled grants; what grants share in memory is only what they share in a gateway."""
    what, model = describe(parameters=[USCC]), a_grant(rules={"hours": {"start": "00:00", "end": "24:00"}})
    found = {}
    for number in range(count):
        grant = GrantId(UUID(int=number))
        found[grant] = compiled(replace(model, id=grant, client_id=ClientId(f"system-{number % 5000}")), what)
    return found


def plan_calls(
    plans: dict[GrantId, Compiled], chance: random.Random, kept: bool
) -> list[tuple[GrantId, Call]]:
    """One allowed call for each of the grants drawn."""
    ids = list(plans)[: KEPT if kept else None]
    drawn = [ids[chance.randrange(len(ids))] for _ in range(DRAWN)]
    return [(grant, a_call(client_id=plans[grant].grant.client_id)) for grant in drawn]


def microseconds(plans: dict[GrantId, Compiled], calls: list[tuple[GrantId, Call]]) -> float:
    """Of one decision: the median group."""
    took = []
    for start in range(0, len(calls), GROUP):
        some = calls[start : start + GROUP]
        began = time.process_time_ns()
        for grant, call in some:
            verdict = decide(plans[grant], call, NOW)
        took.append((time.process_time_ns() - began) / len(some) / 1000)
        assert isinstance(verdict, Allowed)
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", type=int, default=20_000, help="grants of the small population")
    parser.add_argument("--large", type=int, default=1_000_000, help="grants of the large one (about 1 GB)")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    small, large = population(given.small), population(given.large)
    gc.collect()
    gc.freeze()
    gc.disable()
    found: dict[str, object] = {
        "python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count(),
        "small": given.small, "large": given.large,
    }  # fmt: skip
    for name, kept in (("kept", True), ("all in memory", False)):
        chance, ones, others = random.Random(1), [], []
        for turn in range(given.rounds + 2):
            one = microseconds(small, plan_calls(small, chance, kept))
            other = microseconds(large, plan_calls(large, chance, kept))
            if turn >= 2:
                ones.append(one)
                others.append(other)
        slower = statistics.median(b / a for a, b in zip(ones, others, strict=True)) - 1
        found[name] = {
            "small_us": round(statistics.median(ones), 2), "large_us": round(statistics.median(others), 2),
            "slower_percent": round(100 * slower, 1),
        }  # fmt: skip
    if given.json:
        print(json.dumps(found))
        return
    print(__doc__.partition("\n\n")[2])
    for name, figure in found.items():
        print(f"{name}: {figure}")


if __name__ == "__main__":
    main()
