"""Which addresses the gateway may connect to: only the configured networks (SSRF, OWASP API7:2023).

The check stands where the socket is made, on the resolved address, so neither a name that resolves elsewhere nor
an address written in an odd form gets past it.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import socket as Socket
from typing import Any

from gateway.errors import BadSettings

_NAT64 = ip_network("64:ff9b::/96")


class EgressRefused(OSError):
    """The address lies outside the networks of departments."""


class Egress:
    """The allowed networks.

    Raises:
        BadSettings: a text that is not a network.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        try:
            self._allowed = tuple(ip_network(text) for text in networks)
        except ValueError as fault:
            raise BadSettings(
                f"[exchange] egress_networks: {fault}", "[exchange] egress_networks 配置有误"
            ) from None

    def check(self, text: str) -> str:
        """The address, if allowed; IPv4 inside IPv6 is judged as IPv4.

        Raises:
            EgressRefused: it is not.
        """
        address = _plain(text)
        if not any(address in network for network in self._allowed if network.version == address.version):
            raise EgressRefused("the address is outside the allowed networks")
        return text

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for an ``addrinfo`` (aiohttp's ``socket_factory``)."""
        family, kind, protocol, _name, address = info
        self.check(address[0])
        return socket.socket(family, kind, protocol)

    async def connected(self, host: str, port: int) -> Socket:
        """A connected, non-blocking TCP socket to the first allowed address of ``host`` that answers.

        Raises:
            EgressRefused: no address is allowed.
            OSError: the name does not resolve, or nobody answers.
        """
        loop = asyncio.get_running_loop()
        failed: OSError = EgressRefused("no address of the host is inside the allowed networks")
        for family, kind, protocol, _name, address in await loop.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            try:
                self.check(str(address[0]))
            except EgressRefused:
                continue
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setblocking(False)
                await loop.sock_connect(sock, address)
            except OSError as fault:
                sock.close()
                failed = fault
            except BaseException:
                sock.close()
                raise
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        raise failed

    async def resolve(self, host: str, port: int) -> str:
        """The first allowed address of ``host``.

        Raises:
            EgressRefused: none is allowed.
            OSError: the name does not resolve.
        """
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for info in found:
            try:
                return self.check(str(info[4][0]))
            except EgressRefused:
                continue
        raise EgressRefused("no address of the host is inside the allowed networks")


def _plain(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text.split("%")[0])
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
