"""A small certification authority for demonstrations and tests: certificates and revocation lists, SM2 included.

Not for production: no audit, no key ceremony, keys in memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from secrets import randbits
from typing import Any, Final

from asn1crypto import algos, core, crl, keys, x509

from gateway.seals.signing import Signer

CA_USAGE: Final = frozenset({"key_cert_sign", "crl_sign"})
SEAL_USAGE: Final = frozenset({"digital_signature", "non_repudiation"})


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and the signer that holds its key."""

    der: bytes
    signer: Signer

    @property
    def serial(self) -> int:
        """The certificate's serial number."""
        number: int = x509.Certificate.load(self.der)["tbs_certificate"]["serial_number"].native
        return number


@dataclass(frozen=True, slots=True)
class Wish:
    """What a certificate is to say."""

    common_name: str
    start: datetime
    end: datetime
    is_ca: bool = False
    usage: frozenset[str] | None = SEAL_USAGE
    extended_usage: tuple[str, ...] = ()
    organisation: str = "示范发证机构"
    extensions: tuple[tuple[str, bool, bytes], ...] = ()
    null_parameters: bool = False
    explicit_false: bool = False


def certify(wish: Wish, key: Signer, issuer: Issued | None = None) -> Issued:
    """A certificate for ``key``; without an issuer it signs itself."""
    above = issuer.signer if issuer else key
    name = _name(wish)
    algorithm = _algorithm(above.algorithm, wish.null_parameters)
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": randbits(120) | 1 << 120,
            "signature": algorithm,
            "issuer": x509.Certificate.load(issuer.der).subject if issuer else name,
            "validity": {"not_before": _time(wish.start), "not_after": _time(wish.end)},
            "subject": name,
            "subject_public_key_info": keys.PublicKeyInfo.load(key.spki),
            "extensions": _extensions(wish, key, above),
        }
    )
    signature = core.OctetBitString(above.sign(body.dump()))
    certificate = x509.Certificate(
        {"tbs_certificate": body, "signature_algorithm": algorithm, "signature_value": signature}
    )
    return Issued(certificate.dump(), key)


def revoke(
    issuer: Issued,
    revoked: Iterable[tuple[int, datetime]],
    this: datetime,
    following: datetime,
    number: int = 1,
) -> bytes:
    """A revocation list in DER."""
    algorithm = _algorithm(issuer.signer.algorithm)
    entries = [{"user_certificate": serial, "revocation_date": _time(when)} for serial, when in revoked]
    content: dict[str, Any] = {
        "version": "v2",
        "signature": algorithm,
        "issuer": x509.Certificate.load(issuer.der).subject,
        "this_update": _time(this),
        "next_update": _time(following),
        "crl_extensions": [
            {"extn_id": "crl_number", "critical": False, "extn_value": core.ParsableOctetString(core.Integer(number).dump())},
            {
                "extn_id": "authority_key_identifier",
                "critical": False,
                "extn_value": core.ParsableOctetString(_key_named(issuer.signer)),
            },
        ],
    }  # fmt: skip
    if entries:
        content["revoked_certificates"] = entries
    body = crl.TbsCertList(content)
    signature = core.OctetBitString(issuer.signer.sign(body.dump(force=True)))
    listed = crl.CertificateList(
        {"tbs_cert_list": body, "signature_algorithm": algorithm, "signature": signature}
    )
    raw: bytes = listed.dump()
    return raw


def _name(wish: Wish) -> Any:
    return x509.Name.build(
        {"country_name": "CN", "organization_name": wish.organisation, "common_name": wish.common_name}
    )


def _algorithm(oid: str, null: bool = False) -> Any:
    parameters = core.Null() if null or oid.startswith("1.2.840.113549") else None
    content = {"algorithm": oid} if parameters is None else {"algorithm": oid, "parameters": parameters}
    return algos.SignedDigestAlgorithm(content)


def _time(when: datetime) -> Any:
    if when.year < 2050:
        return x509.Time({"utc_time": when})
    return x509.Time({"general_time": when})


def _identifier(key: Signer) -> bytes:
    """RFC 5280 section 4.2.1.2 (1): a name, not a protection."""
    bits: bytes = keys.PublicKeyInfo.load(key.spki)["public_key"].contents[1:]
    return sha1(bits, usedforsecurity=False).digest()


def _key_named(key: Signer) -> bytes:
    raw: bytes = x509.AuthorityKeyIdentifier({"key_identifier": _identifier(key)}).dump()
    return raw


def _extensions(wish: Wish, key: Signer, above: Signer) -> list[Any]:
    constraints = (
        b"\x30\x03\x01\x01\x00" if wish.explicit_false else x509.BasicConstraints({"ca": wish.is_ca}).dump()
    )
    found = [
        ("2.5.29.19", True, constraints),
        ("2.5.29.14", False, core.OctetString(_identifier(key)).dump()),
        ("2.5.29.35", False, _key_named(above)),
    ]
    usage = CA_USAGE if wish.is_ca else wish.usage
    if usage is not None:
        found.append(("2.5.29.15", True, x509.KeyUsage(set(usage)).dump()))
    if wish.extended_usage:
        critical = "time_stamping" in wish.extended_usage
        found.append(("2.5.29.37", critical, x509.ExtKeyUsageSyntax(list(wish.extended_usage)).dump()))
    return [
        x509.Extension({"extn_id": oid, "critical": critical, "extn_value": core.ParsableOctetString(value)})
        for oid, critical, value in (*found, *wish.extensions)
    ]
