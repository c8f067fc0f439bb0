"""Metrics: closed label sets, present from the start, no series made by what callers send."""

import re

import pytest

from gateway.authz import DENIALS, GRANTED
from gateway.telemetry import Metrics

REASONS = [GRANTED, *(kind.slug() for kind in DENIALS)]


def series(metrics: Metrics) -> set[str]:
    """Every series by name and labels."""
    lines = metrics.exposition().decode().splitlines()
    return {line.rpartition(" ")[0] for line in lines if not line.startswith("#")}


def test_every_series_is_there_before_anything_happened() -> None:
    metrics = Metrics(REASONS)
    before = series(metrics)
    for reason in REASONS:
        metrics.decided(reason == GRANTED, reason)
    for listener in ("exchange", "control"):
        for code_class in ("2xx", "4xx", "5xx"):
            metrics.requests.labels(listener, code_class).inc()
        metrics.duration.labels(listener).observe(0.1)
    for level in ("debug", "info", "warning", "error", "critical"):
        metrics.logged(level)
    for result in ("ok", "unreachable", "timeout", "status", "invalid", "too_large"):
        metrics.upstream.labels(result).inc()
    assert series(metrics) == before


@pytest.mark.parametrize("reason", ["", "made-up", "granted\n", "a" * 10000])
def test_a_reason_nobody_knows_is_counted_as_other(reason: str) -> None:
    metrics = Metrics(REASONS)
    before = series(metrics)
    metrics.decided(False, reason)
    assert series(metrics) == before
    assert 'gx_decisions_total{decision="deny",reason="other"} 1.0' in metrics.exposition().decode()


def test_a_level_nobody_knows_is_counted_as_error() -> None:
    metrics = Metrics()
    metrics.logged("shout")
    assert 'gx_log_messages_total{level="error"} 1.0' in metrics.exposition().decode()


def test_names_carry_the_prefix_and_their_base_unit() -> None:
    shown = Metrics(REASONS).exposition().decode()
    families = dict(re.findall(r"^# TYPE (\S+) (\S+)$", shown, re.M))
    ours = {name: kind for name, kind in families.items() if not name.startswith(("process_", "python_"))}
    assert ours
    assert all(name.startswith("gx_") for name in ours)
    assert all(name.endswith("_total") for name, kind in ours.items() if kind == "counter")
    assert all(name.endswith("_seconds") for name, kind in ours.items() if kind == "histogram")
    assert not [name for name in ours if re.search(r"_(ms|milliseconds|minutes|kb|percent)(_|$)", name)]
    helped = set(re.findall(r"^# HELP (\S+) \S", shown, re.M))
    assert set(families) == helped


def test_two_gateways_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.logged("info")
    assert 'gx_log_messages_total{level="info"} 0.0' in other.exposition().decode()
