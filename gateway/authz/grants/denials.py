"""Why a call is refused: the closed list. A class is the problem type, the audit reason and the metric label."""

from typing import Final

from gateway.errors import Forbidden, GatewayError, Invalid, TooMany


class Denied(Forbidden):
    """The grant does not allow this call（授权不允许此次调用）."""


class GrantNotYetValid(Denied):
    """The grant is not valid yet（授权尚未生效）."""

    remedy = ("Call from the day named in the detail on.", "请自所示日期起调用。")


class GrantExpired(Denied):
    """The grant has expired（授权已到期）."""

    remedy = ("File a new application; refer to the expired one.", "请重新提出共享申请并注明原申请编号。")


class GrantSuspended(Denied):
    """The grant is suspended（授权已被暂停）."""

    remedy = (
        "Clear the cause with the providing department; it or the security administrator can resume the grant.",
        "请与提供部门沟通整改，由其或安全管理员恢复授权。",
    )


class GrantRevoked(Denied):
    """The grant is revoked（授权已被撤销）."""

    remedy = ("File a new application if the need still exists.", "如仍有需要，请重新提出共享申请。")


class NoGrant(Denied):
    """There is no grant for this call（没有可用的授权）."""

    remedy = ("File an application for the resource first.", "请先就该资源提出共享申请。")


class WrongClient(Denied):
    """The grant belongs to another application system（授权属于其他应用系统）."""

    remedy = ("Call with the system the grant names.", "请使用授权所列的应用系统调用。")


class WrongService(Denied):
    """The grant is for another service（授权不适用于该服务）."""

    remedy = ("Get a token for the service you call.", "请获取目标服务的令牌。")


class WrongPurpose(Denied):
    """The purpose is not the granted one（使用场景与授权不符）."""

    remedy = (
        "Use data only for the granted purpose; another purpose needs another application (Decree 809 Art. 25).",
        "仅限授权场景使用；其他用途须另行申请（《政务数据共享条例》第二十五条）。",
    )


class WrongMatter(Denied):
    """The matter is not the granted one（事项与授权不符）."""

    remedy = ("Name the matter code of the grant.", "请填写授权所列事项编码。")


class FieldOutsideGrant(Denied):
    """A field is outside the grant（字段超出授权范围）."""

    remedy = (
        "Ask only for granted fields, or leave fields out to get all of them.",
        "请只请求已授权字段，或省略 fields。",
    )


class ParameterOutsideGrant(Denied):
    """A parameter is outside the grant（参数超出授权范围）."""

    remedy = (
        "Use a value the grant allows; a wider range needs another application.",
        "请使用授权范围内的取值；扩大范围须另行申请。",
    )


class ParameterWrong(Invalid):
    """A parameter is missing, unknown or not well formed（参数缺失、未声明或格式不正确）."""


class ResourceWithdrawn(Denied):
    """The resource is no longer shared（信息资源已撤销共享）."""

    remedy = ("Search the catalogue for its successor.", "请在目录中查找替代资源。")


class ClientDisabled(Denied):
    """The application system is disabled（应用系统已停用）."""

    remedy = ("Ask the security administrator.", "请联系安全管理员。")


class QuotaUsedUp(TooMany):
    """The grant's quota for today is used up（当日调用配额已用完）."""

    remedy = (
        "Wait until midnight (Asia/Shanghai), or apply for a higher quota.",
        "请于次日零时（北京时间）后重试，或申请提高配额。",
    )


DENIALS: Final[tuple[type[GatewayError], ...]] = (
    GrantNotYetValid,
    GrantExpired,
    GrantSuspended,
    GrantRevoked,
    NoGrant,
    WrongClient,
    WrongService,
    WrongPurpose,
    WrongMatter,
    FieldOutsideGrant,
    ParameterOutsideGrant,
    ParameterWrong,
    ResourceWithdrawn,
    ClientDisabled,
    QuotaUsedUp,
)
"""All of them; a refusal that is not here is a defect."""

GRANTED: Final = "granted"
"""The reason word of an allowed call."""
