"""The kinds of refusal and failure. Rooms subclass a kind; ``web.problems`` turns a kind into a status.

A subclass's docstring is the problem's title (English, then 中文 in brackets), its name the problem type:
``class GrantRevoked(Forbidden)`` answers as ``/problems/grant-revoked`` (RFC 9457 section 3.1).
"""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final

_MOST_SHOWN: Final = 50


class GatewayError(Exception):
    """The request could not be carried out（请求未能完成）.

    Args:
        detail: what happened, in English, for the person who must act on it.
        detail_zh: the same in Chinese.
        extra: further public members of the problem document; values must be JSON.

    ``headers`` are set on the answer, for refusals whose protocol asks for some.
    """

    remedy: ClassVar[tuple[str, str]] = (
        "Quote the request id to the platform.",
        "请把请求编号告知平台管理部门。",
    )

    def __init__(self, detail: str, detail_zh: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.detail_zh = detail_zh
        self.extra = extra
        self.headers: dict[str, str] = {}

    @classmethod
    def slug(cls) -> str:
        """The last part of the problem type, e.g. ``grant-revoked``; also the reason in audit and metrics."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        """The docstring's first sentence, without its full stop."""
        return (cls.__doc__ or cls.__name__).strip().split("\n")[0].rstrip(".")


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing wrong with one field: a JSON pointer (RFC 6901) and what to change, in both languages.

    The empty pointer is the whole content.
    """

    pointer: str
    detail: str
    detail_zh: str


class Malformed(GatewayError):
    """The request is not well formed（请求格式不正确）."""

    remedy = (
        "Correct the request's syntax and send it again.",
        "请修正请求格式后重新发送。",
    )


class Invalid(GatewayError):
    """The content does not satisfy the rules（内容不符合规则）.

    The answer counts all faults and lists the first fifty, so that it cannot grow with what was sent.
    """

    remedy = (
        "Correct the fields named in errors and send the whole request again; nothing was stored.",
        "请按 errors 所列字段修改后重新提交；本次未保存任何内容。",
    )

    def __init__(self, *faults: FieldFault) -> None:
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(
            f"{first.pointer or 'content'}: {first.detail}{more}",
            f"{first.pointer or '内容'}：{first.detail_zh}"
            + (f"（另有 {len(faults) - 1} 处）" if more else ""),
            errors=[
                {"pointer": fault.pointer, "detail": fault.detail, "detail_zh": fault.detail_zh}
                for fault in faults[:_MOST_SHOWN]
            ],
        )
        self.faults = faults


class Unauthenticated(GatewayError):
    """The caller could not be identified（无法确认调用者身份）."""

    remedy = (
        "Present a valid access token in the Authorization header: Bearer <token>.",
        "请在 Authorization 请求头中携带有效的访问令牌。",
    )


class Forbidden(GatewayError):
    """The caller may not do this（无权执行此操作）."""

    remedy = (
        "Ask a person who holds the role named in the detail.",
        "请由具有相应角色的人员办理。",
    )


class NotFound(GatewayError):
    """There is no such thing, or it is not yours to see（不存在或无权查看）."""

    remedy = (
        "Check the identifier; list what you may see with the collection's GET.",
        "请核对编号；可通过列表接口查询可见内容。",
    )


class Conflict(GatewayError):
    """The state of the thing does not allow this now（当前状态不允许此操作）."""

    remedy = (
        "Read the thing again and act on its present state.",
        "请重新读取最新状态后再操作。",
    )


class TooMany(GatewayError):
    """More was asked than is allowed（超出允许的数量或频次）."""

    remedy = ("Wait for the time in Retry-After.", "请在 Retry-After 所示时间之后重试。")


class Upstream(GatewayError):
    """The providing department's system did not give a usable answer（提供部门系统未能正常应答）."""

    remedy = (
        "Try again later; if it lasts, quote the request id to the providing department.",
        "请稍后重试；如持续出现，请将请求编号告知数据提供部门。",
    )


class Unavailable(GatewayError):
    """A needed part of the gateway is not available（网关所需组件暂不可用）."""

    remedy = ("Try again after the time in Retry-After.", "请在 Retry-After 所示时间之后重试。")


class BadSettings(GatewayError):
    """The configuration is wrong（配置有误）."""

    remedy = (
        "Correct the setting named in the detail, then run ./gw doctor.",
        "请修改所指配置项，然后运行 ./gw doctor。",
    )
