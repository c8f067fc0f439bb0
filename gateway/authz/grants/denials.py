"""Why a call is refused: the closed list. A class is the problem type, the audit reason and the metric label.

Each exact reason has a coarse one beside it, for those who may know that a call would fail but not why.
"""

from collections.abc import Mapping
from enum import StrEnum
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
        "Answer the order to rectify; the providing department resumes the grant (Decree 809 Art. 27).",
        "请按限期整改要求答复，由提供部门恢复授权（《政务数据共享条例》第二十七条）。",
    )


class SuspendedByAuthority(Denied):
    """The authority has suspended the grant（授权已被主管部门暂停）."""

    remedy = (
        "Answer the order to rectify; only the authority resumes the grant, not the provider (Decree 809 Art. 27).",
        "请按限期整改要求答复；仅主管部门可以恢复，提供部门不能（《政务数据共享条例》第二十七条）。",
    )


class GrantEnded(Denied):
    """The requesting department has ended the grant（需求部门已结束使用）."""

    remedy = ("File a new application if the need arises again.", "如再有需要，请重新提出共享申请。")


class ResourceNotShared(Denied):
    """The resource has become one that is not shared（信息资源已改为不予共享）."""

    remedy = (
        "Read the legal basis in the catalogue; if you hold it does not apply, open a dispute (Decree 809 Art. 28).",
        "请查阅目录所列依据；如有异议，可依《政务数据共享条例》第二十八条提出争议处理。",
    )


class CoreData(Denied):
    """Core data is never shared here（核心数据不得通过本网关共享）."""

    remedy = (
        "Ask the providing department; data graded core does not leave it (GB/T 43697-2024).",
        "请联系提供部门；核心数据不得提供（GB/T 43697-2024）。",
    )


class GrantOutdated(Denied):
    """The grant no longer fits the resource（授权与信息资源现行版本不符）."""

    remedy = (
        "The resource has changed since the grant was issued; file a new application for it as it is now.",
        "授权签发后信息资源已变更，请按现行版本重新提出共享申请。",
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


class CaseMissing(Denied):
    """The call names no case（调用未注明办件编号）."""

    remedy = ("Name the case the call is made for; send it by POST.", "请以 POST 请求填写办件编号 case。")


class OperatorMissing(Denied):
    """The call names no operator（调用未注明操作人）."""

    remedy = ("Name who asked for the call; send it by POST.", "请以 POST 请求填写操作人 operator。")


class ConsentMissing(Denied):
    """The call names no consent of the person it is about（调用未注明当事人授权同意）."""

    remedy = (
        "Get the person's consent and name its reference with consent; send it by POST.",
        "请取得当事人授权同意，并以 POST 请求在 consent 中填写其编号。",
    )


class OutsideHours(Denied):
    """The grant is not for this hour of the day（不在授权时段内）."""

    remedy = ("Call within the hours named in the detail.", "请在所示时段内调用。")


class FieldWithdrawn(Denied):
    """A granted field is no longer part of the resource（已授权字段不再属于该信息资源）."""

    remedy = (
        "Leave the field out; what took its place needs another application.",
        "请不再请求该字段；替代字段须另行申请。",
    )


class RecordsOutsideGrant(Denied):
    """The answer holds more records than the grant allows（应答记录数超出授权范围）."""

    remedy = ("Narrow the parameters.", "请缩小查询范围。")


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


class RateExceeded(TooMany):
    """The grant's calls for this minute are used up（当前一分钟内调用次数已达上限）."""

    remedy = ("Wait for the next minute, or spread the calls.", "请于下一分钟重试，或均匀安排调用。")


class Coarse(StrEnum):
    """What somebody without a right to the reason is told."""

    NOT_GRANTED = "not_granted"
    """无授权."""
    NOT_IN_FORCE = "not_in_force"
    """授权当前不可用."""
    OUTSIDE_GRANT = "outside_grant"
    """超出授权范围."""
    WRONG_REQUEST = "wrong_request"
    """请求不正确."""
    USED_UP = "used_up"
    """次数已用完."""


COARSE: Final[Mapping[type[GatewayError], Coarse]] = {
    NoGrant: Coarse.NOT_GRANTED,
    WrongClient: Coarse.NOT_GRANTED,
    WrongService: Coarse.NOT_GRANTED,
    GrantNotYetValid: Coarse.NOT_IN_FORCE,
    GrantExpired: Coarse.NOT_IN_FORCE,
    GrantSuspended: Coarse.NOT_IN_FORCE,
    SuspendedByAuthority: Coarse.NOT_IN_FORCE,
    GrantRevoked: Coarse.NOT_IN_FORCE,
    GrantEnded: Coarse.NOT_IN_FORCE,
    GrantOutdated: Coarse.NOT_IN_FORCE,
    ResourceNotShared: Coarse.NOT_IN_FORCE,
    CoreData: Coarse.NOT_IN_FORCE,
    ResourceWithdrawn: Coarse.NOT_IN_FORCE,
    ClientDisabled: Coarse.NOT_IN_FORCE,
    OutsideHours: Coarse.OUTSIDE_GRANT,
    WrongPurpose: Coarse.OUTSIDE_GRANT,
    WrongMatter: Coarse.OUTSIDE_GRANT,
    CaseMissing: Coarse.OUTSIDE_GRANT,
    OperatorMissing: Coarse.OUTSIDE_GRANT,
    ConsentMissing: Coarse.OUTSIDE_GRANT,
    FieldOutsideGrant: Coarse.OUTSIDE_GRANT,
    FieldWithdrawn: Coarse.OUTSIDE_GRANT,
    ParameterOutsideGrant: Coarse.OUTSIDE_GRANT,
    RecordsOutsideGrant: Coarse.OUTSIDE_GRANT,
    ParameterWrong: Coarse.WRONG_REQUEST,
    QuotaUsedUp: Coarse.USED_UP,
    RateExceeded: Coarse.USED_UP,
}

DENIALS: Final[tuple[type[GatewayError], ...]] = tuple(COARSE)
"""All of them; a refusal that is not here is a defect."""

GRANTED: Final = "granted"
"""The reason word of an allowed call."""
