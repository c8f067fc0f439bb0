"""The lines of calls: whole, one JSON object each, and never waited for."""

import json
import threading

from gateway.telemetry.access import AccessLog
from gateway.telemetry.counters import Counter

ID = "01a2006c-6e44-7ce2-b395-d9a6effe6660"


def note(log: AccessLog) -> None:
    log.call(ID, "enterprise", 200, "granted", ID, "11621000MB00000024", 1.234)


def test_each_call_is_one_json_object_with_what_operators_look_for() -> None:
    written: list[str] = []
    with AccessLog(written.append, Counter("dropped", "-")) as log:
        for _ in range(1000):
            note(log)
    lines = [json.loads(line) for line in "".join(written).splitlines()]
    assert len(lines) == 1000
    assert lines[0].pop("time").endswith("Z")
    assert lines[0] == {
        "event": "call", "level": "info", "request_id": ID, "service": "enterprise", "status": 200, "reason": "granted",
        "grant": ID, "consumer": "11621000MB00000024", "ms": 1.23,
    }  # fmt: skip


def test_a_stuck_log_delays_no_call_and_what_is_dropped_is_counted() -> None:
    go_on, dropped = threading.Event(), Counter("dropped", "-")

    def stuck(_: str) -> None:
        go_on.wait(20)

    with AccessLog(stuck, dropped) as log:
        for _ in range(50_000):
            note(log)
        assert dropped.value >= 50_000 - 2 * 20_000
        go_on.set()


def test_a_closed_pipe_stops_nothing() -> None:
    def closed(_: str) -> None:
        raise BrokenPipeError

    dropped = Counter("dropped", "-")
    with AccessLog(closed, dropped) as log:
        note(log)
    assert dropped.value == 1


def test_where_no_lines_are_wanted_none_are_made() -> None:
    with AccessLog(None, Counter("dropped", "-")) as log:
        note(log)
