"""The operators' listener: ``/metrics``, ``/healthz``, ``/readyz``. On an address of its own, never public."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web
from aiohttp.web import BaseRequest

from gateway.errors import GatewayError, Malformed
from gateway.names import new_id
from gateway.settings import Web
from gateway.telemetry import Metrics
from gateway.web.front import check_front
from gateway.web.listener import Handler
from gateway.web.problems import UnknownPath, method_not_allowed, problem_response

Ready = Callable[[], Awaitable[dict[str, str]]]


def operations(metrics: Metrics, ready: Ready, limits: Web) -> Handler:
    """The handler of the operators' listener.

    Args:
        ready: names of what calls need, each with ``ok`` or what is wrong; asked anew on every look.
    """

    async def answer(request: BaseRequest) -> web.StreamResponse:
        try:
            query = check_front(request, limits)
            return await _look(request, query, metrics, ready)
        except GatewayError as error:
            return problem_response(error, str(new_id()))

    return answer


async def _look(
    request: BaseRequest, query: dict[str, str], metrics: Metrics, ready: Ready
) -> web.StreamResponse:
    path = request.raw_path.partition("?")[0]
    if path not in ("/metrics", "/healthz", "/readyz"):
        raise UnknownPath("see /metrics, /healthz, /readyz", "请访问 /metrics、/healthz、/readyz")
    if request.method != "GET":
        raise method_not_allowed(request.method, {"GET"})
    if query:
        raise Malformed("these pages take no query", "此处不接受查询参数")
    if path == "/metrics":
        body = await asyncio.to_thread(metrics.exposition)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
    if path == "/healthz":
        return _json(200, {"status": "ok"})
    parts = await ready()
    good = all(state == "ok" for state in parts.values())
    return _json(200 if good else 503, {"status": "ok" if good else "not ready", "parts": parts})


def _json(status: int, value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
