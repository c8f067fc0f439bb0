"""接口: an HTTP service of the providing department."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gateway.authz.grants.denials import ParameterWrong
from gateway.catalog import HttpMount
from gateway.errors import FieldFault, Malformed
from gateway.exchange.connectors.upper import UpperServices
from gateway.settings import Exchange as Limits
from gateway.web.outbound import Outbound, UpstreamInvalid
from gateway.web.reading import parse_json

_DEPTH = 32


async def read_http(
    outbound: Outbound,
    mount: HttpMount,
    parameters: Mapping[str, str],
    headers: Mapping[str, str],
    limits: Limits,
    uppers: UpperServices,
) -> list[dict[str, Any]]:
    """Ask the service and take its records.

    Raises:
        Upstream: in one of its kinds; an answer that is not strict JSON with records where the mount says.
        ParameterWrong: see :func:`address`.
        UpperNotReady: it is a service of an upper platform the gateway cannot speak to yet.
    """
    url, sent = address(mount.url, parameters), {"Accept": "application/json", **headers}
    if mount.upper is not None:
        url, sent = await uppers.signed(mount.upper, url, sent)
    body = await outbound.get(url, sent, limits.answer_bytes)
    try:
        value = parse_json(body, _DEPTH)
    except Malformed:
        raise UpstreamInvalid(
            "the answer is not strict JSON: UTF-8, no member twice, no NaN, at most 32 levels, integers up to 2^53",
            "应答不是规范的 JSON：须为 UTF-8，键不重复，无 NaN，嵌套不超过 32 层，整数不超过 2^53",
        ) from None
    if mount.upper is not None:
        uppers.check(mount.upper, value)
    return _records(value, mount.records_at)


def address(template: str, parameters: Mapping[str, str]) -> str:
    """The template with each parameter percent-encoded in its place; a parameter cannot leave its place.

    Raises:
        ParameterWrong: a value that would be a dot segment of the path (RFC 3986 section 5.2.4).
    """

    def put(match: re.Match[str]) -> str:
        value = parameters[match[1]]
        if value.strip(".") == "":
            pointer = f"/parameters/{match[1]}"
            raise ParameterWrong(FieldFault(pointer, "cannot be dots alone", "参数值不能仅由点号组成"))
        return quote(value, safe="")

    return re.sub(r"\{([a-z][a-z0-9_]*)\}", put, template)


def _records(value: Any, pointer: str) -> list[dict[str, Any]]:
    for name in pointer.split("/")[1:]:
        if not isinstance(value, dict) or name not in value:
            raise UpstreamInvalid(f"there is nothing at {pointer}", f"应答中没有 {pointer}")
        value = value[name]
    records = [value] if isinstance(value, dict) else value
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise UpstreamInvalid("the records are no JSON objects", "应答记录不是 JSON 对象")
    return records
