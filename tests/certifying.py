"""Certification authorities of the tests: chains, OCSP answers of every kind, and files of recognised authorities."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from asn1crypto import algos, core, ocsp, x509
from cryptography.hazmat.primitives import hashes
from sealing import DAY, NOW, new_key, wish

from gateway.seals.authority import Issued, Wish, certify, revoke
from gateway.seals.files import to_pem

SHA1, SHA256, SM3 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1", "1.2.156.10197.1.401"
_DIGESTS: dict[str, hashes.HashAlgorithm] = {SHA1: hashes.SHA1(), SHA256: hashes.SHA256(), SM3: hashes.SM3()}
NO_CHECK = ("1.3.6.1.5.5.7.48.1.5", False, b"\5\0")


@dataclass(frozen=True)
class Said:
    """What an OCSP response is to say, and who says it."""

    status: str = "good"
    revoked_at: datetime | None = None
    this: datetime = NOW - timedelta(hours=1)
    following: datetime | None = NOW + DAY
    digest: str = SHA1
    nonce: bytes | None = None
    critical: str | None = None
    by_key: bool = False
    serial: int | None = None


def digest(oid: str, data: bytes) -> bytes:
    made = hashes.Hash(_DIGESTS[oid])
    made.update(data)
    return made.finalize()


def key_bits(der: bytes) -> bytes:
    info = x509.Certificate.load(der)["tbs_certificate"]["subject_public_key_info"]
    bits: bytes = info["public_key"].contents[1:]
    return bits


def answer(
    subject: Issued,
    issuer: Issued,
    said: Said | None = None,
    responder: Issued | None = None,
    *,
    included: bool = True,
) -> bytes:
    """An OCSP response in DER about ``subject``, signed by the issuer or by ``responder``."""
    said, signer = said or Said(), responder or issuer
    named = x509.Certificate.load(issuer.der)
    status: Any = {"good": core.Null(), "unknown": core.Null()}.get(said.status)
    if said.status == "revoked":
        status = {"revocation_time": said.revoked_at or NOW - DAY}
    single: dict[str, Any] = {
        "cert_id": {
            "hash_algorithm": {"algorithm": said.digest, "parameters": core.Null()},
            "issuer_name_hash": digest(said.digest, named.subject.dump()),
            "issuer_key_hash": digest(said.digest, key_bits(issuer.der)),
            "serial_number": subject.serial if said.serial is None else said.serial,
        },
        "cert_status": ocsp.CertStatus(name=said.status, value=status),
        "this_update": said.this,
    }
    if said.following is not None:
        single["next_update"] = said.following
    body: dict[str, Any] = {
        "responder_id": _responder(signer, said.by_key), "produced_at": said.this, "responses": [single],
    }  # fmt: skip
    extensions = []
    if said.nonce is not None:
        value = core.ParsableOctetString(core.OctetString(said.nonce).dump())
        extensions.append({"extn_id": "nonce", "critical": False, "extn_value": value})
    if said.critical is not None:
        value = core.ParsableOctetString(b"\5\0")
        extensions.append({"extn_id": said.critical, "critical": True, "extn_value": value})
    if extensions:
        body["response_extensions"] = extensions
    signed = ocsp.ResponseData(body)
    content: dict[str, Any] = {
        "tbs_response_data": signed,
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": signer.signer.algorithm}),
        "signature": core.OctetBitString(signer.signer.sign(signed.dump())),
    }
    if responder is not None and included:
        content["certs"] = [x509.Certificate.load(responder.der)]
    held = core.ParsableOctetString(ocsp.BasicOCSPResponse(content).dump())
    whole = {"response_type": "basic_ocsp_response", "response": held}
    raw: bytes = ocsp.OCSPResponse({"response_status": "successful", "response_bytes": whole}).dump()
    return raw


def _responder(signer: Issued, by_key: bool) -> Any:
    if by_key:
        return ocsp.ResponderId(name="by_key", value=core.OctetString(digest(SHA1, key_bits(signer.der))))
    return ocsp.ResponderId(name="by_name", value=x509.Certificate.load(signer.der).subject)


def unavailable() -> bytes:
    """A response that says to try later."""
    raw: bytes = ocsp.OCSPResponse({"response_status": "try_later"}).dump()
    return raw


@dataclass(frozen=True)
class Pki:
    """An authority with its folder of files."""

    root: Issued

    def issue(self, name: str, kind: str = "p256", **changes: object) -> Issued:
        return certify(_wish(self.root, name, **changes), new_key(kind), self.root)

    def crl(self, *revoked: tuple[Issued, datetime], number: int = 1, now: datetime = NOW) -> bytes:
        entries = [(each.serial, when) for each, when in revoked]
        return revoke(self.root, entries, now - DAY, now + 7 * DAY, number)

    def responder(self, name: str = "responder", kind: str = "p256", **changes: object) -> Issued:
        plain: dict[str, object] = {
            "usage": frozenset({"digital_signature"}), "extended_usage": ("ocsp_signing",), "extensions": (NO_CHECK,),
        }  # fmt: skip
        return self.issue(name, kind, **{**plain, **changes})


def _wish(root: Issued, name: str, **changes: object) -> Wish:
    del root
    return replace(wish(name), **changes)


def new_pki(kind: str = "p256", name: str = "互认根", **changes: object) -> Pki:
    return Pki(certify(wish(name, is_ca=True, **changes), new_key(kind)))


def pem(*certificates: Issued) -> bytes:
    """A chain, end certificate first."""
    return b"".join(to_pem("CERTIFICATE", each.der) for each in certificates)


def write_authority(folder: Path, name: str, pki: Pki | Iterable[Pki], **changes: object) -> Path:
    """The file of a recognised authority and its certificate beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    roots = [pki] if isinstance(pki, Pki) else list(pki)
    (folder / f"{name}.pem").write_bytes(pem(*(each.root for each in roots)))
    content: dict[str, object] = {
        "id": name, "name": f"{name} 认证中心", "enabled": True, "certificates": [f"{name}.pem"], "uses": ["client"],
        "algorithms": ["SM2", "RSA", "ECDSA"], "recognised_from": "2025-01-01", **changes,
    }  # fmt: skip
    file = folder / f"{name}.toml"
    file.write_text("\n".join(f"{key} = {_toml(value)}" for key, value in content.items()), "utf-8")
    return file


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    text = str(value)
    is_day = len(text) == 10 and text[4] == text[7] == "-"
    return text if is_day or isinstance(value, int) else f'"{text}"'
