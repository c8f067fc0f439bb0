"""TLS ended by the gateway: who is let in with a certificate, and what changes without a restart."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from authorities import DAY, now
from certifying import new_pki
from sealing import new_key, wish
from tls import client_tls, server_certificate, write_key, write_pair

from gateway.errors import BadSettings
from gateway.seals.authority import certify
from gateway.settings import Web
from gateway.web import bound, listening
from gateway.web.door import Door
from gateway.web.peer_certificate import peer_certificate

CLIENTS, OTHERS = (new_pki("p256", name, start=now() - DAY, end=now() + DAY) for name in ("c", "o"))
LIFE = {"start": now() - DAY, "end": now() + DAY}


@asynccontextmanager
async def serving(door: Door, **limits: float) -> AsyncIterator[int]:
    async def handle(request: web.BaseRequest) -> web.Response:
        found = peer_certificate(request, Web())
        return web.Response(body=b"" if found is None else found.der)

    opened = bound("127.0.0.1", 0)
    async with listening(handle, opened, Web(**limits), tls=door.context):
        yield opened.getsockname()[1]


async def ask(port: int, tls: ssl.SSLContext) -> tuple[bytes, ssl.SSLObject]:
    """The body that names the certificate presented, and the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        if not answer:
            raise ConnectionResetError
        return answer.partition(b"\r\n\r\n")[2], writer.get_extra_info("ssl_object")
    finally:
        writer.close()


async def is_refused(port: int, tls: ssl.SSLContext) -> bool:
    """Whether nothing was answered: in TLS 1.3 the client learns only afterwards that it is not let in."""
    try:
        await ask(port, tls)
    except (ssl.SSLError, ConnectionError):
        return True
    return False


@pytest.fixture
def door(tmp_path: Path) -> Door:
    made = Door(*write_pair(tmp_path, "server", server_certificate()), asks=True)
    made.follow([CLIENTS.root.der])
    return made


async def test_a_certificate_is_asked_for_and_what_verifies_is_handed_on(door: Door, tmp_path: Path) -> None:
    one = CLIENTS.issue("系统", **LIFE, extended_usage=("client_auth",))
    async with serving(door) as port:
        assert (await ask(port, client_tls(tmp_path)))[0] == b""
        body, connection = await ask(port, client_tls(tmp_path, one))
        assert body == one.der
        assert connection.version() == "TLSv1.3"


async def test_nobody_else_gets_past_the_handshake(door: Door, tmp_path: Path) -> None:
    wrong = {
        "of another authority": OTHERS.issue("系统", **LIFE),
        "for servers only": CLIENTS.issue("系统", **LIFE, extended_usage=("server_auth",)),
        "expired": CLIENTS.issue("系统", start=now() - DAY, end=now() - timedelta(hours=1)),
        "self-signed": certify(wish("自签", **LIFE), new_key("p256")),
    }
    async with serving(door) as port:
        for name, one in wrong.items():
            assert await is_refused(port, client_tls(tmp_path, one)), name


async def test_whom_it_lets_in_and_its_own_certificate_follow_without_a_restart(tmp_path: Path) -> None:
    own, renewed = server_certificate(), server_certificate()
    door = Door(*write_pair(tmp_path, "server", own), asks=True)
    self_signed = certify(wish("自签", **LIFE), new_key("p256"))
    async with serving(door) as port:
        assert await is_refused(port, client_tls(tmp_path, self_signed))
        assert door.follow([self_signed.der])
        assert not door.follow([self_signed.der])
        body, connection = await ask(port, client_tls(tmp_path, self_signed))
        assert (body, connection.getpeercert(True)) == (self_signed.der, own.der)
        write_pair(tmp_path, "server", renewed)
        assert door.follow([])
        assert (await ask(port, client_tls(tmp_path)))[1].getpeercert(True) == renewed.der
        assert await is_refused(port, client_tls(tmp_path, self_signed))
        (tmp_path / "server.pem").write_bytes(b"rubbish")
        with pytest.raises(BadSettings):
            door.follow([])
        assert (await ask(port, client_tls(tmp_path)))[1].getpeercert(True) == renewed.der


async def test_old_tls_and_plain_http_are_refused_and_a_slow_handshake_is_cut(
    door: Door, tmp_path: Path
) -> None:
    async with serving(door, head_seconds=0.3) as port:
        assert door.context.minimum_version is ssl.TLSVersion.TLSv1_2
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(20):
            assert await reader.read() == b""  # nothing was sent: the handshake's deadline ends it
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(20):
            assert b"HTTP/1.1" not in await reader.read()
        writer.close()


def test_files_that_cannot_be_used_stop_the_start(tmp_path: Path) -> None:
    files = write_pair(tmp_path, "server", server_certificate())
    with pytest.raises(BadSettings):
        Door(files[0], tmp_path / "missing.key", asks=False)
    write_key(files[1], server_certificate())
    with pytest.raises(BadSettings):
        Door(*files, asks=False)
