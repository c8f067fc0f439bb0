"""接口: an HTTP service of the providing department."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from gateway.authz.grants.denials import ParameterWrong
from gateway.catalog import HttpMount
from gateway.errors import FieldFault, Malformed
from gateway.exchange.connectors.upper import UpperServices
from gateway.exchange.projection import at, parsed, records_of, steps_of
from gateway.settings import Exchange as Limits
from gateway.web.outbound import Outbound, UpstreamStatus
from gateway.web.reading import parse_json

_ERROR_BYTES: Final = 4096
_ERROR_DEPTH: Final = 8


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
    value = parsed(await outbound.get(url, sent, limits.answer_bytes))
    if mount.upper is not None:
        uppers.check(mount.upper, value)
    return records_of(at(value, steps_of(mount.records_at)))


async def fetch_http(
    outbound: Outbound,
    mount: HttpMount,
    parameters: Mapping[str, str],
    headers: Mapping[str, str],
    limits: Limits,
    *,
    with_errors: bool,
) -> bytes:
    """Ask a department's own service; the body of its answer, not yet read. Raises as :func:`read_http` does.

    Args:
        with_errors: a failure tells its status and, as far as that is a small strict JSON object, what it said.
    """
    url, sent = address(mount.url, parameters), {"Accept": "application/json", **headers}
    try:
        return await outbound.get(url, sent, limits.answer_bytes, _ERROR_BYTES if with_errors else 0)
    except UpstreamStatus as failure:
        if with_errors:
            failure.extra.update(_said(failure))
        raise


def _said(failure: UpstreamStatus) -> dict[str, Any]:
    """Written anew by whoever writes the problem: no byte of the provider's passes."""
    said: dict[str, Any] = {"provider_said": failure.detail}
    try:
        value = parse_json(failure.body, _ERROR_DEPTH)
    except Malformed:
        return said
    return {**said, "provider_error": value} if isinstance(value, dict) else said


def address(template: str, parameters: Mapping[str, str]) -> str:
    """The template with each parameter percent-encoded in its place; a parameter cannot leave its place.

    Raises:
        ParameterWrong: a value that would be a dot segment of the path (RFC 3986 section 5.2.4).
    """
    parts = _parts(template)
    made = [parts[0]]
    for name, rest in zip(parts[1::2], parts[2::2], strict=True):
        value = parameters[name]
        if value.strip(".") == "":
            pointer = f"/parameters/{name}"
            raise ParameterWrong(FieldFault(pointer, "cannot be dots alone", "参数值不能仅由点号组成"))
        made += (value if value.isascii() and value.isalnum() else quote(value, safe=""), rest)
    return "".join(made)


@lru_cache(4096)
def _parts(template: str) -> tuple[str, ...]:
    """Text and names of parameters in turn; it begins and ends with text."""
    return tuple(re.split(r"\{([a-z][a-z0-9_]*)\}", template))
