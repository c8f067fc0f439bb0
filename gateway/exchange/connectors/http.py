"""接口: an HTTP service of the providing department."""

import re
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from gateway.authz.grants.denials import ParameterWrong
from gateway.catalog import HttpMount
from gateway.errors import FieldFault, Malformed
from gateway.exchange.assertion import Assertions
from gateway.exchange.connectors.upper import UpperServices
from gateway.exchange.plans import Plan
from gateway.exchange.projection import at, parsed, records_of, steps_of
from gateway.settings import Exchange as Limits
from gateway.web.outbound import Outbound, UpstreamStatus, place_of, said_of
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


def told(plan: Plan, request_id: str) -> dict[str, str]:
    """What the gateway says to a department of a call, beside its signed word (``assertion``)."""
    return {"Request-Id": request_id, **_told_always(plan)}


def _told_always(plan: Plan) -> dict[str, str]:
    grant = plan.grant
    return {
        "Gateway-Consumer": grant.consumer_org,
        "Gateway-Grant": str(grant.id),
        "Gateway-Purpose": grant.purpose,
    }


class Questions:
    """Questions to a department's own service under one plan; what they have in common is written out once.

    A failure tells its status and, as far as that is a small strict JSON object, what it said, where the grant says so.
    """

    __slots__ = (
        "_answer_bytes", "_assertions", "_begin", "_each", "_error_bytes", "_outbound", "_place", "_places", "_plan", "_said",
        "_until",
    )  # fmt: skip

    def __init__(
        self,
        outbound: Outbound,
        plan: Plan,
        mount: HttpMount,
        assertions: Assertions | None,
        answer_bytes: int,
    ) -> None:
        parts = _parts(mount.url.removesuffix("#"))
        self._place, target = place_of("0".join(parts[::2]))  # places stand in path and query only
        self._places = tuple(zip(parts[1::2], parts[2::2], strict=True))
        beyond = sum(len(rest) + 1 for _, rest in self._places)
        self._begin = f"GET {target[: len(target) - beyond]}"
        self._outbound = outbound
        self._plan = plan
        self._assertions = assertions
        self._answer_bytes = answer_bytes
        self._error_bytes = _ERROR_BYTES if plan.grant.terms.rules.provider_errors else 0
        self._said = b""
        self._until = 0.0
        self._each = False

    async def ask(self, parameters: Mapping[str, str], request_id: str) -> bytes:
        """The body of the service's answer, not yet read. Raises as :func:`read_http` does."""
        line = _filled(self._begin, self._places, parameters)
        made = self._assertions
        if not self._said or (made is not None and self._is_due(made)):
            self._renew(request_id, line)
        said = b"%bRequest-Id: %b\r\n" % (self._said, request_id.encode("ascii"))
        try:
            return await self._outbound.ask(
                self._place, line.encode("ascii"), said, self._answer_bytes, self._error_bytes
            )
        except UpstreamStatus as failure:
            if self._error_bytes:
                failure.extra.update(_said(failure))
            raise

    def _is_due(self, made: Assertions) -> bool:
        # the last one was for one call, or the department shares a key since
        return self._each or made.is_each_call(self._plan.grant) or time.monotonic() >= self._until

    def _renew(self, request_id: str, line: str) -> None:
        headers = {"Accept": "application/json", **_told_always(self._plan)}
        made = self._assertions
        self._each = made is not None and made.is_each_call(self._plan.grant)
        if made is not None and self._each:
            headers["Gateway-Assertion"] = made.of(self._plan.grant, request_id, line.removeprefix("GET "))
        elif made is not None:
            headers["Gateway-Assertion"], seconds = made.standing(self._plan.grant)
            self._until = time.monotonic() + seconds
        self._said = said_of(headers)


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
    return _filled(parts[0], zip(parts[1::2], parts[2::2], strict=True), parameters)


def _filled(begin: str, places: Iterable[tuple[str, str]], parameters: Mapping[str, str]) -> str:
    made = [begin]
    for name, rest in places:
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
