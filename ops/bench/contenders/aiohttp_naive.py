"""An aiohttp reverse proxy as one writes it the first time: application, router, default client."""

import asyncio
import sys
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web


async def forward(request: web.Request) -> web.StreamResponse:
    session: aiohttp.ClientSession = request.app[SESSION]
    async with session.get(request.app[UPSTREAM], headers={"Accept": "application/json"}) as answer:
        return web.Response(body=await answer.read(), status=answer.status, content_type="application/json")


SESSION = web.AppKey("session", aiohttp.ClientSession)
UPSTREAM = web.AppKey("upstream", str)


async def opened(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:
        app[SESSION] = session
        yield


def main(upstream: str, port: int) -> None:
    app = web.Application()
    app[UPSTREAM] = upstream
    app.cleanup_ctx.append(opened)
    app.router.add_route("*", "/{rest:.*}", forward)

    async def serve() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
