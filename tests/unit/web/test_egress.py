"""The allowed networks as a function of an address; odd spellings and real sockets: tests/integration/exchange."""

import asyncio
import socket
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadSettings
from gateway.web.egress import Egress, EgressRefused

EGRESS = Egress(["10.8.0.0/16", "fd00:8::/32"])


@pytest.mark.parametrize(
    "address",
    ["10.8.0.0", "10.8.255.255", "fd00:8::1", "::ffff:10.8.0.1", "64:ff9b::10.8.0.1", "fd00:8::1%eth0"],
)
def test_an_address_inside_is_allowed_also_as_ipv4_inside_ipv6(address: str) -> None:
    assert EGRESS.check(address) == address


@pytest.mark.parametrize(
    "address",
    ["10.7.255.255", "10.9.0.0", "127.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1", "192.0.0.8", "::", "::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1%eth0", "fd00:9::1", "::10.8.0.1", "2002:0a08:0001::"],
)  # fmt: skip
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(EgressRefused):
        EGRESS.check(address)


@given(st.ip_addresses())
def test_nothing_is_allowed_where_no_network_is(address: object) -> None:
    with pytest.raises(EgressRefused):
        Egress([]).check(str(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_form(address: object) -> None:
    forms = [str(address), f"::ffff:{address}", str(ip_address(int(ip_address("64:ff9b::")) + int(address)))]  # type: ignore[call-overload]
    verdicts = set()
    for form in forms:
        try:
            verdicts.add(bool(EGRESS.check(form)))
        except EgressRefused:
            verdicts.add(False)
    assert len(verdicts) == 1


@pytest.mark.parametrize("text", ["10.8.0.1/16", "all", "", "10.8.0.0/33", "10.8"])
def test_what_is_no_network_stops_the_start(text: str) -> None:
    with pytest.raises(BadSettings, match="egress_networks"):
        Egress([text])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_address_is_connected_to_without_asking_for_names(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing was to be resolved")

    server = await asyncio.start_server(lambda _reader, writer: writer.close(), host, 0)
    async with server:
        with monkeypatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", refuse)
            port = server.sockets[0].getsockname()[1]
            connected = await Egress(["127.0.0.0/8", "::1/128"]).connected(host, port)
    assert connected.getpeername()[:2] == (host, port)
    connected.close()


async def test_names_asked_for_at_the_same_time_are_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, resolve = [], socket.getaddrinfo

    def counted(host: str, *more: Any, **named: Any) -> Any:
        asked.append(host)
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    egress = Egress(["127.0.0.0/8", "::1/128"])
    found = await asyncio.gather(*(egress.resolve("localhost", 80) for _ in range(5)))
    assert (len(set(found)), asked) == (1, ["localhost"])
    await egress.resolve("localhost", 80)
    assert asked == ["localhost"] * 2


async def test_whoever_goes_away_leaves_the_answer_to_the_others() -> None:
    egress = Egress(["127.0.0.0/8", "::1/128"])
    async with asyncio.TaskGroup() as group:
        gone = group.create_task(egress.resolve("localhost", 80))
        stays = group.create_task(egress.resolve("localhost", 80))
        await asyncio.sleep(0)
        gone.cancel()
    assert stays.result() in ("127.0.0.1", "::1")
    with pytest.raises(socket.gaierror):
        await egress.resolve("no-such-name.invalid", 80)
