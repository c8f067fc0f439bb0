"""The control API: routes become answers. Every request passes the same steps in the same order.

front → route → identify → access → read → handle → answer; a failure at any step becomes a problem document.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

import orjson
import structlog
from aiohttp import web
from aiohttp.web import BaseRequest

from gateway.errors import Forbidden, GatewayError, Malformed, Unauthenticated
from gateway.names import new_id
from gateway.settings import Web
from gateway.storage import Once
from gateway.telemetry import Metrics, get_logger
from gateway.web.files import Upload
from gateway.web.front import check_front
from gateway.web.paging import Pager
from gateway.web.peer_certificate import peer_certificate
from gateway.web.principal import Principal
from gateway.web.problems import InternalFault, UnknownPath, method_not_allowed, overdue, problem_response
from gateway.web.reading import check_kind, read_body, read_form, read_json, validated
from gateway.web.records import Noted, noting
from gateway.web.rendering import render
from gateway.web.routes import ANYONE, SIGNED_IN, Ask, Reply, Route

Identify = Callable[[str, str], Awaitable[Principal]]
Refused = Callable[[Principal, Route, GatewayError, str], Awaitable[None]]

_log = get_logger()
_KEY = re.compile(r"[\x21-\x7e]{1,64}")
_NOBODY = Principal("anonymous", "", "", frozenset(), "", "none")


class RoleMissing(Forbidden):
    """This needs a role you do not hold（缺少所需角色）."""


def bearer(request: BaseRequest) -> str:
    """The token of the Authorization header (RFC 6750 section 2.1).

    Raises:
        Unauthenticated: there is none, or it is no Bearer.
    """
    return _bearer_of(request.headers.get("Authorization", ""))


def _bearer_of(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(
            "the Authorization header has no Bearer token", "Authorization 请求头中没有 Bearer 令牌"
        )
    return token


class Credentials(NamedTuple):
    """A token as it came: plainly, or with a DPoP proof beside it (RFC 9449 section 7.1)."""

    token: str
    proof: str | None = None


def credentials(authorization: str, proof: str) -> Credentials:
    """The token of the Authorization header, under the scheme Bearer or DPoP; ``proof`` is the DPoP header.

    Raises:
        Unauthenticated: there is none, or it comes under DPoP without a proof.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "dpop":
        return Credentials(_bearer_of(authorization))
    if not token or not proof:
        raise Unauthenticated(
            "the scheme DPoP needs a token and, in the DPoP header, a proof",
            "DPoP 方式须携带令牌，并在 DPoP 请求头中携带证明",
        )
    return Credentials(token, proof)


class Api:
    """Answers requests by a table of routes.

    Args:
        rooms: pairs of a room's routes and the service its handlers get as first argument.
        identify: turns (token, address) into a principal or raises Unauthenticated.
        refused: told of every refusal of an identified caller for lack of a role (the roof records it).
    """

    def __init__(
        self,
        rooms: Iterable[tuple[Iterable[Route], object]],
        identify: Identify,
        refused: Refused,
        limits: Web,
        metrics: Metrics,
        pager: Pager,
        base_url: str = "",
    ) -> None:
        self._identify = identify
        self._refused = refused
        self._limits = limits
        self._metrics = metrics
        self._pager = pager
        self._base_url = base_url
        self._paths: list[tuple[re.Pattern[str], dict[str, tuple[Route, object]]]] = []
        by_path: dict[str, dict[str, tuple[Route, object]]] = {}
        for routes, service in rooms:
            for route in routes:
                if route.handle is None:
                    raise ValueError(f"{route.method} {route.path} has no handler")
                by_path.setdefault(route.path, {})[route.method] = (route, service)
        for path, methods in sorted(by_path.items(), key=lambda item: item[0].count("{")):
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
            if any(route.deep for route, _ in methods.values()):
                pattern = pattern.removesuffix("[^/]+)") + ".+)"
            self._paths.append((re.compile(pattern), methods))

    async def answer(self, request: BaseRequest) -> web.StreamResponse:
        """Answer one request; never raises but for cancellation."""
        with noting() as noted:
            return await self._answer(request, noted)

    async def _answer(self, request: BaseRequest, noted: Noted) -> web.StreamResponse:
        began, request_id, label = time.perf_counter(), str(new_id()), "-"
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        self._metrics.inflight.inc()
        try:
            query = check_front(request, self._limits)
            route, service, path = self._find(request)
            label = route.path
            response = await self._serve(request, route, service, path, query, request_id)
        except GatewayError as error:
            response = problem_response(error, request_id, self._base_url)
            if response.status >= 500:
                _log.error("request.failed", problem=error.slug(), said=error.detail)
        except Exception:
            _log.exception("request.broke")
            fault = InternalFault("the request failed inside the gateway", "请求在网关内部失败")
            response = problem_response(fault, request_id, self._base_url)
        finally:
            self._metrics.inflight.dec()
        response.headers.update(noted.header(succeeded=response.status < 400))
        self._note(request, response, label, time.perf_counter() - began)
        return response

    def _find(self, request: BaseRequest) -> tuple[Route, object, dict[str, str]]:
        path = request.raw_path.partition("?")[0]
        for pattern, methods in self._paths:
            if match := pattern.fullmatch(path):
                if request.method not in methods:
                    raise method_not_allowed(request.method, set(methods))
                route, service = methods[request.method]
                return route, service, match.groupdict()
        raise UnknownPath("no address of this API reads so", "接口中没有该地址")

    async def _serve(
        self,
        request: BaseRequest,
        route: Route,
        service: object,
        path: dict[str, str],
        query: dict[str, str],
        request_id: str,
    ) -> web.Response:
        principal = await self._admit(request, route, request_id)
        body = await self._body(request, route)
        given = self._read(request, route, query, body)
        once = _once(request, route, principal, {**path, **query}, body)
        context = _list_context(principal, route, query)
        file = Upload(body, request.content_type) if route.takes else None
        ask = Ask(
            principal, given, path, once, request_id, self._pager, context, file, request.headers.get("DPoP"),
            peer_certificate(request, self._limits) if route.access == ANYONE else None, request.headers,
        )  # fmt: skip
        assert route.handle is not None  # refused when the table was made
        return render(await self._handled(route.handle(service, ask)), route, request_id)

    async def _handled(self, handling: Awaitable[Reply]) -> Reply:
        """What the handler replies, in its time. Raises RequestOverdue."""
        seconds = self._limits.handler_seconds
        try:
            async with asyncio.timeout(seconds) as time_given:
                return await handling
        except TimeoutError:
            if not time_given.expired():
                raise
            raise overdue(seconds) from None

    async def _admit(self, request: BaseRequest, route: Route, request_id: str) -> Principal:
        if route.access == ANYONE:
            return replace(_NOBODY, address=request.remote or "")
        principal = await self._identify(bearer(request), request.remote or "")
        structlog.contextvars.bind_contextvars(actor=principal.id, org=principal.org)
        if route.access != SIGNED_IN and not route.access & principal.roles:
            wanted = ", ".join(sorted(route.access))
            error = RoleMissing(f"this needs one of the roles: {wanted}", f"此操作需要以下角色之一：{wanted}")
            await self._refused(principal, route, error, request_id)
            raise error
        return principal

    async def _body(self, request: BaseRequest, route: Route) -> bytes:
        limits = self._limits
        if route.takes:
            check_kind(request, route.takes)
            return await read_body(request, limits.upload_bytes, limits.upload_seconds)
        return await read_body(request, limits.body_bytes, limits.body_seconds)

    def _read(self, request: BaseRequest, route: Route, query: dict[str, str], body: bytes) -> object:
        if route.takes_body:
            if query:
                raise Malformed(f"{route.path} takes no query", f"{route.path} 不接受查询参数")
            if route.given is None:
                if body:
                    raise Malformed(f"{route.path} takes no body", f"{route.path} 不接受请求体")
                return None
            if route.form:
                return validated(route.given, read_form(request, body), strict=False)
            return validated(route.given, read_json(request, body, self._limits.json_depth), strict=True)
        if route.given is None:
            if query:
                raise Malformed(f"{route.path} takes no query", f"{route.path} 不接受查询参数")
            return None
        return validated(route.given, query, strict=False)

    def _note(self, request: BaseRequest, response: web.StreamResponse, label: str, seconds: float) -> None:
        self._metrics.requests.labels("control", f"{response.status // 100}xx").inc()
        self._metrics.duration.labels("control").observe(seconds)
        _log.info(
            "request",
            method=request.method[:10],
            route=label,
            status=response.status,
            ms=round(seconds * 1000, 2),
        )


def _once(
    request: BaseRequest, route: Route, principal: Principal, named: dict[str, str], body: bytes
) -> Once | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or not route.creates:
        return None
    if not _KEY.fullmatch(key):
        raise Malformed(
            "Idempotency-Key must be 1 to 64 visible ASCII characters",
            "Idempotency-Key 须为 1 至 64 个可见 ASCII 字符",
        )
    digest = hashlib.sha256(orjson.dumps(sorted(named.items())) + body).digest()
    return Once(f"{principal.kind}:{principal.id}", f"{route.method} {route.path}", key, digest)


def _list_context(principal: Principal, route: Route, query: dict[str, str]) -> str:
    filters = sorted((name, value) for name, value in query.items() if name not in ("cursor", "limit"))
    return f"{principal.kind}:{principal.id} {route.path} {filters}"
