"""Whom the gateway believes when it connects to a department over TLS: the machine's authorities, or those recognised for peers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from authorities import DAY, now
from certifying import new_pki, write_authority
from tls import server_authority, server_certificate, write_pair
from world import PROVIDER, another, http_mount, running_world

from gateway.settings import Exchange, Web
from gateway.web import bound, listening
from gateway.web.door import Door
from gateway.web.egress import Egress
from gateway.web.outbound import Outbound, UpstreamUnreachable
from gateway.web.peers import Peers, peer_tls
from gateway.web.posting import Posting
from gateway.web.probing import Probing, Unanswered

RECORD = {"uscc": PROVIDER, "name": "示例企业", "legal_person": "张三", "capital": "1.00"}
EGRESS = ("127.0.0.0/8",)


@asynccontextmanager
async def department(folder: Path) -> AsyncIterator[str]:
    """A department's service over TLS, its certificate from an authority no machine knows."""

    async def handle(_: web.BaseRequest) -> web.Response:
        return web.Response(body=json.dumps({"data": [RECORD]}).encode(), content_type="application/json")

    door = Door(*write_pair(folder, "department", server_certificate()), asks=False)
    opened = bound("127.0.0.1", 0)
    async with listening(handle, opened, Web(), tls=door.context):
        yield f"https://127.0.0.1:{opened.getsockname()[1]}"


async def test_only_the_given_authorities_are_believed(tmp_path: Path) -> None:
    other = new_pki("p256", "别处的根", start=now() - DAY, end=now() + DAY)
    believed = peer_tls([server_authority().root.der])
    async with department(tmp_path) as base:
        for tls in (peer_tls(), peer_tls([other.root.der])):
            async with Outbound(Exchange(), Egress(EGRESS), Peers(tls)) as outbound:
                with pytest.raises(UpstreamUnreachable):
                    await outbound.get(f"{base}/", {}, 1000)
            async with Posting(Exchange(), Egress(EGRESS), tls) as posting:
                with pytest.raises(UpstreamUnreachable):
                    await posting.post(f"{base}/", {}, b"{}", 1000)
            async with Probing(Egress(EGRESS), 2, Peers(tls)) as probing:
                with pytest.raises(Unanswered):
                    await probing.head(f"{base}/", {})
        async with Outbound(Exchange(), Egress(EGRESS), Peers(believed)) as outbound:
            assert await outbound.get(f"{base}/", {}, 1000)
        async with Posting(Exchange(), Egress(EGRESS), believed) as posting:
            assert await posting.post(f"{base}/", {}, b"{}", 1000)


async def test_a_department_of_a_recognised_authority_is_called(database: Any, tmp_path: Path) -> None:
    write_authority(tmp_path / "authorities", "peers", server_authority(), uses=["peer"])
    async with (
        department(tmp_path) as base,
        running_world(database, certificates={"folder": tmp_path / "authorities"}) as world,
    ):
        described = another()
        resource = await world.publish(described, http_mount(base))
        await world.granted(resource)
        token = await world.access_token("registration", described["service"])
        called = await world.call(token, described["service"], {"parameters": {"uscc": PROVIDER}})
        assert called.ok()["records"][0]["name"] == "示例企业"
