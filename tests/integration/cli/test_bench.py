"""``./gw bench``: what a measurement prints."""

import json
import subprocess
import sys


def test_a_run_of_the_audit_log_shows_its_ratios_figures_and_machine() -> None:
    small = ("--events", "1024", "--rate", "500", "--seconds", "0.5", "--records", "2000", "--json")
    run = subprocess.run(
        [sys.executable, "-P", "-m", "gateway", "bench", "audit", *small], capture_output=True, text=True, timeout=300
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    shown = json.loads(run.stdout)
    assert shown["ratios"]["batched_over_single"] > 0
    assert shown["absolute"]["fsync_seconds"] > 0
    assert shown["absolute"]["ledger_records"] >= 2000
    assert {figure["name"] for figure in shown["figures"]} >= {
        "batched over single",
        "records verified per core",
    }
    assert shown["machine"]["cores"] > 0


def test_a_run_of_calls_shows_ratios_beside_a_proxy_and_names_what_was_not_measured() -> None:
    small = (
        "--rounds",
        "1",
        "--connections",
        "2",
        "--beside",
        "aiohttp_bare",
        "--without",
        "processes",
        "--without",
        "latency",
        "--json",
    )
    run = subprocess.run(
        [sys.executable, "-P", "-m", "gateway", "bench", "exchange", *small], capture_output=True, text=True, timeout=300
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    shown = json.loads(run.stdout)
    assert set(shown["contenders"]) == set(shown["ratios"]) == set(shown["cpu_ratios"]) == {"aiohttp_bare"}
    assert min(shown["ratios"]["aiohttp_bare"], shown["cpu_ratios"]["aiohttp_bare"]) > 0
    assert shown["gateway"]["postgres_us"] > 0
    assert shown["gateway"]["integrator_us"] > 0
    assert shown["absent"] == {}
    assert shown["grants"]["grants"] > 100_000
    assert sum(shown["stages"]["us"].values()) > 0
    assert shown["withdrawing"]["times"] >= 2
    assert 0 < shown["withdrawing"]["p50_seconds"] <= shown["withdrawing"]["p99_seconds"]
