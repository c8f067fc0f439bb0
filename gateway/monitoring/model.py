"""What follows from a finding: states, sides, troubles. Pure.

Whose fault a silence is cannot be read from the silence alone; the table :data:`REASONS` says for each way of not
answering on whose side it lies, and what a person is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.catalog.description import UpdateCycle
from gateway.names import OrgCode, ResourceId


class Side(StrEnum):
    """故障责任方."""

    CALLER = "caller"
    """调用方."""
    GATEWAY = "gateway"
    """网关."""
    PROVIDER = "provider"
    """提供方."""


class HealthState(StrEnum):
    """未知, 正常, 降级, 中断."""

    UNKNOWN = "unknown"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class AlarmKind(StrEnum):
    """What an alarm is about."""

    UNAVAILABLE = "unavailable"
    """不可用."""
    SCHEMA_DRIFT = "schema_drift"
    """结构漂移: the source no longer has what the catalogue describes."""
    SLOW = "slow"
    """响应缓慢."""
    STALE = "stale"
    """数据未按更新周期更新."""
    CALLS_FAIL = "calls_fail"
    """调用失败率过高."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Whose fault, and in words; ``{detail}`` in the words is the finding's."""

    side: Side
    en: str
    zh: str
    kind: AlarmKind = AlarmKind.UNAVAILABLE


REASONS: Final[dict[str, Reason]] = {
    "egress": Reason(Side.GATEWAY, "the mount's address lies outside [exchange] egress_networks", "挂接地址不在网关允许的网段内"),
    "local": Reason(Side.GATEWAY, "this host has no way out: network or sockets", "网关主机网络不通或连接资源耗尽"),
    "resolver": Reason(Side.GATEWAY, "the name server does not answer", "域名服务器无应答"),
    "reference": Reason(Side.GATEWAY, "neither the source nor the reference address of the network answers",
                        "来源与参照地址均无法连接，网关侧网络故障"),
    "secret": Reason(Side.GATEWAY, "the mount's stored secret does not open", "挂接密钥无法解开"),
    "broke": Reason(Side.GATEWAY, "the probe failed inside the gateway", "探测在网关内部失败"),
    "unknown_host": Reason(Side.PROVIDER, "the host's name is not known", "主机名无法解析"),
    "refused": Reason(Side.PROVIDER, "the connection is refused: nothing listens there", "连接被拒绝，服务未运行"),
    "unreachable": Reason(Side.PROVIDER, "the host cannot be reached", "主机无法到达"),
    "timeout": Reason(Side.PROVIDER, "no answer in time", "应答超时"),
    "broken": Reason(Side.PROVIDER, "the connection broke before an answer", "应答前连接中断"),
    "status": Reason(Side.PROVIDER, "the service answers with status {detail}", "服务返回状态码 {detail}"),
    "login": Reason(Side.PROVIDER, "the database lets the gateway's login in no longer, or serves nobody", "数据库拒绝网关账号登录或不可用"),
    "relation": Reason(Side.PROVIDER, "the table {detail} is gone or may not be read", "表 {detail} 不存在或无读取权限",
                       AlarmKind.SCHEMA_DRIFT),
    "columns": Reason(Side.PROVIDER, "columns are missing: {detail}", "缺少列：{detail}", AlarmKind.SCHEMA_DRIFT),
    "gone": Reason(Side.PROVIDER, "nothing is at the address any more (status {detail})", "挂接地址已不存在（状态码 {detail}）",
                   AlarmKind.SCHEMA_DRIFT),
}  # fmt: skip
"""Every way in which a source does not answer as mounted."""

_DAYS: Final = {
    UpdateCycle.REALTIME: 1,
    UpdateCycle.DAILY: 1,
    UpdateCycle.WEEKLY: 7,
    UpdateCycle.MONTHLY: 31,
    UpdateCycle.QUARTERLY: 92,
    UpdateCycle.HALF_YEARLY: 184,
    UpdateCycle.YEARLY: 366,
}
"""The longest an update cycle (更新周期) lasts, in days; 不定期 has no length."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe came back with.

    ``reason`` is a key of :data:`REASONS` or empty when the source answered; ``refreshed_at`` the last real refresh
    the source tells of, None where it tells nothing.
    """

    reason: str = ""
    detail: str = ""
    seconds: float | None = None
    refreshed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """Real calls by outcome: released, and failed by the side at fault.

    ``invalid`` of the provider's were answers that did not fit the description; ``note`` says of the last what did not.
    """

    ok: int = 0
    caller: int = 0
    gateway: int = 0
    provider: int = 0
    invalid: int = 0
    note: str = ""

    def __add__(self, later: "Calls") -> "Calls":
        return Calls(
            self.ok + later.ok, self.caller + later.caller, self.gateway + later.gateway,
            self.provider + later.provider, self.invalid + later.invalid, later.note or self.note,
        )  # fmt: skip

    @property
    def all(self) -> int:
        """How many there were."""
        return self.ok + self.caller + self.gateway + self.provider


@dataclass(frozen=True, slots=True)
class Policy:
    """When something counts as a trouble; see ``[monitoring]`` of the settings."""

    slow_seconds: float
    late_percent: int
    call_faults_min: int
    call_fault_percent: int

    def stale_after(self, cycle: UpdateCycle) -> timedelta | None:
        """How old a refresh may be: the cycle and its grace; None where the cycle has no length."""
        days = _DAYS.get(cycle)
        return None if days is None else timedelta(days=days * (100 + self.late_percent) / 100)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, on whose side, and in words for both languages."""

    kind: AlarmKind
    side: Side
    reason: str
    en: str
    zh: str


def troubles(
    finding: Finding, calls: Calls, refreshed_at: datetime | None, cycle: UpdateCycle, policy: Policy, now: datetime
) -> list[Trouble]:  # fmt: skip
    """Everything wrong with a resource now.

    Args:
        calls: the real calls since the probe before.
        refreshed_at: the last refresh ever told of.
    """
    found = []
    if finding.reason:
        why = REASONS[finding.reason]
        said = [text.format(detail=finding.detail) for text in (why.en, why.zh)]
        found.append(Trouble(why.kind, why.side, finding.reason, said[0], said[1]))
    elif finding.seconds is not None and finding.seconds > policy.slow_seconds:
        took = f"{finding.seconds:.1f}"
        found.append(
            Trouble(
                AlarmKind.SLOW, Side.PROVIDER, "slow", f"the source took {took} s", f"来源响应用时 {took} 秒"
            )
        )
    if stale := _stale(refreshed_at, cycle, policy, now):
        found.append(stale)
    return found + _failing(calls, policy)


def _stale(
    refreshed_at: datetime | None, cycle: UpdateCycle, policy: Policy, now: datetime
) -> Trouble | None:
    allowed = policy.stale_after(cycle)
    if refreshed_at is None or allowed is None or now - refreshed_at <= allowed:
        return None
    on = refreshed_at.isoformat(timespec="minutes")
    return Trouble(
        AlarmKind.STALE, Side.PROVIDER, "stale", f"last refreshed {on}, the cycle is {cycle}", f"最近更新 {on}，更新周期 {cycle}"
    )  # fmt: skip


def _failing(calls: Calls, policy: Policy) -> list[Trouble]:
    """The side most calls failed on, if many enough did."""
    side, count = max(
        ((Side.PROVIDER, calls.provider), (Side.GATEWAY, calls.gateway), (Side.CALLER, calls.caller)),
        key=lambda one: one[1],
    )
    if count < policy.call_faults_min or count * 100 < policy.call_fault_percent * calls.all:
        return []
    if side is Side.PROVIDER and calls.invalid * 2 > calls.provider:
        words = f"answers do not fit the description: {calls.note}", f"应答与目录描述不符：{calls.note}"
        return [Trouble(AlarmKind.SCHEMA_DRIFT, side, "calls_invalid", *words)]
    return [
        Trouble(
            AlarmKind.CALLS_FAIL, side, f"calls_{side}", f"{count} of {calls.all} calls failed on the side of the {side}",
            f"{calls.all} 次调用中 {count} 次因{_SIDES[side]}原因失败",
        )
    ]  # fmt: skip


_SIDES: Final = {Side.CALLER: "调用方", Side.GATEWAY: "网关", Side.PROVIDER: "提供方"}


def state_of(found: Sequence[Trouble]) -> HealthState:
    """中断 if the source does not answer as described, 降级 if anything else is wrong; a caller's faults do not count."""
    ours = [trouble for trouble in found if trouble.side is not Side.CALLER]
    if any(trouble.kind in (AlarmKind.UNAVAILABLE, AlarmKind.SCHEMA_DRIFT) for trouble in ours):
        return HealthState.DOWN
    return HealthState.DEGRADED if ours else HealthState.UP


def of_each_kind_one(found: Sequence[Trouble]) -> list[Trouble]:
    """The first trouble of each kind: there is one open alarm per resource and kind."""
    first: dict[AlarmKind, Trouble] = {}
    for trouble in found:
        first.setdefault(trouble.kind, trouble)
    return list(first.values())


@dataclass(frozen=True, slots=True)
class Alarm:
    """告警: a trouble on record. ``event_id`` is the audit record of its raising."""

    id: UUID
    resource_id: ResourceId
    resource_code: str
    resource_name: str
    provider_org: OrgCode
    trouble: Trouble
    raised_at: datetime
    cleared_at: datetime | None
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of one resource; ``since`` is when it came into its state, ``recent`` the calls since a probe."""

    resource_id: ResourceId
    resource_version: int
    state: HealthState
    since: datetime
    probed_at: datetime | None
    latency_seconds: float | None
    refreshed_at: datetime | None
    recent: Calls = field(default_factory=Calls)


@dataclass(frozen=True, slots=True)
class Volume:
    """Probes and calls of a period; ``call_seconds`` is the sum over released calls."""

    probes: int
    probes_failed: int
    calls: Calls
    call_seconds: float

    @property
    def availability(self) -> float | None:
        """Share of probes that were answered, 0 to 1; None before the first."""
        return None if not self.probes else (self.probes - self.probes_failed) / self.probes


@dataclass(frozen=True, slots=True)
class Watched:
    """A resource as the monitor's list shows it; the volume is that of the last 24 hours."""

    watch: Watch
    code: str
    name: str
    provider_org: OrgCode
    update_cycle: UpdateCycle
    volume: Volume
    alarms: tuple[Alarm, ...]
