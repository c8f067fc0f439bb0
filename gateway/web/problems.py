"""RFC 9457 problem documents: the one place where a failure becomes an answer."""

from collections.abc import Iterator
from typing import Final

import orjson
from aiohttp import web

from gateway.errors import (
    BadSettings,
    Conflict,
    Forbidden,
    GatewayError,
    Invalid,
    Malformed,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
    Upstream,
)
from gateway.web.outgoing import Outgoing, header_lines

_STATUS: dict[type[GatewayError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
    BadSettings: 500,
    Upstream: 502,
    Unavailable: 503,
}
_RETRY_SECONDS = "5"
OVERDUE: Final = "overdue"
"""What a task is told that is cancelled because its request has had its time."""
_MEDIA_TYPE = "application/problem+json"


class MethodNotAllowed(Malformed):
    """This address does not take this method（该地址不支持此方法）."""

    status = 405
    remedy = ("Use one of the methods in Allow.", "请使用 Allow 所列的方法。")


class ExpectationRefused(Malformed):
    """Expect is not supported（不支持 Expect 请求头）."""

    status = 417
    remedy = ("Send the request without the Expect header.", "请去掉 Expect 请求头后重新发送。")


class TooLarge(Malformed):
    """The request is too large（请求过大）."""

    status = 413
    remedy = ("Send less at once.", "请减小单次请求的内容。")


class AddressTooLong(Malformed):
    """The address is too long（请求地址过长）."""

    status = 414
    remedy = ("Shorten the path or the query.", "请缩短路径或查询串。")


class HeadTooLarge(Malformed):
    """The request's headers are too large together（请求头总长度过大）."""

    status = 431
    remedy = ("Send fewer or shorter headers.", "请减少或缩短请求头。")


class WrongMediaType(Malformed):
    """The body is of another type than this address takes（请求体类型不受支持）."""

    status = 415
    remedy = ("Set Content-Type to the type named in the detail.", "请按说明设置 Content-Type。")


class TooSlow(Malformed):
    """The request did not arrive in time（请求未在时限内送达）."""

    status = 408
    remedy = ("Send the whole request without pause.", "请一次性完整发送请求。")


class RequestOverdue(Unavailable):
    """The gateway did not get done with the request in time（网关未能在时限内处理完请求）."""

    remedy = (
        "Try again; if it lasts, quote the request id to the platform.",
        "请重试；如持续出现，请将请求编号告知平台管理部门。",
    )


class InternalFault(GatewayError):
    """The gateway has a fault（网关内部故障）."""


class UnknownPath(NotFound):
    """There is nothing at this address（该地址不存在）."""

    remedy = ("See /openapi.json for all addresses.", "请查看 /openapi.json 中的全部地址。")


def status_of(error: type[GatewayError]) -> int:
    """The HTTP status of an error's kind (its own ``status``, else that of the nearest kind above it)."""
    own = getattr(error, "status", None)
    if isinstance(own, int):
        return own
    for kind in error.__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return 500


def problem(error: GatewayError, request_id: str, base_url: str = "") -> dict[str, object]:
    """The members of the problem document for ``error``."""
    kind = type(error)
    return {
        "type": f"{base_url}/problems/{kind.slug()}",
        "title": kind.title(),
        "status": status_of(kind),
        "detail": error.detail,
        "detail_zh": error.detail_zh,
        "remedy": kind.remedy[0],
        "remedy_zh": kind.remedy[1],
        "instance": f"urn:uuid:{request_id}",
        **error.extra,
    }


def problem_response(error: GatewayError, request_id: str, base_url: str = "") -> web.Response:
    """The answer for ``error``, with the headers its status asks for (RFC 9110 section 15).

    After a malformed request the connection is closed: where the next one begins is not certain.
    """
    answer = web.Response(
        body=orjson.dumps(problem(error, request_id, base_url)),
        status=status_of(type(error)),
        content_type=_MEDIA_TYPE,
        headers=_headers(error, request_id),
    )
    if isinstance(error, Malformed):
        answer.force_close()
    return answer


def problem_outgoing(error: GatewayError, request_id: str, base_url: str = "", **more: object) -> Outgoing:
    """The same for a data service; ``more`` are members of the document.

    Raises:
        ValueError: a header that cannot be sent.
    """
    lines = header_lines({"Content-Type": _MEDIA_TYPE, **_headers(error, request_id)})
    body = orjson.dumps({**problem(error, request_id, base_url), **more})
    return Outgoing(status_of(type(error)), lines, body, close=isinstance(error, Malformed))


def _headers(error: GatewayError, request_id: str) -> dict[str, str]:
    status = status_of(type(error))
    headers = {"Request-Id": request_id, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if status in (429, 503):
        headers["Retry-After"] = str(error.extra.get("retry_after_seconds", _RETRY_SECONDS))
    if allowed := getattr(error, "allowed", None):
        headers["Allow"] = allowed
    headers.update(error.headers)
    return headers


def too_large(most_bytes: int) -> TooLarge:
    """The refusal of a body of more than ``most_bytes``."""
    return TooLarge(f"the body is larger than {most_bytes} bytes", f"请求体超过 {most_bytes} 字节")


def overdue(after_seconds: float) -> RequestOverdue:
    """The refusal of a request that was not done with ``after_seconds``."""
    return RequestOverdue(
        f"stopped after {after_seconds:g} s without an answer", f"处理 {after_seconds:g} 秒仍无应答，已停止"
    )


def too_slow(within_seconds: float) -> TooSlow:
    """The refusal of a body that was not there ``within_seconds``."""
    return TooSlow(
        f"the body did not arrive within {within_seconds:g} s", f"请求体未在 {within_seconds:g} 秒内送达"
    )


def method_not_allowed(method: str, allowed: set[str]) -> MethodNotAllowed:
    """The refusal of ``method``; its ``allowed`` becomes the Allow header."""
    error = MethodNotAllowed(f"{method} is not possible here", f"此处不支持 {method}")
    error.allowed = ", ".join(sorted(allowed))  # type: ignore[attr-defined]  # read by problem_response
    return error


def all_problems() -> Iterator[type[GatewayError]]:
    """Every kind of problem the loaded rooms can answer with."""
    todo: list[type[GatewayError]] = [GatewayError]
    while todo:
        kind = todo.pop()
        yield kind
        todo.extend(kind.__subclasses__())
