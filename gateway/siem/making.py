"""The room put together: the sink the settings name, and the worker that feeds it."""

from collections.abc import Coroutine
from typing import Any

from gateway.audit import AuditReader, Recorder
from gateway.sections import Siem
from gateway.siem.lines import Lines
from gateway.siem.model import Sink
from gateway.siem.nats import Nats
from gateway.siem.streaming import Streaming
from gateway.siem.syslog import Syslog
from gateway.storage import Database
from gateway.telemetry import Metrics


def make(
    database: Database, reader: AuditReader, record: Recorder, settings: Siem, metrics: Metrics, node: str
) -> list[Coroutine[Any, Any, None]]:
    """The worker, or none if records are not sent on; see :class:`Streaming`."""
    sink = _sink(settings)
    if sink is None:
        return []
    return [Streaming(database, reader, record, sink, settings, metrics, node).run()]


def _sink(settings: Siem) -> Sink | None:
    if settings.sink == "syslog":
        return Syslog(settings)
    if settings.sink == "nats":
        return Nats(settings)
    return Lines(settings.file) if settings.file is not None else None
