"""Anchors, revocation lists and chains from files, in PEM or DER."""

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from gateway.errors import BadSettings
from gateway.seals.certificates import BadCertificate, Certificate, read_certificate
from gateway.seals.ocsp import LARGEST as LARGEST_ANSWER
from gateway.seals.ocsp import OcspRefused, OcspResponse, read_ocsp
from gateway.seals.paths import Anchors
from gateway.seals.revocation import LARGEST, CrlRefused, RevocationList, read_crl

_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer", ".der"})
_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]+?)-----END \1-----")
_LARGEST_CHAIN: Final = 1_000_000
_MOST_ANCHORS: Final = 1000


def pem_blocks(data: bytes, label: str) -> list[bytes]:
    """The contents of every PEM block of a label; DER comes back as the one block it is."""
    if not data.lstrip().startswith(b"-----"):
        return [data] if data else []
    found = [(kind.decode(), body) for kind, body in _BLOCK.findall(data)]
    return [base64.b64decode(body) for kind, body in found if kind == label]


def read_chain(data: bytes) -> list[Certificate]:
    """Certificates from PEM or DER, in their order.

    Raises:
        BadCertificate: none, too large, or one that cannot be judged.
    """
    if len(data) > _LARGEST_CHAIN:
        raise BadCertificate(f"a chain has at most {_LARGEST_CHAIN} bytes")
    try:
        blocks = pem_blocks(data, "CERTIFICATE")
    except ValueError as fault:
        raise BadCertificate(f"not PEM: {fault}") from None
    if not blocks:
        raise BadCertificate("there is no certificate")
    return [read_certificate(block) for block in blocks]


def read_anchors(folder: Path | None) -> Anchors:
    """Every certificate of a folder's .pem, .crt, .cer and .der files.

    Raises:
        BadSettings: a file holds no certificate, or one that is not of a certification authority.
    """
    found: list[Certificate] = []
    for file in sorted(folder.iterdir()) if folder else ():
        if file.suffix.lower() not in _SUFFIXES or not file.is_file():
            continue
        try:
            data = file.read_bytes()
            if b"-----BEGIN " in data and b"-----BEGIN CERTIFICATE-----" not in data:
                continue  # a key or a list that lies beside the anchors
            held = read_chain(data)
        except (OSError, BadCertificate) as fault:
            raise BadSettings(f"the anchor {file} cannot be used: {fault}", f"信任锚 {file} 不可用") from None
        if any(not each.is_ca for each in held):
            raise BadSettings(
                f"the anchor {file} is not of a certification authority", f"信任锚 {file} 不是 CA 证书"
            )
        found += held
    if len(found) > _MOST_ANCHORS:
        raise BadSettings(f"{folder} holds more than {_MOST_ANCHORS} anchors", f"{folder} 信任锚过多")
    return Anchors(tuple(found))


def read_lists(files: Iterable[Path]) -> tuple[tuple[RevocationList, ...], tuple[str, ...]]:
    """The revocation lists, and what is wrong with those that prove nothing."""
    good, problems = [], []
    for file in files:
        try:
            if file.stat().st_size > LARGEST:
                raise CrlRefused(f"a revocation list has at most {LARGEST} bytes")
            good.append(read_crl(file.read_bytes()))
        except (OSError, CrlRefused) as fault:
            problems.append(f"{file.name}: {fault}")
    return tuple(good), tuple(problems)


def read_answers(files: Iterable[Path]) -> tuple[tuple[OcspResponse, ...], tuple[str, ...]]:
    """The OCSP responses, and what is wrong with those that prove nothing."""
    good, problems = [], []
    for file in files:
        try:
            if file.stat().st_size > LARGEST_ANSWER:
                raise OcspRefused(f"an OCSP response has at most {LARGEST_ANSWER} bytes")
            good.append(read_ocsp(file.read_bytes()))
        except (OSError, OcspRefused) as fault:
            problems.append(f"{file.name}: {fault}")
    return tuple(good), tuple(problems)


def to_pem(label: str, der: bytes) -> bytes:
    """One PEM block (RFC 7468)."""
    body = base64.encodebytes(der).replace(b"\n", b"").decode()
    lines = [body[place : place + 64] for place in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()
