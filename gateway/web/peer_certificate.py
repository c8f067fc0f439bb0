"""The certificate a caller presented: from the TLS connection, or from the terminator in front (RFC 9440).

A terminator's header is believed from the configured peers only; from anybody else it stops the request, because
whoever sends it means to be taken for another (CVE-2022-24112 and its kind).
"""

import base64
import binascii
import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from gateway.errors import Malformed
from gateway.settings import Web
from gateway.web.incoming import Asking

LEAF: Final = "Client-Cert"
CHAIN: Final = "Client-Cert-Chain"
_BYTES: Final = re.compile(r":([A-Za-z0-9+/]{4,87380}={0,2}):")
_MOST: Final = 7


class ForwardedCertificate(Malformed):
    """A client certificate is told by somebody who may not（不可信的客户端证书请求头）."""

    remedy = (
        "Only the TLS terminator may send Client-Cert; an operator names it in [web] client_cert_peers.",
        "仅 TLS 终结设备可发送 Client-Cert 请求头；由运维人员在 [web] client_cert_peers 中配置。",
    )


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """The caller's certificate in DER, and those it sent along towards its authority."""

    der: bytes
    others: tuple[bytes, ...] = ()


def check_forwarded(request: Asking, limits: Web) -> None:
    """Refuse a certificate in a header from anybody but the terminators.

    Raises:
        ForwardedCertificate: the peer is none of ``limits.client_cert_peers``.
    """
    headers = request.headers
    if (LEAF in headers or CHAIN in headers) and not _is_terminator(request, limits):
        raise ForwardedCertificate(
            f"{LEAF} is accepted from the TLS terminator only", f"仅接受 TLS 终结设备发送的 {LEAF}"
        )


def peer_certificate(request: Asking, limits: Web) -> PeerCertificate | None:
    """The certificate whose key the caller proved to hold in TLS, or None.

    Of a terminator only the header counts: the connection's own certificate is the terminator's.

    Raises:
        ForwardedCertificate: a header from a stranger, or one that is no structured field of bytes (RFC 8941 section 3.3.5).
    """
    check_forwarded(request, limits)
    if limits.client_cert_peers and _is_terminator(request, limits):
        return _forwarded(request)
    transport = request.transport
    secured = transport.get_extra_info("ssl_object") if transport is not None else None
    der = secured.getpeercert(True) if secured is not None else None
    return PeerCertificate(der) if der else None


def _forwarded(request: Asking) -> PeerCertificate | None:
    leaf, chain = request.headers.get(LEAF), request.headers.get(CHAIN)
    if leaf is None:
        if chain is not None:
            raise _unreadable(CHAIN)
        return None
    items = [] if chain is None else [item.strip(" \t") for item in chain.split(",")]
    if len(items) > _MOST:
        raise _unreadable(CHAIN)
    return PeerCertificate(_bytes(leaf, LEAF), tuple(_bytes(item, CHAIN) for item in items))


def _bytes(text: str, name: str) -> bytes:
    match = _BYTES.fullmatch(text)
    try:
        raw = base64.b64decode(match[1], validate=True) if match else b""
    except binascii.Error:
        raw = b""
    if not raw:
        raise _unreadable(name)
    return raw


def _unreadable(name: str) -> ForwardedCertificate:
    return ForwardedCertificate(
        f"{name} must be the certificate in base64 between colons (RFC 9440)",
        f"{name} 须为冒号包围的 base64（RFC 9440）",
    )


def _is_terminator(request: Asking, limits: Web) -> bool:
    try:
        peer = ip_address((request.remote or "").split("%")[0])
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    networks: tuple[IPv4Network | IPv6Network, ...] = limits.client_cert_peers
    return any(peer in network for network in networks if network.version == peer.version)
