"""Pseudonyms (假名): the same text gives the same word, and nobody without the master key finds the way back.

Apart from the vault because nothing here can be opened again.
"""

import hashlib
import hmac
from collections.abc import Mapping

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.names import tidy


class Pseudonyms:
    """Keyed digests (HMAC-SHA-256, RFC 2104) under a key derived from the master key.

    Args:
        master_key: 32 bytes.
        purpose: names the derived key; digests of different purposes cannot be compared.
    """

    def __init__(self, master_key: bytes, purpose: str) -> None:
        info = b"gateway pseudonyms " + purpose.encode()
        self._key = HKDF(SHA256(), 32, salt=None, info=info).derive(master_key)

    def of(self, context: str, key: Mapping[str, str]) -> bytes:
        """The pseudonym (16 bytes) of a record's key in a ``context``, e.g. a resource's code; order does not count."""
        pairs = sorted((name, tidy(value).upper()) for name, value in key.items())
        said = orjson.dumps([context, pairs])
        return hmac.new(self._key, said, hashlib.sha256).digest()[:16]
