"""From a finding and the calls to troubles, sides and states."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.authz.grants.denials import QuotaUsedUp
from gateway.catalog.description import UpdateCycle
from gateway.errors import GatewayError, Unauthenticated, Unavailable
from gateway.monitoring.model import (
    REASONS,
    AlarmKind,
    Calls,
    Finding,
    HealthState,
    Policy,
    Side,
    of_each_kind_one,
    state_of,
    troubles,
)
from gateway.monitoring.tally import side_of
from gateway.telemetry import metrics
from gateway.web.outbound import UpstreamTimeout
from gateway.web.problems import InternalFault

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
POLICY = Policy(slow_seconds=3, late_percent=50, call_faults_min=3, call_fault_percent=50)


def found(**given: Any) -> list[tuple[AlarmKind, Side]]:
    finding = given.get("finding", Finding(seconds=0.01))
    calls, refreshed = given.get("calls", Calls()), given.get("refreshed")
    cycle = given.get("cycle", UpdateCycle.DAILY)
    return [(one.kind, one.side) for one in troubles(finding, calls, refreshed, cycle, POLICY, NOW)]


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_way_of_not_answering_has_a_side_and_words_in_both_languages(reason: str) -> None:
    (trouble,) = troubles(Finding(reason, "x_1"), Calls(), None, UpdateCycle.DAILY, POLICY, NOW)
    assert trouble.side is not Side.CALLER
    assert "{" not in trouble.en + trouble.zh
    assert state_of([trouble]) is HealthState.DOWN


@pytest.mark.parametrize(
    ("reason", "side"),
    [("egress", "gateway"), ("resolver", "gateway"), ("reference", "gateway"), ("secret", "gateway"),
     ("refused", "provider"), ("timeout", "provider"), ("status", "provider"), ("columns", "provider")],
)  # fmt: skip
def test_whose_fault_a_silence_is(reason: str, side: str) -> None:
    assert found(finding=Finding(reason))[0][1] == side


@pytest.mark.parametrize(
    ("cycle", "hours", "stale"),
    [("realtime", 36, False), ("realtime", 37, True), ("daily", 36, False), ("daily", 37, True),
     ("weekly", 252, False), ("weekly", 253, True), ("monthly", 31 * 36, False), ("monthly", 31 * 36 + 1, True),
     ("yearly", 366 * 36 + 1, True), ("irregular", 100000, False)],
)  # fmt: skip
def test_data_is_stale_after_its_cycle_and_the_grace(cycle: str, hours: int, stale: bool) -> None:
    refreshed = NOW - timedelta(hours=hours)
    expected = [(AlarmKind.STALE, Side.PROVIDER)] if stale else []
    assert found(cycle=UpdateCycle(cycle), refreshed=refreshed) == expected


def test_what_tells_nothing_of_its_refresh_is_not_called_stale() -> None:
    assert found(refreshed=None) == []


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (Calls(ok=10), []),
        (Calls(provider=2), []),
        (Calls(provider=3), [(AlarmKind.CALLS_FAIL, Side.PROVIDER)]),
        (Calls(ok=3, provider=3), [(AlarmKind.CALLS_FAIL, Side.PROVIDER)]),
        (Calls(ok=4, provider=3), []),
        (Calls(provider=4, invalid=3, note="x"), [(AlarmKind.SCHEMA_DRIFT, Side.PROVIDER)]),
        (Calls(provider=4, invalid=2, note="x"), [(AlarmKind.CALLS_FAIL, Side.PROVIDER)]),
        (Calls(gateway=5, provider=1), [(AlarmKind.CALLS_FAIL, Side.GATEWAY)]),
        (Calls(caller=9, ok=1), [(AlarmKind.CALLS_FAIL, Side.CALLER)]),
    ],
)
def test_calls_are_a_trouble_when_enough_of_them_fail_on_one_side(
    calls: Calls, expected: list[tuple[AlarmKind, Side]]
) -> None:
    assert found(calls=calls) == expected


def test_a_slow_source_degrades_and_a_callers_faults_do_not() -> None:
    slow = troubles(Finding(seconds=3.1), Calls(), None, UpdateCycle.DAILY, POLICY, NOW)
    assert state_of(slow) is HealthState.DEGRADED
    refused = troubles(Finding(seconds=0.1), Calls(caller=9), None, UpdateCycle.DAILY, POLICY, NOW)
    assert refused
    assert state_of(refused) is HealthState.UP
    assert found(finding=Finding(seconds=3.0)) == []


def test_of_one_kind_the_first_trouble_stands() -> None:
    calls = Calls(provider=4, invalid=4, note="x")
    both = troubles(Finding("columns", "a"), calls, None, UpdateCycle.DAILY, POLICY, NOW)
    assert [one.reason for one in both] == ["columns", "calls_invalid"]
    assert [one.reason for one in of_each_kind_one(both)] == ["columns"]


@pytest.mark.parametrize(
    ("error", "side"),
    [
        (UpstreamTimeout("x", "x"), Side.PROVIDER),
        (Unavailable("x", "x"), Side.GATEWAY),
        (InternalFault("x", "x"), Side.GATEWAY),
        (QuotaUsedUp("x", "x"), Side.CALLER),
        (Unauthenticated("x", "x"), Side.CALLER),
    ],
)
def test_a_call_ends_by_the_fault_of_one_side(error: GatewayError, side: Side) -> None:
    assert side_of(error) is side


def test_the_series_of_the_metrics_are_those_of_the_model() -> None:
    assert set(metrics.SIDES) == set(Side)
    assert set(metrics.HEALTH_STATES) == set(HealthState)
    assert set(metrics.ALARM_KINDS) == set(AlarmKind)
