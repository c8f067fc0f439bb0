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
    """The providing department's system answered with a failure（提供部门系统返回失败）."""

    result = "status"


class UpstreamTooLarge(Upstream):
    """The providing department's answer is too large（提供部门应答数据过大）."""

    result = "too_large"


class UpstreamInvalid(Upstream):
    """The providing department's answer is not what the catalogue says（提供部门应答与目录描述不符）."""

    result = "invalid"
