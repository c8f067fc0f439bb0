"""Nonces of the server for DPoP proofs: stateless, known to every process of an installation (RFC 9449 section 8).

A nonce says when it was made; nobody without the installation's key can make one, so no proof can be signed in store.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final

_TIME: Final = 6
_MAC: Final = 18


class Nonces:
    """Makes and reads nonces.

    Args:
        key: secret bytes that all processes share.
        seconds: how long a nonce is accepted.
        now: Unix seconds.
    """

    def __init__(self, key: bytes, seconds: int, now: Callable[[], float]) -> None:
        self._key = key
        self._seconds = seconds
        self._now = now

    def fresh(self) -> str:
        """A nonce of this second."""
        made_at = int(self._now()).to_bytes(_TIME, "big")
        return base64.urlsafe_b64encode(made_at + self._mac(made_at)).decode().rstrip("=")

    def made_at(self, nonce: object) -> int | None:
        """When a nonce was made (Unix seconds); None if it is no nonce of ours, too old, or from the future."""
        if not isinstance(nonce, str) or len(nonce) != 32:
            return None
        try:
            raw = base64.b64decode(nonce, altchars=b"-_", validate=True)
        except ValueError:
            return None
        made_at = raw[:_TIME]
        if not hmac.compare_digest(raw[_TIME:], self._mac(made_at)):
            return None
        instant = int.from_bytes(made_at, "big")
        # another process of the installation may be a second ahead
        return instant if -1 <= int(self._now()) - instant <= self._seconds else None

    def _mac(self, made_at: bytes) -> bytes:
        return hmac.digest(self._key, b"dpop nonce" + made_at, hashlib.sha256)[:_MAC]
