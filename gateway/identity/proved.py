"""Access tokens whose signature verified before, so that a caller's next thousand calls cost no signature check.

Kept is that these bytes verify under this key, and by which key set and list of revocations that was said. Whoever asks
again compares: another key set or list, another audience or a passed end sends the token through every rule anew; and the
grant is decided by the room above on every call.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from gateway.identity.jose import Unverified
from gateway.identity.revocations import Revoked

MOST_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified access token: its claims, all present and of their types."""

    subject: str
    audience: str
    token_id: str
    expires_at: int
    claims: dict[str, Any]


@dataclass(slots=True)
class Entry:
    """A token that was accepted: as read, the public key (JWK) it verified under, and what it was accepted by."""

    read: Unverified
    jwk: dict[str, Any]
    access: AccessToken
    begins_at: int
    keys: dict[str, dict[str, Any]] | None = None
    revoked: Revoked | None = None


class Proved:
    """At most ``most`` proved tokens, oldest use out first; refused tokens are never kept."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, Entry] = OrderedDict()

    def find(self, token: str) -> Entry | None:
        """What is kept of a token; None if it is not."""
        return self.find_by(token_key(token))

    def find_by(self, key: bytes) -> Entry | None:
        """:meth:`find` for whoever has made the :func:`token_key` of a token before."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, entry: Entry) -> None:
        """Remember a token that was accepted."""
        self._kept[token_key(entry.read.text)] = entry
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, token: str) -> None:
        """Drop a token that is refused from now on."""
        self._kept.pop(token_key(token), None)

    def __len__(self) -> int:
        return len(self._kept)


def token_key(token: str) -> bytes:
    """What a token is remembered by: its SHA-256."""
    # not the token itself: what is in memory for minutes should open nothing
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
