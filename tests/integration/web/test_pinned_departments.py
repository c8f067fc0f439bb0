"""A department's own folder: the only authority believed at its hosts, and the certificate the gateway shows there."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from authorities import DAY, now
from certifying import new_pki, pem
from providers import http
from tls import server_authority, server_certificate, write_key, write_pair

from gateway.errors import BadSettings
from gateway.settings import Exchange
from gateway.web import peers as peers_module
from gateway.web.egress import Egress
from gateway.web.outbound import Outbound, UpstreamUnreachable
from gateway.web.peers import Peers, peer_tls
from gateway.web.probing import Probing, Unanswered

LIFE: dict[str, Any] = {"start": now() - DAY, "end": now() + DAY}
CLIENTS = new_pki("p256", "网关根", **LIFE)


@asynccontextmanager
async def department(folder: Path) -> AsyncIterator[int]:
    """A service that answers with the name in the caller's certificate, and takes a moment; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*write_pair(folder, "department", server_certificate()))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=pem(CLIENTS.root).decode())

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert")
        name = dict(part[0] for part in shown["subject"])["commonName"]
        with suppress(OSError, asyncio.IncompleteReadError):
            while asked := await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(0.05)
                writer.write(http(b"" if asked.startswith(b"HEAD") else name.encode()))
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


def pinned(folder: Path, port: int, name: str, authority: bytes | None = None) -> Path:
    """The folder of a department at that port, where the gateway shows itself under ``name``."""
    own = folder / "11621000MB00000037"
    own.mkdir(parents=True, exist_ok=True)
    (own / "hosts").write_text(f"127.0.0.1:{port}\n")
    (own / "ca.pem").write_bytes(authority or pem(server_authority().root))
    shown = CLIENTS.issue(name, **LIFE, extended_usage=("client_auth",))
    (own / "certificate.pem").write_bytes(pem(shown))
    write_key(own / "key.pem", shown)
    return own


async def test_certificates_are_changed_without_a_restart_and_without_losing_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers_module, "_LOOK_SECONDS", 0.0)
    folder, other = tmp_path / "peers", new_pki("p256", "别处的根", **LIFE)
    async with department(tmp_path) as port:
        url = f"https://127.0.0.1:{port}/"
        own = pinned(folder, port, "gateway-1")
        peers = Peers(peer_tls(), folder)
        peers.check()
        async with Outbound(Exchange(), Egress(["127.0.0.0/8"]), peers) as outbound:
            assert await outbound.get(url, {}, 100) == b"gateway-1"
            asked = asyncio.ensure_future(outbound.get(url, {}, 100))
            await asyncio.sleep(0)
            pinned(folder, port, "gateway-2")
            assert await outbound.get(url, {}, 100) == b"gateway-2"
            assert await asked == b"gateway-1"
            pinned(folder, port, "gateway-3", pem(other.root))
            with pytest.raises(UpstreamUnreachable):
                await outbound.get(url, {}, 100)
            pinned(folder, port, "gateway-4")
            assert await outbound.get(url, {}, 100) == b"gateway-4"
            (own / "ca.pem").write_text("broken")
            assert await outbound.get(url, {}, 100) == b"gateway-4"


async def test_no_other_host_is_believed_for_it_and_probes_go_the_same_way(tmp_path: Path) -> None:
    async with department(tmp_path) as port:
        pinned(tmp_path / "elsewhere", port + 1, "gateway")
        pinned(tmp_path / "here", port, "gateway")
        url = f"https://127.0.0.1:{port}/"
        for name, good in (("elsewhere", False), ("here", True)):
            peers = Peers(peer_tls(), tmp_path / name)
            async with (
                Outbound(Exchange(), Egress(["127.0.0.0/8"]), peers) as outbound,
                Probing(Egress(["127.0.0.0/8"]), 5, peers) as probing,
            ):
                if good:
                    assert await outbound.get(url, {}, 100) == b"gateway"
                    await probing.head(url, {})
                else:
                    with pytest.raises(UpstreamUnreachable):
                        await outbound.get(url, {}, 100)
                    with pytest.raises(Unanswered):
                        await probing.head(url, {})


def test_a_folder_that_says_nothing_clear_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="is no folder"):
        Peers(peer_tls(), tmp_path / "none").check()
    own = pinned(tmp_path / "peers", 443, "gateway")
    Peers(peer_tls(), tmp_path / "peers").check()
    for name in ("hosts", "ca.pem", "key.pem"):
        kept = (own / name).read_bytes()
        (own / name).unlink()
        with pytest.raises(BadSettings, match="11621000MB00000037"):
            Peers(peer_tls(), tmp_path / "peers").check()
        (own / name).write_bytes(kept)
    twice = tmp_path / "peers" / "11621000MB00000045"
    twice.mkdir()
    for file in own.iterdir():
        (twice / file.name).write_bytes(file.read_bytes())
    with pytest.raises(BadSettings, match="stands in two folders"):
        Peers(peer_tls(), tmp_path / "peers").check()
