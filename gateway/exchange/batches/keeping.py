"""What a batch keeps until its download, encrypted under a key of its own (AES-256-GCM, NIST SP 800-38D).

The key is wrapped by the installation's; where it was destroyed, a backup that still holds the rows opens nothing.
"""

import os
from typing import Any
from uuid import UUID

import orjson

from gateway.exchange.batches.model import Batch
from gateway.exchange.batches.refusals import BatchDestroyed
from gateway.seals import Vault

_KEY_BYTES = 32


class Keeping:
    """Seals and opens what batches keep. ``vault`` wraps their keys."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def new_key(self, batch: UUID) -> bytes:
        """A new key, wrapped."""
        return self._vault.wrap(os.urandom(_KEY_BYTES), str(batch))

    def seal_wanted(self, batch: UUID, key: bytes, wanted: dict[str, Any]) -> bytes:
        """The rows and who asks (操作人), for the database."""
        return self._own(batch, key).wrap(orjson.dumps(wanted), f"{batch} wanted")

    def open_wanted(self, batch: Batch, sealed: bytes) -> dict[str, Any]:
        """The same again. Raises BatchDestroyed."""
        opened: dict[str, Any] = orjson.loads(self._of(batch).unwrap(sealed, f"{batch.id} wanted"))
        return opened

    def seal_segment(self, batch: Batch, number: int, content: bytes) -> bytes:
        """A segment in its place; it opens in no other. Raises BatchDestroyed."""
        return self._of(batch).wrap(content, f"{batch.id} segment {number}")

    def open_segment(self, batch: Batch, number: int, sealed: bytes) -> bytes:
        """Its content. Raises BatchDestroyed; WrongKey if it was changed or moved."""
        return self._of(batch).unwrap(sealed, f"{batch.id} segment {number}")

    def _of(self, batch: Batch) -> Vault:
        if batch.key is None:
            raise BatchDestroyed("what it kept was destroyed", "其内容已销毁")
        return self._own(batch.id, batch.key)

    def _own(self, batch: UUID, key: bytes) -> Vault:
        return Vault(self._vault.unwrap(key, str(batch)), "batch")
