"""Which addresses the gateway may connect to: only the configured networks (SSRF, OWASP API7:2023).

The check stands where the socket is made, on the resolved address, so neither a name that resolves elsewhere nor
an address written in an odd form gets past it.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import socket as Socket
from typing import Any, Final, TypeAlias

from gateway.errors import BadSettings

_NAT64 = ip_network("64:ff9b::/96")
_FAMILIES: Final = {4: socket.AF_INET, 6: socket.AF_INET6}
_Found: TypeAlias = list[tuple[Any, Any, int, str, Any]]


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
        self._resolving: dict[tuple[str, int], asyncio.Future[_Found]] = {}

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
        for family, kind, protocol, _name, address in await self._addresses(host, port):
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
        for info in await self._addresses(host, port):
            try:
                return self.check(str(info[4][0]))
            except EgressRefused:
                continue
        raise EgressRefused("no address of the host is inside the allowed networks")

    async def _addresses(self, host: str, port: int) -> _Found:
        """What ``host`` resolves to; an address is itself, and who asks for a name at the same time shares one answer.

        Names are resolved in threads, each of which waits for the busy event loop several times: a burst of new connections
        would stand in line for half a second.
        """
        if (itself := _literal(host, port)) is not None:
            return itself
        key = (host, port)
        asked = self._resolving.get(key)
        if asked is None:
            loop, kind = asyncio.get_running_loop(), socket.SOCK_STREAM
            asked = loop.run_in_executor(None, lambda: socket.getaddrinfo(host, port, type=kind))
            self._resolving[key] = asked
            asked.add_done_callback(lambda done: self._resolved(key, done))
        return await asyncio.shield(asked)

    def _resolved(self, key: tuple[str, int], done: "asyncio.Future[_Found]") -> None:
        del self._resolving[key]
        if not done.cancelled():
            done.exception()  # whoever asked may have gone; then nobody else looks at it


def _literal(host: str, port: int) -> _Found | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if "%" in host:  # its zone is a name
        return None
    where = (host, port) if address.version == 4 else (host, port, 0, 0)
    return [(_FAMILIES[address.version], socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)]


def _plain(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text.split("%")[0])
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
