"""Timestamp tokens (RFC 3161): the time at which a signature's value surely existed; asking for one, and reading it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asn1crypto import algos, tsp
from cryptography.hazmat.primitives import hashes

from gateway.seals.certificates import UNREADABLE, Certificate
from gateway.seals.signed_data import (
    SignedData,
    SignedDataRefused,
    digest_named,
    digest_of,
    read_signed_data,
)
from gateway.seals.sm2 import Sm2

_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"


class TimestampRefused(ValueError):
    """The token does not prove a time; the text says why."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A token as read; :meth:`check` ties it to what it stamps."""

    time: datetime
    imprint: bytes
    digest: hashes.HashAlgorithm
    signed: SignedData
    nonce: int | None = None

    @property
    def signer(self) -> Certificate:
        """The authority's certificate."""
        return self.signed.signer

    @property
    def others(self) -> tuple[Certificate, ...]:
        """Further certificates in the token."""
        return self.signed.others

    def check(self, stamped: bytes, sm2: Sm2 | None) -> None:
        """Whether the token is over ``stamped`` and its signature holds.

        Raises:
            TimestampRefused: it is not.
            Sm2Unavailable: the authority's key is SM2 and there is no engine.
        """
        if digest_of(self.digest, stamped) != self.imprint:
            raise TimestampRefused("the imprint is of something else")
        try:
            self.signed.check(self.signed.content or b"", sm2)
        except SignedDataRefused as fault:
            raise TimestampRefused(str(fault)) from None


def read_timestamp(token: bytes) -> Timestamp:
    """Read a token.

    Raises:
        TimestampRefused: not a TimeStampToken, without signed attributes, or with an imprint out of policy.
    """
    try:
        signed = read_signed_data(token)
        if signed.content_type != _TST_INFO or signed.content is None or signed.attributes is None:
            raise TimestampRefused("not a timestamp token")
        info = tsp.TSTInfo.load(signed.content, strict=True)
        digest = digest_named(info["message_imprint"]["hash_algorithm"]["algorithm"].dotted)
        time: datetime = info["gen_time"].native
        imprint = info["message_imprint"]["hashed_message"].native
        nonce: int | None = info["nonce"].native
    except TimestampRefused:
        raise
    except UNREADABLE as fault:
        raise TimestampRefused(f"not a timestamp token: {fault}"[:300]) from None
    return Timestamp(time, imprint, digest, signed, nonce)


def timestamp_query(stamped: bytes, nonce: int) -> bytes:
    """A request for a token over SHA-256 of ``stamped``, with the authority's certificate in it (RFC 3161 section 2.4.1)."""
    imprint = tsp.MessageImprint(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "hashed_message": hashlib.sha256(stamped).digest(),
        }
    )
    query: bytes = tsp.TimeStampReq(
        {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    ).dump()
    return query


def granted_token(reply: bytes) -> bytes:
    """The token of an authority's answer, as it came (RFC 3161 section 2.4.2).

    Raises:
        TimestampRefused: it granted none, or the bytes are no answer.
    """
    try:
        answer = tsp.TimeStampResp.load(reply, strict=True)
        status = answer["status"]["status"].native
        token: bytes = answer["time_stamp_token"].dump() if status.startswith("granted") else b""
    except UNREADABLE as fault:
        raise TimestampRefused(f"not an answer of a timestamp authority: {fault}"[:300]) from None
    if not token:
        raise TimestampRefused(f"the authority granted no token: {status}")
    return token
