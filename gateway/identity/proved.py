"""Access tokens whose signature verified before, so that a caller's next thousand calls cost no signature check.

Only what cannot change is kept: that these bytes verify under this key. Expiry, the key's place in the key set,
issuer and audience are asked anew on every use, and the grant is decided by the room above on every call.
"""

import hashlib
from collections import OrderedDict
from typing import Any, Final

from gateway.identity.jose import Unverified

MOST_KEPT: Final = 50_000


class Proved:
    """At most ``most`` proved tokens, oldest use out first; refused tokens are never kept."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, tuple[Unverified, dict[str, Any]]] = OrderedDict()

    def find(self, token: str) -> tuple[Unverified, dict[str, Any]] | None:
        """The token as read, and the public key (JWK) it verified under; None if it was not kept."""
        key = _key(token)
        if found := self._kept.get(key):
            self._kept.move_to_end(key)
        return found

    def keep(self, token: Unverified, jwk: dict[str, Any]) -> None:
        """Remember that the signature verified under ``jwk``."""
        self._kept[_key(token.text)] = (token, jwk)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, token: str) -> None:
        """Drop a token that is refused from now on."""
        self._kept.pop(_key(token), None)

    def __len__(self) -> int:
        return len(self._kept)


def _key(token: str) -> bytes:
    # not the token itself: what is in memory for minutes should open nothing
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
