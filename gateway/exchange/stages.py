"""CPU time per stage of a call, for whoever looks for what got slower; off, it costs nothing, because nothing is there.

On ([telemetry] ``call_stages``), each stage's function is wrapped once, when the exchange is made. Of a stage that waits
only the time counts in which it runs: its coroutine is driven step by step.
"""

import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final

from gateway.telemetry import Metrics

STAGES: Final = {
    "head": "_head",
    "token": "_identify",
    "read": "_read",
    "admit": "_decide",
    "intent": "_intend",
    "upstream": "_forward",
    "release": "_release",
    "answer": "_answered",
    "note": "_note",
}
"""Each stage and the method of the exchange that is it."""
_AT_ONCE: Final = frozenset({"head", "answer", "note"})
"""Those that wait for nothing; the others' methods give an awaitable."""


def record_stages(exchange: object, metrics: Metrics) -> None:
    """Wrap the stages of ``exchange`` so that their CPU time is counted."""
    for stage, method in STAGES.items():
        count = metrics.stages.labels(stage).inc
        step = getattr(exchange, method)
        wrapped = _called(step, count) if stage in _AT_ONCE else _awaited(step, count)
        setattr(exchange, method, wrapped)


def _called(step: Callable[..., Any], count: Callable[[float], None]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        began = time.thread_time_ns()
        try:
            return step(*given, **named)
        finally:
            count((time.thread_time_ns() - began) / 1e9)

    return timed


def _awaited(step: Callable[..., Awaitable[Any]], count: Callable[[float], None]) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        return _Driven(step(*given, **named), count)

    return timed


class _Driven:
    """An awaitable that counts the time between being resumed and waiting again."""

    __slots__ = ("_count", "_inner")

    def __init__(self, inner: Awaitable[Any], count: Callable[[float], None]) -> None:
        self._inner = inner
        self._count = count

    def __await__(self) -> Generator[Any, Any, Any]:
        inner = self._inner.__await__()
        sent: Any = None
        raised: BaseException | None = None
        while True:
            began = time.thread_time_ns()
            try:
                waits_for = inner.send(sent) if raised is None else inner.throw(raised)
            except StopIteration as over:
                return over.value
            finally:
                self._count((time.thread_time_ns() - began) / 1e9)
            try:
                sent, raised = (yield waits_for), None
            except BaseException as thrown:  # cancellation among them: the inner coroutine must see it
                sent, raised = None, thrown
