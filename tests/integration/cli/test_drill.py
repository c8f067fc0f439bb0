"""``./gw drill``: the short form; the long one is the command itself."""

import json
import subprocess
import sys


def test_a_short_drill_loses_nothing_and_gives_nothing_beyond_the_quota() -> None:
    only = ("--only", "audit_refuses_release", "--only", "two_processes_last_unit")
    run = subprocess.run(
        [sys.executable, "-P", "-m", "gateway", "drill", "--seconds", "0.3", *only, "--json"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr + run.stdout
    refused, raced = json.loads(run.stdout)["faults"]
    assert refused["calls"] > refused["released"] > 0
    assert (raced["calls"], raced["released"]) == (200, 40)
    for row in (refused, raced):
        assert [row[name] for name in ("lost", "unaudited", "over_quota", "leaked", "doubled")] == [0] * 5
