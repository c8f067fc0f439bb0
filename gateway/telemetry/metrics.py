"""The metrics of one gateway process. Prefix ``gx_``; base units; labels only from closed sets.

A registry of its own, not the library's global one: two gateways in one process (tests) do not share counts.
"""

import platform
import threading
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from gateway import __version__
from gateway.telemetry.counters import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30)
LISTENERS = ("exchange", "control")
CODE_CLASSES = ("2xx", "4xx", "5xx")
UPSTREAM_RESULTS = ("ok", "unreachable", "timeout", "status", "invalid", "too_large")
BATCH_RESULTS = ("answered", "unanswered")
SIDES = ("caller", "gateway", "provider")
HEALTH_STATES = ("unknown", "up", "degraded", "down")
ALARM_KINDS = ("unavailable", "schema_drift", "slow", "stale", "calls_fail")
ALERT_SEVERITIES = ("critical", "warning", "notice")
CASCADE_STATES = ("queued", "reported", "approved", "refused", "answered", "rejected")
UPPER_RESULTS = ("ok", "silent", "refused")
CHANNELS = ("webhook", "email")
SUPERVISION_STEPS = ("remind", "hand_over", "order", "breach")
SIGN_IN_METHODS = ("password", "provider")
SIGN_IN_RESULTS = ("accepted", "refused", "held")
TOKEN_KINDS = ("access", "assertion", "certificate", "proof")
OUTWARD_KINDS = ("witness", "stamp", "anchor")
OUTWARD_RESULTS = ("ok", "refused", "disputed", "silent")
AUDIT_STAGES = ("inbox", "unpublished", "unwitnessed", "unstamped", "unanchored")
CALL_STAGES = ("head", "token", "read", "admit", "intent", "upstream", "release", "answer", "note")
LEVELS = ("debug", "info", "warning", "error", "critical")


class Metrics:
    """Counters, gauges and histograms, every known label set present from the start at zero.

    Args:
        reasons: the closed set of decision reasons; any other is counted as ``other``.
        token_reasons: the same for refused tokens, assertions and proofs.
    """

    def __init__(self, reasons: Iterable[str] = (), token_reasons: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self._logging = threading.Lock()
        self._reasons = frozenset(reasons)
        self._token_reasons = frozenset(token_reasons)
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "gx_requests",
            "Requests ended, by listener and class of status.",
            ["listener", "code_class"],
            registry=self.registry,
        )
        self.duration = Histogram(
            "gx_request_duration_seconds",
            "Time from head to last byte.",
            ["listener"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.inflight = Gauge("gx_inflight_requests", "Requests in work.", registry=self.registry)
        self.turned_away = Counter(
            "gx_connections_refused",
            "Connections cut because too many were open, in all or from one address.",
            ["listener"],
            registry=self.registry,
        )
        self.decisions = Counter(
            "gx_decisions", "Decisions on calls.", ["decision", "reason"], registry=self.registry
        )
        self.upstream = Counter(
            "gx_upstream_requests", "Calls to providing departments.", ["result"], registry=self.registry
        )
        self.batch_rows = Counter(
            "gx_batch_rows", "Rows of batches done.", ["result"], registry=self.registry
        )
        self.audit_writes = Counter(
            "gx_audit_writes", "Batches written to the audit inbox.", ["result"], registry=self.registry
        )
        self.audit_seconds = Histogram(
            "gx_audit_write_duration_seconds",
            "Time until the first event of a batch was durable.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.audit_queue = Gauge(
            "gx_audit_queue_records", "Events waiting for the next flush.", registry=self.registry
        )
        self.audit_head = Gauge(
            "gx_audit_head_timestamp_seconds",
            "When this process last advanced the head.",
            registry=self.registry,
        )
        self.audit_size = Gauge("gx_audit_head_records", "Records under the head.", registry=self.registry)
        self.audit_oldest = Gauge(
            "gx_audit_oldest_timestamp_seconds",
            "Since when the oldest record of a stage waits; 0 where none does.",
            ["stage"],
            registry=self.registry,
        )
        self.outward = Counter(
            "gx_audit_outward_requests",
            "Requests for cosignatures, time stamps and deposits of checkpoints.",
            ["kind", "result"],
            registry=self.registry,
        )
        self.audit_alerts = Gauge(
            "gx_audit_alerts", "Open alerts on the audit log.", ["severity"], registry=self.registry
        )
        self.siem_sent = Counter(
            "gx_siem_records", "Records handed to security monitoring.", registry=self.registry
        )
        self.siem_failures = Counter(
            "gx_siem_interruptions",
            "Times that security monitoring did not take records.",
            registry=self.registry,
        )
        self.siem_position = Gauge(
            "gx_siem_position_records",
            "Records that security monitoring has for certain.",
            registry=self.registry,
        )
        self.tokens = Counter(
            "gx_token_checks", "Tokens checked.", ["token_kind", "result"], registry=self.registry
        )
        self.sign_ins = Counter(
            "gx_sign_ins", "Attempts of people to sign in.", ["method", "result"], registry=self.registry
        )
        self.revocation = Counter(
            "gx_revocation_fetches",
            "Revocation lists and OCSP answers fetched from authorities.",
            ["kind", "result"],
            registry=self.registry,
        )
        self.token_refusals = Counter(
            "gx_token_refusals",
            "Tokens, assertions and proofs refused, by reason.",
            ["token_kind", "reason"],
            registry=self.registry,
        )
        self.calendar = Gauge(
            "gx_calendar_covered_until_timestamp_seconds",
            "End of the published calendars.",
            registry=self.registry,
        )
        self.deadline_drift = Gauge(
            "gx_deadline_drift",
            "Open deadlines whose stored due date is not the computed one; counted every night.",
            registry=self.registry,
        )
        self.pool = Gauge("gx_db_pool", "Database connections.", ["zone", "state"], registry=self.registry)
        self.probes = Counter(
            "gx_monitor_probes",
            "Probes of mounted resources, by the side at fault where one failed.",
            ["side"],
            registry=self.registry,
        )
        self.probe_seconds = Histogram(
            "gx_monitor_probe_duration_seconds",
            "Time a source took to answer a probe.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.watched = Gauge(
            "gx_monitored_resources", "Published resources, by health.", ["state"], registry=self.registry
        )
        self.alarms = Gauge(
            "gx_monitor_alarms",
            "Open alarms, by what is wrong and whose fault it is.",
            ["kind", "side"],
            registry=self.registry,
        )
        self.cascades = Gauge(
            "gx_cascades", "Reports to upper platforms, by state.", ["state"], registry=self.registry
        )
        self.upper_calls = Counter(
            "gx_upper_requests", "Requests to upper platforms.", ["result"], registry=self.registry
        )
        self.notices = Counter(
            "gx_notifications", "Attempts to deliver a notice.", ["channel", "result"], registry=self.registry
        )
        self.outbox_pending = Gauge(
            "gx_outbox_pending", "Notices that wait to be delivered.", registry=self.registry
        )
        self.outbox_oldest = Gauge(
            "gx_outbox_oldest_age_seconds", "Age of the oldest notice that waits.", registry=self.registry
        )
        self.supervision_steps = Counter(
            "gx_supervision_steps", "Steps of the ladder taken.", ["step"], registry=self.registry
        )
        self.supervision_failures = Counter(
            "gx_supervision_failures", "Due steps that could not be taken.", registry=self.registry
        )
        self.supervision_sweep = Gauge(
            "gx_supervision_sweep_timestamp_seconds",
            "When this process last looked for due steps.",
            registry=self.registry,
        )
        self.access_dropped = Counter(
            "gx_access_lines_dropped",
            "Lines of calls that were not written, because the log could not be kept up with.",
            registry=self.registry,
        )
        self.stages = Counter(
            "gx_call_stage_cpu_seconds",
            "CPU time of the stages of calls; measured only where [telemetry] stages says so.",
            ["stage"],
            registry=self.registry,
        )
        self.log_lines = Counter("gx_log_messages", "Log lines.", ["level"], registry=self.registry)
        info = Gauge(
            "gx_build_info", "Version of this gateway.", ["version", "python"], registry=self.registry
        )
        info.labels(__version__, platform.python_version()).set(1)
        self._initialise()

    def _initialise(self) -> None:
        for listener in (*LISTENERS, "operations"):
            self.turned_away.labels(listener)
        for listener in LISTENERS:
            self.duration.labels(listener)
            for code_class in CODE_CLASSES:
                self.requests.labels(listener, code_class)
        for reason in (*self._reasons, "other"):
            self.decisions.labels("allow" if reason == "granted" else "deny", reason)
        for result in BATCH_RESULTS:
            self.batch_rows.labels(result)
        for result in UPSTREAM_RESULTS:
            self.upstream.labels(result)
        for channel in CHANNELS:
            for result in ("sent", "failed"):
                self.notices.labels(channel, result)
        for step in SUPERVISION_STEPS:
            self.supervision_steps.labels(step)
        for severity in ALERT_SEVERITIES:
            self.audit_alerts.labels(severity)
        for result in ("ok", "failed"):
            self.audit_writes.labels(result)
        for stage in AUDIT_STAGES:
            self.audit_oldest.labels(stage)
        for kind in OUTWARD_KINDS:
            for result in OUTWARD_RESULTS:
                self.outward.labels(kind, result)
        for kind in TOKEN_KINDS:
            for result in ("accepted", "refused"):
                self.tokens.labels(kind, result)
            for reason in (*self._token_reasons, "other"):
                self.token_refusals.labels(kind, reason)
        for method in SIGN_IN_METHODS:
            for result in SIGN_IN_RESULTS:
                self.sign_ins.labels(method, result)
        for kind in ("crl", "ocsp"):
            for result in ("fetched", "failed"):
                self.revocation.labels(kind, result)
        for side in ("none", *SIDES):
            self.probes.labels(side)
        for state in HEALTH_STATES:
            self.watched.labels(state)
        for kind in ALARM_KINDS:
            for side in SIDES:
                self.alarms.labels(kind, side)
        for state in CASCADE_STATES:
            self.cascades.labels(state)
        for result in UPPER_RESULTS:
            self.upper_calls.labels(result)
        for stage in CALL_STAGES:
            self.stages.labels(stage)
        for level in LEVELS:
            self.log_lines.labels(level)

    def decided(self, allowed: bool, reason: str) -> None:
        """Count one decision on a call."""
        known = reason if reason in self._reasons else "other"
        self.decisions.labels("allow" if allowed else "deny", known).inc()

    def token_refused(self, kind: str, reason: str) -> None:
        """Count a token (``access``), an assertion or a token request's proof that was refused."""
        self.tokens.labels(kind, "refused").inc()
        self.token_refusals.labels(kind, reason if reason in self._token_reasons else "other").inc()

    def logged(self, level: str) -> None:
        """Count one log line; lines come from any thread."""
        with self._logging:
            self.log_lines.labels(level if level in LEVELS else "error").inc()

    def exposition(self) -> bytes:
        """All series in the Prometheus text format 0.0.4."""
        return generate_latest(self.registry)
