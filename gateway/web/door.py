"""TLS ended by the gateway itself: one context, whose certificate and trust follow their sources without a restart.

The outer context never changes; each connection is handed the inner one of the moment when its ClientHello is read.
Client certificates are asked for, not demanded: whoever presents one must have it verify here already (ASVS 5.0 12.1.3),
and what it is worth is judged again where a token is asked for.
"""

import ssl
from collections.abc import Iterable
from pathlib import Path

from gateway.errors import BadSettings


class Door:
    """A server's TLS. ``asks`` says whether callers are asked for a certificate.

    Raises:
        BadSettings: the certificate or its key cannot be used.
    """

    def __init__(self, certificate: Path, key: Path, *, asks: bool) -> None:
        self._files = (certificate, key)
        self._asks = asks
        self._trusted: tuple[bytes, ...] = ()
        self._stamp = self._stamped()
        self._inner = self._made()
        self.context = self._made()
        self.context.sni_callback = self._hand_over

    def follow(self, trusted: Iterable[bytes]) -> bool:
        """Take up the certificates (DER) callers are verified against, and a renewed certificate of our own.

        Returns:
            Whether anything changed.

        Raises:
            BadSettings: the new files cannot be used; the earlier ones stay in use.
        """
        wanted, stamp = tuple(trusted), self._stamped()
        if wanted == self._trusted and stamp == self._stamp:
            return False
        before, self._trusted = self._trusted, wanted
        try:
            self._inner = self._made()
        except BadSettings:
            self._trusted = before
            raise
        self._stamp = stamp
        return True

    def _hand_over(self, connection: ssl.SSLObject, _name: str | None, _outer: ssl.SSLContext) -> None:
        connection.context = self._inner

    def _stamped(self) -> tuple[tuple[int, int], ...]:
        try:
            return tuple((found.st_mtime_ns, found.st_ino) for found in (each.stat() for each in self._files))
        except OSError as fault:
            raise self._unusable(fault) from None

    def _made(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION  # each connection proves itself anew
        context.num_tickets = 0
        try:
            context.load_cert_chain(*self._files)
        except (OSError, ValueError) as fault:
            raise self._unusable(fault) from None
        if self._asks:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            for der in self._trusted:
                context.load_verify_locations(cadata=der)
        return context

    def _unusable(self, fault: Exception) -> BadSettings:
        return BadSettings(
            f"[listen] tls_certificate_file, tls_key_file: {fault}",
            f"[listen] 的 TLS 证书或私钥文件不可用：{fault}",
        )
