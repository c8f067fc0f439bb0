"""What waits in the database for its download, each thing encrypted under a key of its own (AES-256-GCM, NIST SP 800-38D).

The key is wrapped by the installation's; where it was destroyed, a backup that still holds the rows opens nothing.
"""

import os
from uuid import UUID

from gateway.seals.vault import Vault

_KEY_BYTES = 32


class Kept:
    """Seals and opens what is kept.

    Args:
        vault: wraps the keys.
        purpose: what is kept, in one word; what was sealed for another purpose does not open.
    """

    def __init__(self, vault: Vault, purpose: str) -> None:
        self._vault = vault
        self._purpose = purpose

    def new_key(self, owner: UUID) -> bytes:
        """A new key for a thing, wrapped."""
        return self._vault.wrap(os.urandom(_KEY_BYTES), str(owner))

    def seal(self, owner: UUID, key: bytes, place: str, content: bytes) -> bytes:
        """Content for its place among what is kept of a thing; it opens in no other."""
        return self._own(owner, key).wrap(content, f"{owner} {place}")

    def open(self, owner: UUID, key: bytes, place: str, sealed: bytes) -> bytes:
        """The content again. Raises WrongKey if it was changed or moved."""
        return self._own(owner, key).unwrap(sealed, f"{owner} {place}")

    def _own(self, owner: UUID, key: bytes) -> Vault:
        return Vault(self._vault.unwrap(key, str(owner)), self._purpose)
