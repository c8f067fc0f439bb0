"""nginx in front: whatever a caller sends, both sides count the same requests (no smuggling), and each is on record."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from ports import held_port
from services import Service
from waiting import until
from world import PROVIDER, World

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
CONF = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format told '$upstream_addr $upstream_status $status $request_length';
  keepalive_timeout 1s; client_header_timeout 1s; client_body_timeout 1s;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  upstream gateway {{ server 127.0.0.1:{gateway}; keepalive 4; }}
  server {{
    listen 127.0.0.1:{port}; access_log {folder}/told.log told; underscores_in_headers on; ignore_invalid_headers off;
    location / {{
      proxy_pass http://gateway; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_request_buffering {buffering};
    }}
  }}
}}
"""
BODY = json.dumps({"parameters": {"uscc": PROVIDER}}).encode()
INNER = b"GET /services/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def attempts(path: str, token: str) -> list[bytes]:
    """Heads and bodies that two parsers could take for different requests."""
    known = f"Host: gateway.example\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n".encode()
    post, get = f"POST {path} HTTP/1.1\r\n".encode() + known, f"GET {path} HTTP/1.1\r\n".encode() + known
    length = b"Content-Length: %d\r\n"
    chunks = b"%x\r\n%b\r\n0\r\n" % (len(BODY), BODY)
    return [
        post + length % len(BODY) + b"\r\n" + BODY,
        post + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"\r\n",
        post + length % len(BODY) + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"\r\n" + INNER,
        post + length % 4 + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"\r\n" + INNER,
        post + length % len(BODY) + length % (len(BODY) + len(INNER)) + b"\r\n" + BODY + INNER,
        post + b"Content-Length: +%d\r\n\r\n" % len(BODY) + BODY + INNER,
        post + b"Transfer-Encoding: xchunked\r\n" + length % len(BODY) + b"\r\n" + BODY + INNER,
        post + b"Transfer-Encoding : chunked\r\n" + length % len(BODY) + b"\r\n" + BODY + INNER,
        post + b"Transfer_Encoding: chunked\r\n" + length % len(BODY) + b"\r\n" + BODY,
        post + b"Content_Length: 3\r\n" + length % len(BODY) + b"\r\n" + BODY,
        post + b"Transfer-Encoding:\x0bchunked\r\n" + length % len(BODY) + b"\r\n" + BODY + INNER,
        post + b"X: y\rTransfer-Encoding: chunked\r\n" + length % len(BODY) + b"\r\n" + BODY,
        post
        + b"Transfer-Encoding: chunked\r\n\r\n%x;a=b\r\n%b\r\n0\r\nX: trailer\r\n\r\n" % (len(BODY), BODY),
        post + b"Transfer-Encoding: chunked\r\n\r\n0%x\n%b\r\n0\r\n\r\n" % (len(BODY), BODY) + INNER,
        post + b"Connection: Authorization\r\n" + length % len(BODY) + b"\r\n" + BODY,
        post + b"Expect: 100-continue\r\n" + length % len(BODY) + b"\r\n" + BODY,
        get + length % len(INNER) + b"\r\n" + INNER,
        get
        + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
        + INNER,
        (get + b"\r\n") * 3,
        (post + length % len(BODY) + b"\r\n" + BODY) * 3,
        post + length % len(BODY) + b"\r\n" + BODY[:5],
        get.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n",
    ]


@asynccontextmanager
async def nginx(folder: Path, gateway: int, buffering: str) -> AsyncIterator[int]:
    """nginx in front of a listener; its port."""
    assert NGINX is not None
    with held_port() as port:
        pass
    conf = folder / "nginx.conf"
    conf.write_text(CONF.format(folder=folder, gateway=gateway, port=port, buffering=buffering))
    process = await asyncio.create_subprocess_exec(
        NGINX, "-p", str(folder), "-c", str(conf), stderr=asyncio.subprocess.DEVNULL
    )

    async def listens() -> bool:
        assert process.returncode is None, (folder / "error.log").read_text()
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return True
        return False

    try:
        await until(listens)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def throw(port: int, data: bytes) -> None:
    """Send bytes and wait until nginx ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionError):
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(30):
            await reader.read(-1)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def counted(world: World) -> int:
    """Requests the gateway's listener of calls has answered."""
    text = (await world.send("GET", f"{world.gateway.operations.url}/metrics")).body.decode()
    series = re.findall(r'gx_requests_total\{code_class="...",listener="exchange"\} ([0-9.]+)', text)
    return int(sum(float(one) for one in series))


async def endings(world: World) -> list[Any]:
    """The last records of calls by known callers, of whatever came of them."""
    return [
        event
        for kind in ("call.released", "call.refused", "call.failed")
        for event in await world.audit(type=kind, limit="200")
        if event["who"]["kind"] == "client"
    ]


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
@pytest.mark.parametrize("buffering", ["on", "off"])
async def test_nginx_forwards_as_many_requests_as_the_gateway_counts_and_records(
    buffering: str, service: Service, tmp_path: Path
) -> None:
    world = service.world
    assert world.gateway.exchange is not None
    path = f"/services/{service.name}"
    before, already = await counted(world), len(await endings(world))
    async with nginx(tmp_path, world.gateway.exchange.port, buffering) as port:
        await asyncio.gather(*(throw(port, data) for data in attempts(path, service.token)))
    lines = [line.split() for line in (tmp_path / "told.log").read_text().splitlines()]
    told = [status for address, status, _, _ in lines if address != "-"]
    unread = [status for status in told if status in ("400", "417")]  # no caller known, nothing on record
    strangers = told.count("401")  # what stood behind a request, forwarded as one of its own
    assert told.count("200") >= 5
    assert await counted(world) - before == len(told), lines
    ended = await endings(world)
    assert len(ended) - already == len(told) - len(unread) - strangers, (lines, ended)
    assert "smuggled" not in {event.get("object", {}).get("id") for event in ended}
