"""Which addresses a mount can reach: only the configured networks, however the address is written (OWASP API7:2023)."""

import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from providers import RawProvider, raw_provider
from services import GOOD
from world import PROVIDER, description, http_mount, running_world

from gateway.errors import BadSettings
from gateway.settings import Exchange
from gateway.web.egress import Egress, EgressRefused
from gateway.web.outbound import Outbound, UpstreamUnreachable

OUTSIDE = [
    "127.0.0.1", "127.1", "127.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.01",
    "127.000.000.001", "localhost", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "0.0.0.0", "[::]", "169.254.169.254", "[fe80::1]", "192.168.0.1",
    "192.0.0.8", "100.64.0.1", "10.9.0.1",
]  # fmt: skip


LIMITS = Exchange(egress_networks=("10.8.0.0/16",))


@pytest.fixture
async def bait() -> AsyncIterator[RawProvider]:
    """A service inside that must not be reached."""
    async with raw_provider(GOOD) as made:
        yield made


@pytest.mark.parametrize("host", OUTSIDE)
async def test_an_address_outside_the_networks_is_not_contacted(
    host: str, bait: RawProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a socket was made")

    async with Outbound(LIMITS, Egress(LIMITS.egress_networks)) as outbound:
        monkeypatch.setattr(socket, "socket", never)
        with pytest.raises(UpstreamUnreachable):
            await outbound.get(f"http://{host}:{urlsplit(bait.base).port}/", {}, 1000)
        monkeypatch.undo()
    assert bait.connections == 0


async def test_the_same_service_is_reached_where_it_is_allowed(bait: RawProvider) -> None:
    async with Outbound(Exchange(), Egress(["127.0.0.0/8"])) as outbound:
        for host in ("127.0.0.1", "localhost"):
            assert await outbound.get(f"http://{host}:{urlsplit(bait.base).port}/", {}, 1000)
    assert bait.connections == 2


@pytest.mark.parametrize("mode", ["interface", "file", "table"])
async def test_no_mount_reaches_outside_the_networks(mode: str, database: Any, bait: RawProvider) -> None:
    port = urlsplit(bait.base).port
    mounts: dict[str, dict[str, Any]] = {
        "interface": http_mount(f"http://localhost:{port}"),
        "file": {"kind": "file", "url": bait.base, "filters": {"uscc": "uscc"}},
        "table": {
            "kind": "table", "dsn": f"postgresql://u:p@localhost:{port}/d", "relation": "e", "filters": {"uscc": "c"},
        },
    }  # fmt: skip
    async with running_world(database, exchange=LIMITS.model_dump()) as world:
        await world.granted(await world.publish(description(mode=mode), mounts[mode]), mode=mode)
        token = await world.access_token("registration", "enterprise")
        answer = await world.call(token, "enterprise", {"parameters": {"uscc": PROVIDER}})
        answer.refused(502, "upstream-unreachable")
    assert bait.connections == 0


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        (["127.0.0.0/8"], "127.0.0.1", True),
        (["127.0.0.0/8"], "127.255.255.255", True),
        (["127.0.0.0/8"], "128.0.0.0", False),
        (["127.0.0.0/8"], "::ffff:127.0.0.1", True),
        (["127.0.0.0/8"], "64:ff9b::7f00:1", True),
        (["127.0.0.0/8"], "::1", False),
        (["::1/128"], "::1", True),
        (["::/0"], "::ffff:127.0.0.1", False),
        (["::/0"], "64:ff9b::7f00:1", False),
        (["::/0"], "2001:db8::1", True),
        (["fe80::/10"], "fe80::1%eth0", True),
        (["0.0.0.0/0"], "2001:db8::1", False),
        (["10.0.0.0/8", "192.168.1.0/24"], "192.168.1.7", True),
        ([], "127.0.0.1", False),
    ],
)
def test_an_address_is_judged_by_what_it_stands_for(networks: list[str], address: str, allowed: bool) -> None:
    egress = Egress(networks)
    if allowed:
        assert egress.check(address) == address
    else:
        with pytest.raises(EgressRefused):
            egress.check(address)


@pytest.mark.parametrize("text", ["127.0.0.1/33", "10.0.0.1/8", "everything", ""])
def test_a_network_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(BadSettings, match="egress_networks"):
        Egress([text])


async def test_a_name_is_taken_at_its_first_allowed_address() -> None:
    assert await Egress(["127.0.0.0/8"]).resolve("localhost", 80) == "127.0.0.1"
    with pytest.raises(EgressRefused):
        await Egress(["10.0.0.0/8"]).resolve("localhost", 80)
