"""From a certificate up to an anchor, by OpenSSL's path validation (RFC 5280 section 6) with our own leaf rules.

Apart from the certificates because it holds every trap of the library: the time must be naive UTC, a fresh store is
built for each check, revocation is never left to it, and nothing is fetched.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

from OpenSSL import crypto

from gateway.seals.certificates import BadCertificate, Certificate, fits, is_strong, read_certificate

MOST_CERTIFICATES: Final = 8
DEEPEST: Final = 5
_NO_ANCHOR: Final = frozenset({2, 18, 19, 20, 21})
"""X509_V_ERR_…: issuer not found, self-signed leaf, self-signed in chain, issuer not found locally, one only."""
_TIMES: Final = frozenset({9, 10})

Purpose = Literal["client", "seal", "timestamp", "peer"]


class PathRefused(Exception):
    """No path to an anchor; ``code`` is stable, ``unknown`` tells missing trust from a wrong certificate."""

    def __init__(self, code: str, detail: str, *, unknown: bool = False) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.unknown = unknown


@dataclass(frozen=True, slots=True)
class Anchors:
    """The certification authorities trusted for one purpose."""

    certificates: tuple[Certificate, ...]


NO_ANCHORS: Final = Anchors(())


def path(
    leaf: Certificate, others: Iterable[Certificate], anchors: Anchors, at: datetime, purpose: Purpose
) -> tuple[Certificate, ...]:
    """The certificates from the leaf to an anchor, both included, all good at ``at``.

    Raises:
        PathRefused: no anchor reached; not valid at that time; a leaf or a link that breaks a rule.
    """
    check_leaf(leaf, purpose)
    between = tuple(others)
    if len(between) >= MOST_CERTIFICATES:
        raise PathRefused("TOO_MANY_CERTIFICATES", f"more than {MOST_CERTIFICATES} certificates")
    if not anchors.certificates:
        raise PathRefused("NO_ANCHOR", "no anchor is configured for this purpose", unknown=True)
    named = [each for each in (*between, *anchors.certificates) if _is_named(each, leaf)]
    if named and not any(fits(leaf.algorithm, each.key_kind) for each in named):
        raise PathRefused(
            "WEAK_SIGNATURE", f"{leaf.subject} is not signed with an algorithm of its issuer's key"
        )
    found = _verified(leaf, between, anchors, at)
    if len(found) > DEEPEST + 1:
        raise PathRefused("PATH_TOO_LONG", f"more than {DEEPEST} steps to the anchor")
    for below, above in pairwise(found):
        if not fits(below.algorithm, above.key_kind) or not is_strong(above):
            raise PathRefused("WEAK_SIGNATURE", f"{below.subject} is signed with a weak or unfit algorithm")
    return found


def _is_named(issuer: Certificate, subject: Certificate) -> bool:
    """Whether the subject names this very issuer, by name and key (RFC 5280 section 4.2.1.1)."""
    same_key = subject.issuer_key_id is not None and subject.issuer_key_id == issuer.key_id
    return same_key and issuer.subject_der == subject.issuer_der


def check_leaf(leaf: Certificate, purpose: Purpose) -> None:
    """The rules on the end certificate, which the library does not check.

    Raises:
        PathRefused: a CA; no key usage for signing, or one for signing certificates; a weak key; another purpose.
    """
    usage = leaf.usage or frozenset()
    if leaf.is_ca or usage & {"key_cert_sign", "crl_sign"}:
        raise PathRefused("LEAF_IS_CA", "a certification authority may not sign as an end entity")
    if not usage & {"digital_signature", "non_repudiation"}:
        raise PathRefused("KEY_USAGE", "the key usage allows no signatures")
    if not is_strong(leaf):
        raise PathRefused("WEAK_KEY", "the key is too weak or of an unknown kind")
    wanted = {"client": "client_auth", "timestamp": "time_stamping", "seal": None, "peer": "server_auth"}[
        purpose
    ]
    extended = leaf.extended_usage
    if wanted and ((extended is None and purpose == "timestamp") or (extended and wanted not in extended)):
        raise PathRefused("EXTENDED_KEY_USAGE", f"the certificate is not for {wanted}")


def _verified(
    leaf: Certificate, between: tuple[Certificate, ...], anchors: Anchors, at: datetime
) -> tuple[Certificate, ...]:
    store = crypto.X509Store()
    for anchor in anchors.certificates:
        store.add_cert(_loaded(anchor))
    store.set_flags(crypto.X509StoreFlags.X509_STRICT | crypto.X509StoreFlags.PARTIAL_CHAIN)
    store.set_time(at.astimezone(UTC).replace(tzinfo=None))
    context = crypto.X509StoreContext(store, _loaded(leaf), [_loaded(each) for each in between])
    try:
        chain = context.get_verified_chain()
    except crypto.X509StoreContextError as fault:
        raise _refusal(fault) from None
    try:
        return tuple(read_certificate(crypto.dump_certificate(crypto.FILETYPE_ASN1, each)) for each in chain)
    except BadCertificate as fault:
        raise PathRefused("BAD_CERTIFICATE", str(fault)) from None


def _loaded(certificate: Certificate) -> crypto.X509:
    return _parsed(certificate.der)


@lru_cache(maxsize=1024)
def _parsed(der: bytes) -> crypto.X509:
    return crypto.load_certificate(crypto.FILETYPE_ASN1, der)


def _refusal(fault: crypto.X509StoreContextError) -> PathRefused:
    number, depth, text = fault.errors[:3]
    if number in _NO_ANCHOR:
        return PathRefused("NO_ANCHOR", f"no path to an anchor: {text}", unknown=True)
    code = "OUTSIDE_VALIDITY" if number in _TIMES else "PATH_INVALID"
    return PathRefused(code, f"certificate {depth} of the path: {text}")
