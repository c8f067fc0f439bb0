"""Settings: one frozen section per room, read once at start; a service receives only its own section.

Order: ``GATEWAY__SECTION__NAME`` in the environment, then the TOML file, then the defaults here. An unknown
name stops the start. Secrets are given as paths of files, never as values.
"""

import os
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    IPvAnyNetwork,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from gateway.errors import BadSettings
from gateway.names import is_org_code, is_secure_url, is_slug
from gateway.sections import Alerting, Batches, Exports, Section, Siem, Subscriptions
from gateway.sections import Exchange as Exchange

_PREFIX: Final = "GATEWAY__"


def _org_code(text: str) -> str:
    if not is_org_code(text):
        raise ValueError("not a 统一社会信用代码 with a correct check digit (GB 32100)")
    return text


def _slug(text: str) -> str:
    if not is_slug(text):
        raise ValueError("must be lower-case words joined by hyphens")
    return text


def _secure_url(text: str) -> str:
    if not is_secure_url(text):
        raise ValueError("must be an https address (http only to this machine itself)")
    return text


def _network(text: str) -> str:
    return str(ip_network(text))


class Platform(Section):
    """Who runs this gateway and where (平台管理部门)."""

    org_code: Annotated[str, AfterValidator(_org_code)] = "11621000MB00000011"
    org_name: str = "庆阳市政务数据管理部门（示例）"
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = "621000"
    base_url: Annotated[str, Field(pattern=r"^https?://[^/]+$")] | None = None
    calls_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")] | None = None
    rest_day: Literal["same", "next"] = "same"


class Listen(Section):
    """Addresses of the three listeners; port 0 takes a free one."""

    exchange_host: str = "127.0.0.1"
    exchange_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    control_host: str = "127.0.0.1"
    control_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9464
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    client_certificates: Literal["off", "asked"] = "off"

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file go together")
        if self.client_certificates != "off" and self.tls_certificate_file is None:
            raise ValueError("client_certificates needs tls_certificate_file and tls_key_file")
        return self


class Storage(Section):
    """The database. Without a DSN ``./gw up`` starts the embedded PostgreSQL in the data directory."""

    dsn: str | None = None
    login_prefix: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")] | None = None
    pool_max: Annotated[int, Field(ge=2, le=200)] = 10
    statement_timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    connect_seconds: Annotated[float, Field(gt=0, le=60)] = 5


class Secrets(Section):
    """The one secret every process of an installation shares: 32 random bytes, base64, mode 0600."""

    master_key_file: Path | None = None


class Web(Section):
    """Limits of the HTTP listeners; each has a test at the limit and one beyond.

    ``hosts`` names what Host may be, with the port where it is not the scheme's (``data.example.gov.cn``,
    ``10.0.0.5:8081``); empty accepts every well-formed Host.
    """

    hosts: frozenset[Annotated[str, Field(pattern=r"^[a-z0-9.:\[\]-]{1,260}$")]] = frozenset()
    head_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    head_bytes: Annotated[int, Field(ge=4096, le=65536)] = 16384
    path_bytes: Annotated[int, Field(ge=64, le=4096)] = 512
    query_bytes: Annotated[int, Field(ge=64, le=8192)] = 4096
    body_bytes: Annotated[int, Field(ge=1024, le=16777216)] = 1048576
    body_seconds: Annotated[float, Field(gt=0, le=120)] = 10
    upload_bytes: Annotated[int, Field(ge=1024, le=1073741824)] = 33554432
    upload_seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    keepalive_seconds: Annotated[float, Field(gt=0, le=120)] = 15
    write_seconds: Annotated[float, Field(gt=0, le=120)] = 10
    drain_seconds: Annotated[float, Field(gt=0, le=120)] = 10
    handler_seconds: Annotated[float, Field(gt=0, le=3600)] = 180
    connections_max: Annotated[int, Field(ge=1, le=1000000)] = 8192
    address_connections_max: Annotated[int, Field(ge=1, le=1000000)] = 2048
    json_depth: Annotated[int, Field(ge=4, le=64)] = 32
    client_cert_peers: tuple[IPvAnyNetwork, ...] = ()


class Provider(Section):
    """An identity provider of an upper level (上级统一身份认证平台), reached by OpenID Connect."""

    name: Annotated[str, AfterValidator(_slug)]
    title: str
    issuer: Annotated[str, AfterValidator(_secure_url)]
    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    redirect_uri: Annotated[str, AfterValidator(_secure_url)]
    client_secret_file: Path | None = None
    client_key_file: Path | None = None
    assertion_audience: Literal["issuer", "token_endpoint"] = "issuer"
    algorithms: frozenset[Literal["ES256", "ES384", "EdDSA", "PS256", "RS256"]] = frozenset(
        {"ES256", "ES384", "EdDSA", "PS256"}
    )
    scopes: tuple[str, ...] = ("openid",)
    second_factor_acr: frozenset[str] = frozenset()
    second_factor_amr: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _proves_itself_in_one_way(self) -> Self:
        if (self.client_secret_file is None) == (self.client_key_file is None):
            raise ValueError("name either client_secret_file or client_key_file")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        return self


class Identity(Section):
    """Lives of tokens, proofs, assertions and sessions, in seconds; what tokens are bound to; the price of guessing a password."""

    token_seconds: Annotated[int, Field(ge=5, le=600)] = 300
    person_token_seconds: Annotated[int, Field(ge=60, le=43200)] = 28800
    assertion_seconds: Annotated[int, Field(ge=10, le=300)] = 300
    clock_skew_seconds: Annotated[int, Field(ge=0, le=60)] = 10
    session_seconds: Annotated[int, Field(ge=300, le=86400)] = 28800
    session_idle_seconds: Annotated[int, Field(ge=60, le=28800)] = 1800
    invitation_seconds: Annotated[int, Field(ge=600, le=604800)] = 259200
    password_memory_bytes: Annotated[int, Field(ge=19922944, le=1073741824)] = 67108864
    hashes_at_once_max: Annotated[int, Field(ge=1, le=32)] = 2
    hashes_waiting_max: Annotated[int, Field(ge=1, le=1000)] = 50
    sign_in_free_max: Annotated[int, Field(ge=1, le=100)] = 5
    sign_in_delay_max_seconds: Annotated[int, Field(ge=10, le=3600)] = 900
    address_free_max: Annotated[int, Field(ge=1, le=10000)] = 50
    proxy_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ("127.0.0.0/8", "::1/128")
    token_binding: Literal["bearer", "sender_constrained"] = "bearer"
    proof_seconds: Annotated[int, Field(ge=5, le=300)] = 60
    nonce_seconds: Annotated[int, Field(ge=10, le=3600)] = 300
    key_notice_seconds: Annotated[int, Field(ge=0, le=31536000)] = 86400

    @property
    def longest_token_seconds(self) -> int:
        """How long after its issue any token may be accepted: the longest life, and what clocks may differ."""
        return max(self.token_seconds, self.person_token_seconds) + self.clock_skew_seconds

    provider_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ("127.0.0.0/8",)
    providers: tuple[Provider, ...] = ()

    @model_validator(mode="after")
    def _each_provider_is_itself(self) -> Self:
        for what in ("name", "issuer", "redirect_uri"):
            if len({getattr(one, what) for one in self.providers}) != len(self.providers):
                raise ValueError(f"two providers have the same {what} (RFC 9700 section 4.4.2.2)")
        return self


class Certificates(Section):
    """多 CA 互认: where recognised authorities are described, and how their revocation information is fetched."""

    folder: Path | None = None
    self_signed: bool = True
    egress_networks: tuple[str, ...] = ("127.0.0.0/8",)
    tick_seconds: Annotated[float, Field(gt=0, le=600)] = 10
    refresh_seconds: Annotated[float, Field(ge=1, le=86400)] = 3600
    crl_bytes: Annotated[int, Field(ge=1024, le=20000000)] = 20000000


class Audit(Section):
    """The audit log: bounds of the writer's queue and pace of the integrator."""

    queue_events: Annotated[int, Field(ge=16, le=65536)] = 4096
    queue_bytes: Annotated[int, Field(ge=65536)] = 8388608
    flush_events: Annotated[int, Field(ge=1, le=8192)] = 1024
    deadline_seconds: Annotated[float, Field(gt=0, le=30)] = 2
    integrate_busy_seconds: Annotated[float, Field(gt=0, le=5)] = 0.03
    integrate_idle_seconds: Annotated[float, Field(gt=0, le=5)] = 0.05
    publish_seconds: Annotated[float, Field(gt=0, le=60)] = 0.05
    figures_seconds: Annotated[float, Field(gt=0, le=3600)] = 10
    signed_head_file: Path | None = None
    keep_parameters: bool = False
    keep_months: Annotated[int, Field(ge=36, le=1200)] = 36
    keep_process_months: Annotated[int, Field(ge=6, le=1200)] = 6
    archive_dir: Path | None = None
    disposal_seconds: Annotated[float, Field(gt=0, le=3600)] = 30
    allow_unsafe_durability: bool = False


class WitnessAt(Section):
    """A witness of another place（见证方）: its key as ``name+hash+base64`` and where it takes checkpoints.

    ``monitoring_url`` is where it shows what it cosigned, if it does; a witness of this gateway shows it under ``url``.
    """

    name: Annotated[str, AfterValidator(_slug)]
    key: Annotated[str, Field(min_length=40, max_length=300)]
    url: Annotated[str, AfterValidator(_secure_url)]
    monitoring_url: Annotated[str, AfterValidator(_secure_url)] | None = None


class StampAuthority(Section):
    """A time-stamping authority（时间戳服务机构） by RFC 3161; its certificate is judged by [certificates]."""

    name: Annotated[str, AfterValidator(_slug)]
    url: Annotated[str, AfterValidator(_secure_url)]


class Witnessing(Section):
    """What the log gets from others: witnesses, time stamps, an anchor; and how long it may be without them."""

    witnesses: Annotated[tuple[WitnessAt, ...], Field(max_length=32)] = ()
    quorum_min: Annotated[int, Field(ge=0, le=32)] = 0
    submit_seconds: Annotated[float, Field(gt=0, le=600)] = 2
    answer_seconds: Annotated[float, Field(gt=0, le=30)] = 1
    authorities: Annotated[tuple[StampAuthority, ...], Field(max_length=2)] = ()
    stamp_seconds: Annotated[float, Field(gt=0, le=86400)] = 60
    anchor_url: Annotated[str, AfterValidator(_secure_url)] | None = None
    anchor_seconds: Annotated[float, Field(gt=0, le=604800)] = 3600
    watch_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    warn_seconds: Annotated[int, Field(ge=1, le=86400)] = 3600
    publish_stop_seconds: Annotated[int, Field(ge=1, le=86400)] = 300
    witness_stop_seconds: Annotated[int, Field(ge=1, le=2592000)] = 86400
    stamp_stop_seconds: Annotated[int, Field(ge=1, le=2592000)] = 14400
    strict: bool = False
    egress_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ("127.0.0.0/8",)

    @model_validator(mode="after")
    def _each_is_itself(self) -> Self:
        for what in ("name", "key", "url"):
            if len({getattr(one, what) for one in self.witnesses}) != len(self.witnesses):
                raise ValueError(f"two witnesses have the same {what}")
        if len({one.name for one in self.authorities}) != len(self.authorities):
            raise ValueError("two authorities have the same name")
        if self.quorum_min > len(self.witnesses):
            raise ValueError("quorum_min is larger than the number of witnesses")
        return self


class Supervision(Section):
    """The timers of supervision; the ladder itself stands in ``config/supervision.toml``."""

    sweep_seconds: Annotated[float, Field(gt=0, le=3600)] = 5
    batch_max: Annotated[int, Field(ge=1, le=10000)] = 500
    calendar_refresh_seconds: Annotated[float, Field(gt=0, le=60)] = 1


class Notify(Section):
    """Notices of supervision: the pace of the outbox, and the mail server; webhooks need no setting."""

    outbox_seconds: Annotated[float, Field(gt=0, le=3600)] = 2
    batch_max: Annotated[int, Field(ge=1, le=500)] = 20
    retry_seconds: Annotated[float, Field(gt=0, le=3600)] = 30
    retry_max_seconds: Annotated[float, Field(gt=0, le=86400)] = 3600
    stuck_seconds: Annotated[float, Field(gt=0)] = 3600
    smtp_host: str | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 25
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str | None = None
    smtp_password_file: Path | None = None
    smtp_sender: str | None = None
    smtp_seconds: Annotated[float, Field(gt=0, le=120)] = 20


class Monitoring(Section):
    """共享服务运行监测: pace of the probes, and when something counts as a trouble."""

    enabled: bool = True
    interval_seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    concurrent_max: Annotated[int, Field(ge=1, le=200)] = 20
    slow_seconds: Annotated[float, Field(gt=0, le=60)] = 3
    late_percent: Annotated[int, Field(ge=0, le=1000)] = 50
    call_faults_min: Annotated[int, Field(ge=1, le=100000)] = 3
    call_fault_percent: Annotated[int, Field(ge=1, le=100)] = 50
    history_days: Annotated[int, Field(ge=2, le=3660)] = 400
    reference_address: (
        Annotated[str, Field(pattern=r"^[^:\s]+:[0-9]{1,5}$|^\[[0-9a-f:]+\]:[0-9]{1,5}$")] | None
    ) = None


class Federation(Section):
    """级联: where upper platforms are described, and how this gateway is called from above."""

    folder: Path | None = None
    calls_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")] | None = None
    tick_seconds: Annotated[float, Field(gt=0, le=60)] = 2


class Quality(Section):
    """Keeping the catalogue true: what the law leaves to the place."""

    rating_answer_days: Annotated[int, Field(ge=1, le=60)] = 5
    compare_rows: Annotated[int, Field(ge=1, le=5000000)] = 200000
    compare_poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 10


class Sheets(Section):
    """Bounds of Excel files: what is read from people, and what is written for them."""

    rows_max: Annotated[int, Field(ge=10, le=1000000)] = 50000
    export_rows_max: Annotated[int, Field(ge=10, le=1000000)] = 200000
    faults_max: Annotated[int, Field(ge=10, le=100000)] = 10000
    entries_max: Annotated[int, Field(ge=10, le=10000)] = 500
    unzipped_bytes: Annotated[int, Field(ge=65536, le=4294967296)] = 268435456
    ratio_max: Annotated[int, Field(ge=10, le=1100)] = 200
    work_seconds: Annotated[int, Field(ge=1, le=600)] = 60
    memory_bytes: Annotated[int, Field(ge=268435456, le=34359738368)] = 2147483648

    @property
    def head_rows(self) -> int:
        """Rows above the data that do not count: titles, their second line, remarks."""
        return 10


class Catalog(Section):
    """Notice before something departments use is changed or ended."""

    notice_days: Annotated[int, Field(ge=0, le=365)] = 30
    turning_idle_seconds: Annotated[float, Field(gt=0, le=3600)] = 60


class Attestation(Section):
    """出证: the key that seals decisions and receipts, and where it is."""

    algorithm: Literal["ES256", "SM2"] = "ES256"
    key: Literal["vault", "pkcs11"] = "vault"
    pkcs11_module: Path | None = None
    pkcs11_token: str = "gateway"
    pkcs11_label: str = "gateway seal"
    pkcs11_pin_file: Path | None = None


class Sealing(Section):
    """Electronic seals: whom they rely on, which documents need one, and bounds of their verification."""

    trust_dir: Path | None = None
    rules_file: Path | None = None
    seal_bytes: Annotated[int, Field(ge=1024, le=2000000)] = 524288
    concurrent_max: Annotated[int, Field(ge=1, le=64)] = 2
    proven_time: bool = False


class Telemetry(Section):
    """Logs, and what is measured beyond the ordinary."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    call_stages: bool = False


class Settings(BaseSettings):
    """All sections. Build it with :func:`load`."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    platform: Platform = Platform()
    listen: Listen = Listen()
    storage: Storage = Storage()
    secrets: Secrets = Secrets()
    web: Web = Web()
    identity: Identity = Identity()
    certificates: Certificates = Certificates()
    audit: Audit = Audit()
    witnessing: Witnessing = Witnessing()
    siem: Siem = Siem()
    alerting: Alerting = Alerting()
    supervision: Supervision = Supervision()
    notify: Notify = Notify()
    exchange: Exchange = Exchange()
    batches: Batches = Batches()
    exports: Exports = Exports()
    subscriptions: Subscriptions = Subscriptions()
    monitoring: Monitoring = Monitoring()
    federation: Federation = Federation()
    quality: Quality = Quality()
    sheets: Sheets = Sheets()
    catalog: Catalog = Catalog()
    attestation: Attestation = Attestation()
    sealing: Sealing = Sealing()
    telemetry: Telemetry = Telemetry()


def _sources(
    file: Path | None,
    kind: type[BaseSettings],
    init: PydanticBaseSettingsSource,
    env: PydanticBaseSettingsSource,
) -> tuple[PydanticBaseSettingsSource, ...]:
    toml = (TomlConfigSettingsSource(kind, toml_file=file),) if file else ()
    return (init, env, *toml)


def load(file: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings.

    Args:
        file: a TOML file; without it only environment and defaults count.
        overrides: sections whose names win over everything, one by one (tests, the master key's place).

    Raises:
        BadSettings: a value is wrong or a name unknown; the detail names each.
    """
    if file is not None and not file.is_file():
        raise BadSettings(f"the settings file {file} does not exist", f"配置文件 {file} 不存在")
    build = partial(_sources, file)

    class Reader(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return build(settings_cls, init_settings, env_settings)

    _refuse_unknown_sections()
    try:
        return Reader(**overrides)
    except ValidationError as wrong:
        said = "; ".join(f"[{'.'.join(map(str, e['loc']))}] {e['msg']}" for e in wrong.errors())
        raise BadSettings(f"settings: {said}", f"配置项有误：{said}") from None
    except SettingsError as wrong:
        raise BadSettings(
            f"settings: {wrong}; lists are written as JSON", f"配置项有误：{wrong}（列表须为 JSON）"
        ) from None
    except (OSError, UnicodeDecodeError, TOMLDecodeError) as wrong:
        raise BadSettings(f"the settings file {file}: {wrong}", f"配置文件 {file} 有误：{wrong}") from None


def _refuse_unknown_sections() -> None:
    """The library looks for the names it knows; a misspelt section would otherwise be passed over."""
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = {name for name in os.environ if name.upper().startswith(_PREFIX)}
    for name in sorted(given):
        if "__".join(name.upper().split("__")[:2]) not in known:
            raise BadSettings(f"settings: [{name}] is no setting", f"配置项有误：没有 {name}")


def config_dir() -> Path:
    """The folder with calendars and rule sets: ``GATEWAY_CONFIG_DIR``, else ``config/`` beside the package."""
    given = os.environ.get("GATEWAY_CONFIG_DIR")
    return Path(given) if given else Path(__file__).resolve().parent.parent / "config"
