"""How a request to another department's system can fail: one kind each, by whose fault it is."""

from gateway.errors import Upstream


class UpstreamUnreachable(Upstream):
    """The providing department's system cannot be reached（无法连接提供部门系统）."""

    result = "unreachable"


class UpstreamTimeout(Upstream):
    """The providing department's system did not answer in time（提供部门系统应答超时）."""

    result = "timeout"
    status = 504


class UpstreamStatus(Upstream):
    """The providing department's system answered with a failure（提供部门系统返回失败）.

    ``body`` is what it said to that, where the question asked to keep it.
    """

    result = "status"
    body = b""


class UpstreamTooLarge(Upstream):
    """The providing department's answer is too large（提供部门应答数据过大）."""

    result = "too_large"


class UpstreamInvalid(Upstream):
    """The providing department's answer is not what the catalogue says（提供部门应答与目录描述不符）."""

    result = "invalid"


class UpstreamBusy(Upstream):
    """More is asked of the providing department's system at once than is let through（对提供部门系统的并发请求过多）."""

    result = "busy"
    status = 503
    remedy = ("Try again after a moment, with fewer calls at once.", "请降低并发，稍后重试。")


class UpstreamResting(Upstream):
    """The providing department's system failed repeatedly and is left in peace for a while（提供部门系统连续故障，暂停转发）."""

    result = "resting"
    status = 503
    remedy = (
        "Try again after the time in Retry-After; if it lasts, quote the request id to the providing department.",
        "请在 Retry-After 所示时间之后重试；如持续出现，请将请求编号告知数据提供部门。",
    )
