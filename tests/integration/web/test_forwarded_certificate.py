"""Client-Cert (RFC 9440): believed from the terminator, and from nobody else, on every listener."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from raw import HOST, wire

from gateway.errors import GatewayError
from gateway.settings import Web
from gateway.web import bound, check_front, listening, problem_response
from gateway.web.peer_certificate import peer_certificate

DER = b"\x30\x82certificate"


def field(der: bytes = DER) -> bytes:
    return b":" + base64.b64encode(der) + b":"


@pytest.mark.parametrize("name", [b"Client-Cert", b"client-cert", b"CLIENT-CERT-CHAIN"])
async def test_from_a_stranger_it_is_refused_not_ignored(listener: tuple[int, str], name: bytes) -> None:
    port, path = listener
    async with wire(port) as one:
        await one.send(
            b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST + name + b": " + field() + b"\r\n\r\n"
        )
        assert (await one.answer()).slug == "forwarded-certificate"


@asynccontextmanager
async def behind(*peers: str) -> AsyncIterator[int]:
    """A listener that answers with the certificates it was told."""
    limits = Web(client_cert_peers=peers)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        try:
            check_front(request, limits)
            found = peer_certificate(request, limits)
        except GatewayError as error:
            return problem_response(error, "request")
        shown = b"none" if found is None else b"|".join((found.der, *found.others))
        return web.Response(body=shown)

    opened = bound("127.0.0.1", 0)
    async with listening(handle, opened, limits):
        yield opened.getsockname()[1]


async def told(port: int, *headers: bytes) -> bytes:
    """The body of the answer, or the slug of a refusal."""
    async with wire(port) as one:
        await one.send(b"GET / HTTP/1.1\r\n" + HOST + b"".join(each + b"\r\n" for each in headers) + b"\r\n")
        answer = await one.answer()
        return answer.body if answer.status == 200 else answer.slug.encode()


async def test_from_the_terminator_it_is_the_callers_certificate() -> None:
    async with behind("127.0.0.0/8") as port:
        assert await told(port) == b"none"
        assert await told(port, b"Client-Cert: " + field()) == DER
        chain = b"Client-Cert-Chain: " + field(b"one!") + b", " + field(b"two!")
        assert await told(port, b"Client-Cert: " + field(), chain) == DER + b"|one!|two!"


async def test_what_is_no_certificate_between_colons_is_refused() -> None:
    wrong = [
        (b"Client-Cert: " + base64.b64encode(DER),), (b"Client-Cert: ::",), (b"Client-Cert: :AAA:",),
        (b"Client-Cert: :AA*A:",), (b"Client-Cert: " + field() + b", " + field(),),
        (b"Client-Cert: " + field() + b";a=1",), (b"Client-Cert-Chain: " + field(),),
        (b"Client-Cert: " + field(), b"Client-Cert-Chain: " + b", ".join([field()] * 8)),
    ]  # fmt: skip
    async with behind("127.0.0.0/8") as port:
        for headers in wrong:
            assert await told(port, *headers) == b"forwarded-certificate", headers
        assert await told(port, b"Client-Cert: " + field(), b"client-cert: " + field()) == b"malformed"
        assert await told(port, b"Client_Cert: " + field()) == b"malformed"


async def test_another_network_is_a_stranger() -> None:
    async with behind("10.0.0.0/8", "::1/128") as port:
        assert await told(port, b"Client-Cert: " + field()) == b"forwarded-certificate"
        assert await told(port) == b"none"
