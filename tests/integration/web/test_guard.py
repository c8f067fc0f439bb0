"""The guard around the HTTP library: an upgrade or a setting that would disarm it is noticed."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from raw import request, wire

from gateway.settings import Web
from gateway.web import bound, listener_of, listening
from gateway.web.crowd import Crowd
from gateway.web.listener import _NEEDED, Guarded, _Server

ROOT = Path(__file__).resolve().parents[3]


def test_the_private_names_the_guard_reads_exist() -> None:
    for name in _NEEDED:
        assert name in RequestHandler.__slots__
    for name in ("connection_made", "data_received", "connection_lost", "handle_error", "finish_response"):
        assert callable(getattr(RequestHandler, name))


async def test_a_connection_is_served_by_the_guard_and_its_timer_follows_the_head() -> None:
    server = _Server(lambda _: None, head_seconds=60.0, access_log=None, crowd=Crowd(Web()))  # type: ignore[arg-type,return-value]
    guard = server()
    assert isinstance(guard, Guarded)
    timers: list[Any] = []

    class Transport:
        def get_extra_info(self, *_: object) -> None:
            return None

        def is_closing(self) -> bool:
            return False

        def close(self) -> None:
            timers.append("closed")

    guard.connection_made(Transport())  # type: ignore[arg-type]
    armed = guard._timer
    assert armed is not None
    guard.data_received(b"GET / HTTP/1.1\r\nHo")
    assert guard._timer is armed, "a dripping head must not move the deadline"
    guard.data_received(b"st: a\r\n\r\n")
    assert guard._timer is None, "a whole head ends it"
    guard.connection_lost(None)
    assert guard._timer is None


def test_the_gateway_does_not_start_on_the_slow_parser() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import gateway.web"],
        cwd=ROOT, env={**os.environ, "AIOHTTP_NO_EXTENSIONS": "1"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "C parser" in done.stderr


async def test_a_handler_that_breaks_is_answered_500_without_its_words() -> None:
    async def broken(_: web.BaseRequest) -> web.StreamResponse:
        raise RuntimeError("canary7f3a")

    opened = bound("127.0.0.1", 0)
    async with listening(broken, opened, Web()), wire(listener_of(opened).port) as open_:
        await open_.send(request("GET", "/"))
        said = await open_.answer()
        assert (said.status, said.slug) == (500, "internal-fault")
        assert b"canary7f3a" not in said.body
        assert b"Traceback" not in said.body
        assert await open_.is_closed()


async def until_refused(port: int) -> None:
    """Nobody is let in any more."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                return
            writer.transport.abort()
            await asyncio.sleep(0.02)


async def test_a_listener_that_stops_takes_no_more_and_lets_running_requests_finish() -> None:
    listens, begun, go_on, stopping = (asyncio.Event() for _ in range(4))

    async def slow(_: web.BaseRequest) -> web.StreamResponse:
        begun.set()
        await go_on.wait()
        return web.json_response({"done": True})

    opened = bound("127.0.0.1", 0)
    port = listener_of(opened).port

    async def serve() -> None:
        async with listening(slow, opened, Web(drain_seconds=60)):
            listens.set()
            await stopping.wait()

    async with asyncio.TaskGroup() as group:
        served = group.create_task(serve())
        await listens.wait()
        async with wire(port) as open_:
            await open_.send(request("GET", "/"))
            await begun.wait()
            stopping.set()
            await until_refused(port)
            assert not served.done()
            go_on.set()
            assert (await open_.answer()).status == 200
