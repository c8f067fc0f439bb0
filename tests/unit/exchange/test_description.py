"""The calls' own OpenAPI document names every refusal a caller can get, and the headers that say when to come again."""

from typing import Any

import gateway.app as _everything  # so that every refusal there is has been defined
from gateway.exchange.batches.refusals import BatchOverdue, BatchTooLarge
from gateway.exchange.description import openapi
from gateway.exchange.pipeline import CallAbandoned
from gateway.exchange.streams import CallerGone, GrantEndedMeanwhile
from gateway.web.problems import all_problems, status_of

assert _everything
NEVER_ANSWERED = {CallAbandoned, CallerGone, GrantEndedMeanwhile, BatchOverdue, BatchTooLarge}
"""Only on record: the connection is cut, or the batch ends without anybody asking."""
DOCUMENT = openapi()


def refusals() -> dict[tuple[str, str, str], str]:
    """By path, method and status the names of the refusals."""
    return {
        (path, method, status): answer["$ref"].rpartition("/")[2]
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if "$ref" in answer
    }


def test_every_refusal_of_the_exchange_is_described() -> None:
    named = {(status, name) for (_, _, status), names in refusals().items() for name in names.split(".")}
    here = {kind for kind in all_problems() if kind.__module__.startswith("gateway.exchange.")}
    assert len(here) > 20
    assert {(str(status_of(kind)), kind.__name__) for kind in here - NEVER_ANSWERED} <= named


def test_a_call_may_find_the_gateway_busy_stale_or_without_its_database() -> None:
    found = refusals()
    for method in ("get", "post"):
        busy = found["/services/{service}", method, "429"].split(".")
        assert {"DepartmentBusy", "QuotaUsedUp", "RateExceeded"} <= set(busy)
        out = set(found["/services/{service}", method, "503"].split("."))
        assert {"DatabaseDown", "ExchangeStopping", "GatewayBusy", "GrantUnsettled", "SnapshotStale"} <= out


def test_refusals_for_a_limit_tell_it_and_when_to_come_again() -> None:
    described: dict[str, Any] = DOCUMENT["components"]["responses"]
    for (_, _, status), name in refusals().items():
        told = set(described[name]["headers"])
        limits = {"Retry-After", "RateLimit", "RateLimit-Policy"}
        assert told & limits == (limits if status in ("429", "503") else set()), (status, name)
