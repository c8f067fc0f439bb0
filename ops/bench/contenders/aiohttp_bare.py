"""A tuned aiohttp reverse proxy that checks nothing and records nothing: the least such a program can cost."""

import asyncio
import sys

import aiohttp
import uvloop
from aiohttp import web


async def main(upstream: str, port: int) -> None:
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:

        async def forward(request: web.BaseRequest) -> web.StreamResponse:
            async with session.get(upstream) as answer:
                body = await answer.read()
            return web.Response(body=body, status=answer.status, content_type="application/json")

        server = web.Server(forward, access_log=None, auto_decompress=False)
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(server, "127.0.0.1", port, backlog=1024)
        await listening.serve_forever()


if __name__ == "__main__":
    sys.exit(uvloop.run(main(sys.argv[1], int(sys.argv[2]))))
