"""Whose certificates the gateway believes when it connects to others: departments, upper platforms, webhooks.

Without a recognised authority for peers it is whom the machine believes; with one, these alone (ASVS 5.0 12.3.2): a
public authority then vouches for nobody inside the government network. A department can be pinned closer still: its own
folder says which authority alone vouches for its hosts, and which certificate the gateway shows there.
"""

import ssl
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from gateway.errors import BadSettings
from gateway.telemetry import get_logger

_log = get_logger()
_LOOK_SECONDS: Final = 2.0
_AUTHORITY: Final = "ca.pem"
_CERTIFICATE: Final = "certificate.pem"
_KEY: Final = "key.pem"
_HOSTS: Final = "hosts"


def peer_tls(anchors: Iterable[bytes] = ()) -> ssl.SSLContext:
    """TLS for connecting to others, version 1.2 at least.

    Args:
        anchors: certificates of authorities in DER; none means those of the machine. Authorities with SM2 keys are of no use
            here: standard TLS has no suite for them.
    """
    trusted = tuple(anchors)
    if not trusted:
        return _machines_tls()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for der in trusted:
        made.load_verify_locations(cadata=der)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


@cache
def _machines_tls() -> ssl.SSLContext:
    """Believes whom the machine believes. Reading its authorities takes 30 ms, so a process does it once."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class Peers:
    """The TLS of each host: that of its department's folder, else the common one.

    A folder holds ``hosts`` (``name`` or ``name:port``, one a line), ``ca.pem``, the only authority believed there, and
    optionally ``certificate.pem`` and ``key.pem``, which the gateway shows. Changed files count within two seconds; what
    cannot be read then is reported, and the former certificates stay in use.

    Args:
        common: for hosts of no folder.
        folder: holds one folder for each department, named by its code; none, if None.
    """

    def __init__(self, common: ssl.SSLContext, folder: Path | None = None) -> None:
        self.common = common
        self._folder = folder
        self._hosts: dict[str, ssl.SSLContext] = {}
        self._seen: object = None
        self._looked = float("-inf")

    def check(self) -> None:
        """Read all now. Raises BadSettings: a folder that does not hold what it must."""
        if self._folder is not None:
            self._seen = _stamps(self._folder)
            self._hosts = _read(self._folder)
            self._looked = time.monotonic()

    def tls(self, host: str, port: int) -> ssl.SSLContext:
        """How to connect to a host; the same object as long as nothing changed."""
        if self._folder is None:
            return self.common
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._look(self._folder)
        return self._hosts.get(f"{host}:{port}") or self._hosts.get(host) or self.common

    def _look(self, folder: Path) -> None:
        self._looked = time.monotonic()
        seen = _stamps(folder)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._hosts = _read(folder)
        except BadSettings as fault:
            _log.error("peers.not_read", why=fault.detail)


def _stamps(folder: Path) -> object:
    """What changes when a file does."""
    try:
        found = [(str(file), file.stat()) for file in sorted(folder.glob("*/*"))]
    except OSError as fault:
        return str(fault)
    return [(name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in found]


def _read(folder: Path) -> dict[str, ssl.SSLContext]:
    if not folder.is_dir():
        raise BadSettings(
            f"[exchange] peers_dir: {folder} is no folder", f"[exchange] peers_dir：{folder} 不是文件夹"
        )
    hosts: dict[str, ssl.SSLContext] = {}
    for own in sorted(each for each in folder.iterdir() if each.is_dir()):
        try:
            made = _pinned(own)
            named = (own / _HOSTS).read_text("utf-8").split()
        except (OSError, ssl.SSLError, ValueError) as fault:
            raise BadSettings(
                f"[exchange] peers_dir: {own}: {fault}", f"[exchange] peers_dir：{own} 有误：{fault}"
            ) from None
        for host in named:
            if hosts.setdefault(host.lower(), made) is not made:
                raise BadSettings(
                    f"[exchange] peers_dir: {host} stands in two folders",
                    f"[exchange] peers_dir：{host} 重复",
                )
    return hosts


def _pinned(own: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.load_verify_locations(cafile=own / _AUTHORITY)
    if (own / _CERTIFICATE).exists():
        made.load_cert_chain(own / _CERTIFICATE, own / _KEY)
    return made
