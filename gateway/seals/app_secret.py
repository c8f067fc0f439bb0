"""Opening what older upper platforms send encrypted under AES with a short-lived secret inside.

Compatibility only: ECB has no integrity and CBC here has a fixed IV. Nothing of ours is encrypted so.
"""

import base64
import hashlib
from typing import Literal

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.padding import PKCS7


def sha1prng_key(secret: bytes) -> bytes:
    """The 16 bytes Java clients get from ``SHA1PRNG`` seeded with a secret: the start of SHA1(SHA1(secret))."""
    return hashlib.sha1(hashlib.sha1(secret).digest()).digest()[:16]  # the other side's choice


def open_app_secret(wrapped: str, secret: bytes, mode: Literal["ecb", "cbc"], iv: bytes) -> str:
    """The text in base64 AES-128 with PKCS#7 padding, under :func:`sha1prng_key` of ``secret``.

    Raises:
        ValueError: not base64, not whole blocks, wrong padding, no ASCII: another key or mode.
    """
    cipher = Cipher(AES(sha1prng_key(secret)), ECB() if mode == "ecb" else CBC(iv))
    decryptor, unpadder = cipher.decryptor(), PKCS7(128).unpadder()
    try:
        padded = decryptor.update(base64.b64decode(wrapped, validate=True)) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode("ascii")
    except ValueError:
        raise ValueError("the app secret does not open") from None
