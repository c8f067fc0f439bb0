"""Running a gateway in the foreground until it is told to stop. Used by ``up`` and ``serve``."""

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import uvloop

from gateway.app import PARTS, Gateway, build, new_metrics
from gateway.cli.context import Installation
from gateway.errors import BadSettings, GatewayError
from gateway.telemetry import Metrics, configure_logs, get_logger

_log = get_logger()


class AlreadyServing(BadSettings):
    """A gateway already runs on this data directory（该数据目录已有正在运行的网关）."""

    remedy = (
        "Stop it first, or choose another --data-dir.",
        "请先停止它，或用 --data-dir 另选数据目录。",
    )


def run(
    where: Installation,
    owner_dsn: str,
    parts: frozenset[str] = PARTS,
    ready: Callable[[Gateway], None] = lambda gateway: None,
    logs_to: TextIO = sys.stdout,
) -> None:
    """Serve until SIGTERM or SIGINT; requests in work are finished first.

    Args:
        ready: called once everything listens.
        logs_to: where log lines go.

    Raises:
        GatewayError: the gateway could not start, or a part of it died.
    """
    metrics = new_metrics()
    configure_logs(where.settings.telemetry.level, metrics.logged, logs_to)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(where, owner_dsn, parts, ready, metrics))
    except* GatewayError as group:
        raise _first(group) from None


async def _serve(
    where: Installation,
    owner_dsn: str,
    parts: frozenset[str],
    ready: Callable[[Gateway], None],
    metrics: Metrics,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for kind in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(kind, stop.set)
    key = where.master_key()
    async with build(where.settings, owner_dsn, key, parts=parts, metrics=metrics) as gateway:
        with _announced(where.run_file, gateway):
            _settle_memory()
            _log.info("gateway.ready", issuer=gateway.issuer, parts=sorted(parts))
            ready(gateway)
            await stop.wait()


def _settle_memory() -> None:
    """What stands after the start stands for good: the garbage collector need not look at it again, nor as often.

    A full look at all that was imported stops every call for 10 ms; without it the slowest calls are four times faster.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@contextmanager
def _announced(file: Path, gateway: Gateway) -> Iterator[None]:
    """Other commands on the box find the gateway by this file while it runs."""
    listeners = {
        "exchange": gateway.exchange.url if gateway.exchange else None,
        "control": gateway.control.url if gateway.control else None,
        "operations": gateway.operations.url,
    }
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps({"pid": os.getpid(), "issuer": gateway.issuer, **listeners}), "utf-8")
    draft.replace(file)
    try:
        yield
    finally:
        if json.loads(file.read_text("utf-8")).get("pid") == os.getpid():
            file.unlink()


def _first(group: BaseExceptionGroup[GatewayError]) -> GatewayError:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, GatewayError)  # what except* let through
    return found
