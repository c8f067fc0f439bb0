"""Logs and metrics: what operators see.

Invariants: a log line is one JSON object without bodies, tokens or query strings; a metric's labels come from
closed sets, so no caller can add a series.
"""

from gateway.telemetry.access import AccessLog
from gateway.telemetry.logs import access_lines, configure_logs, get_logger
from gateway.telemetry.metrics import Metrics

__all__ = ["AccessLog", "Metrics", "access_lines", "configure_logs", "get_logger"]
