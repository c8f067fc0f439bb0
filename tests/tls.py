"""TLS at both ends of a test: the server's certificate in files, and a caller's context with or without one."""

import ssl
from functools import cache
from pathlib import Path

from authorities import DAY, now
from certifying import Pki, new_pki, pem
from cryptography.hazmat.primitives import serialization

from gateway.seals.authority import Issued
from gateway.seals.files import to_pem
from gateway.seals.signing import PlainSigner

_LOOPBACK = ("2.5.29.17", False, bytes.fromhex("300687047f000001"))
"""subjectAltName: IP 127.0.0.1."""


@cache
def server_authority() -> Pki:
    """Who certifies the servers of the tests."""
    return new_pki("p256", "服务器根", start=now() - DAY, end=now() + DAY)


def server_certificate() -> Issued:
    """A new certificate for a server on this machine."""
    life = {"start": now() - DAY, "end": now() + DAY}
    return server_authority().issue(
        "gateway", **life, extended_usage=("server_auth",), extensions=(_LOOPBACK,)
    )


def write_key(file: Path, one: Issued) -> None:
    """Its private key in PEM."""
    assert isinstance(one.signer, PlainSigner)
    raw = one.signer.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(to_pem("PRIVATE KEY", raw))


def write_pair(folder: Path, name: str, one: Issued) -> tuple[Path, Path]:
    """Certificate and key in PEM files."""
    files = folder / f"{name}.pem", folder / f"{name}.key"
    files[0].write_bytes(pem(one))
    write_key(files[1], one)
    return files


def client_tls(folder: Path, one: Issued | None = None) -> ssl.SSLContext:
    """A caller that trusts the server, and presents a certificate if given one."""
    context = ssl.create_default_context(cadata=pem(server_authority().root).decode())
    if one is not None:
        context.load_cert_chain(*write_pair(folder, f"client-{id(one)}", one))
    return context
