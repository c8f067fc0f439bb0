"""What a batch keeps until its download, encrypted under a key of its own, see :mod:`gateway.seals.kept`."""

from typing import Any
from uuid import UUID

import orjson

from gateway.exchange.batches.model import Batch
from gateway.exchange.batches.refusals import BatchDestroyed
from gateway.seals import Vault
from gateway.seals.kept import Kept


class Keeping:
    """Seals and opens what batches keep. ``vault`` wraps their keys."""

    def __init__(self, vault: Vault) -> None:
        self._kept = Kept(vault, "batch")

    def new_key(self, batch: UUID) -> bytes:
        """A new key, wrapped."""
        return self._kept.new_key(batch)

    def seal_wanted(self, batch: UUID, key: bytes, wanted: dict[str, Any]) -> bytes:
        """The rows and who asks (操作人), for the database."""
        return self._kept.seal(batch, key, "wanted", orjson.dumps(wanted))

    def open_wanted(self, batch: Batch, sealed: bytes) -> dict[str, Any]:
        """The same again. Raises BatchDestroyed."""
        opened: dict[str, Any] = orjson.loads(self._kept.open(batch.id, _key(batch), "wanted", sealed))
        return opened

    def seal_segment(self, batch: Batch, number: int, content: bytes) -> bytes:
        """A segment in its place; it opens in no other. Raises BatchDestroyed."""
        return self._kept.seal(batch.id, _key(batch), f"segment {number}", content)

    def open_segment(self, batch: Batch, number: int, sealed: bytes) -> bytes:
        """Its content. Raises BatchDestroyed; WrongKey if it was changed or moved."""
        return self._kept.open(batch.id, _key(batch), f"segment {number}", sealed)


def _key(batch: Batch) -> bytes:
    if batch.key is None:
        raise BatchDestroyed("what it kept was destroyed", "其内容已销毁")
    return batch.key
