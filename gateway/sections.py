"""What every section of the settings is, and the sections about calls, what follows a grant, and what follows the audit log.

``settings.py`` holds the others.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Section(BaseModel):
    """A room's settings: immutable, and no unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Alerting(Section):
    """Alerts on the audit log: how often it is looked at; the rules stand in ``config/alerts.toml``."""

    enabled: bool = True
    nightly: bool = True
    look_seconds: Annotated[float, Field(gt=0, le=600)] = 2
    batch_max: Annotated[int, Field(ge=1, le=10000)] = 1000
    remember_max: Annotated[int, Field(ge=0, le=1000000)] = 20000


class Batches(Section):
    """批量交换: how large a batch may be, how it is gone on with, and how long its result is kept."""

    rows_max: Annotated[int, Field(ge=1, le=20000)] = 5000
    result_bytes: Annotated[int, Field(ge=1024, le=1073741824)] = 67108864
    stored_bytes: Annotated[int, Field(ge=1024)] = 4294967296
    kept_max: Annotated[int, Field(ge=1, le=1000)] = 20
    parallel_max: Annotated[int, Field(ge=1, le=64)] = 4
    attempts_max: Annotated[int, Field(ge=0, le=1000)] = 20
    poll_seconds: Annotated[float, Field(gt=0, le=60)] = 1
    lease_seconds: Annotated[float, Field(ge=30, le=3600)] = 90
    deadline_days: Annotated[int, Field(ge=1, le=30)] = 3
    keep_days: Annotated[int, Field(ge=1, le=30)] = 1


class Exports(Section):
    """举证导出: how large a pack of audit records may be, how it is gone on with, and how long it is kept."""

    records_max: Annotated[int, Field(ge=1, le=1000000)] = 500000
    kept_max: Annotated[int, Field(ge=1, le=1000)] = 20
    stored_bytes: Annotated[int, Field(ge=1024)] = 17179869184
    poll_seconds: Annotated[float, Field(gt=0, le=60)] = 0.2
    lease_seconds: Annotated[float, Field(ge=5, le=3600)] = 60
    keep_days: Annotated[int, Field(ge=1, le=30)] = 7


class Subscriptions(Section):
    """订阅: how soon a message is to be claimed and answered, and how it is sent."""

    claim_days: Annotated[int, Field(ge=0, le=30)] = 1
    feedback_days: Annotated[int, Field(ge=0, le=90)] = 3
    poll_seconds: Annotated[float, Field(gt=0, le=60)] = 1
    batch_max: Annotated[int, Field(ge=1, le=500)] = 20
    retry_seconds: Annotated[float, Field(gt=0, le=3600)] = 10
    retry_max_seconds: Annotated[float, Field(gt=0, le=86400)] = 3600
    keep_days: Annotated[int, Field(ge=1, le=365)] = 30


class Siem(Section):
    """Records sent on to security monitoring: where, how, and how many at once."""

    sink: Literal["off", "syslog", "file", "nats"] = "off"
    start: Literal["beginning", "end"] = "beginning"
    batch_max: Annotated[int, Field(ge=1, le=5000)] = 200
    idle_seconds: Annotated[float, Field(gt=0, le=60)] = 1
    send_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    settle_seconds: Annotated[float, Field(ge=0, le=600)] = 10
    retry_max_seconds: Annotated[float, Field(ge=1, le=3600)] = 60
    syslog_host: str | None = None
    syslog_port: Annotated[int, Field(ge=1, le=65535)] = 6514
    syslog_security: Literal["tls", "none"] = "tls"
    syslog_trust_file: Path | None = None
    syslog_certificate_file: Path | None = None
    syslog_key_file: Path | None = None
    file: Path | None = None
    nats_url: Annotated[str, Field(pattern=r"^(nats|tls)://[^/\s]+$")] | None = None
    nats_subject: Annotated[str, Field(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$")] = "gateway.audit"
    nats_credentials_file: Path | None = None
    nats_trust_file: Path | None = None

    @model_validator(mode="after")
    def _the_sink_has_its_place(self) -> Self:
        needed = {"syslog": "syslog_host", "file": "file", "nats": "nats_url"}.get(self.sink)
        if needed is not None and getattr(self, needed) is None:
            raise ValueError(f"sink {self.sink} needs {needed}")
        local = self.syslog_host in {None, "localhost", "127.0.0.1", "::1"}
        if self.syslog_security == "none" and not local:
            raise ValueError("syslog_security none is for a receiver on this machine only")
        if (self.syslog_certificate_file is None) != (self.syslog_key_file is None):
            raise ValueError("syslog_certificate_file and syslog_key_file go together")
        return self


class Exchange(Section):
    """Bounds of a call to a providing department."""

    upstream_connect_seconds: Annotated[float, Field(gt=0, le=30)] = 2
    upstream_total_seconds: Annotated[float, Field(gt=0, le=120)] = 10
    connections_max: Annotated[int, Field(ge=1, le=10000)] = 128
    connections_waiting_max: Annotated[int, Field(ge=0, le=100000)] = 512
    connections_waiting_seconds: Annotated[float, Field(gt=0, le=30)] = 0.2
    peers_dir: Path | None = None
    assertion: Literal["off", "grant", "call"] = "grant"
    assertion_seconds: Annotated[int, Field(ge=10, le=600)] = 60
    assertion_keys_dir: Path | None = None
    circuit_failures_max: Annotated[int, Field(ge=1, le=1000)] = 5
    circuit_open_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    buffered_bytes: Annotated[int, Field(ge=1048576)] = 134217728
    answer_bytes: Annotated[int, Field(ge=1024)] = 1048576
    file_bytes: Annotated[int, Field(ge=1024)] = 16777216
    rows: Annotated[int, Field(ge=1, le=100000)] = 1000
    concurrent_max: Annotated[int, Field(ge=1, le=100000)] = 1024
    department_concurrent_max: Annotated[int, Field(ge=1, le=100000)] = 256
    department_waiting_max: Annotated[int, Field(ge=0, le=100000)] = 1024
    waiting_seconds: Annotated[float, Field(gt=0, le=60)] = 2
    sequence_steps_min: Annotated[int, Field(ge=2, le=1000000)] = 100
    sequence_apart_max: Annotated[int, Field(ge=1, le=1000000)] = 10
    sequence_seconds: Annotated[float, Field(gt=0, le=86400)] = 600
    stream_rows: Annotated[int, Field(ge=1, le=100000000)] = 1000000
    segment_bytes: Annotated[int, Field(ge=4096, le=8388608)] = 1048576
    stall_seconds: Annotated[float, Field(gt=0, le=600)] = 30
    streams_max: Annotated[int, Field(ge=1, le=1000)] = 16
    files_dir: Path | None = None
    download_bytes: Annotated[int, Field(ge=1024)] = 10737418240
    check_seconds: Annotated[float, Field(gt=0, le=7200)] = 600
    recheck_seconds: Annotated[float, Field(gt=0, le=604800)] = 86400
    scanner: (
        Annotated[str, Field(pattern=r"^/[^\x00]+$|^[^:\s/]+:[0-9]{1,5}$|^\[[0-9a-f:]+\]:[0-9]{1,5}$")] | None
    ) = None
    egress_networks: tuple[str, ...] = ("127.0.0.0/8",)
