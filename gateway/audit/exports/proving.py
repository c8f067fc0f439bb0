"""The roots between the records of a pack, from the hashes the log keeps."""

from collections.abc import Sequence
from typing import Final

from gateway.audit.tiles import proving
from gateway.proof.joint import parts_between
from gateway.storage import Database

_AT_ONCE: Final = 500


async def roots_between(database: Database, size: int, places: Sequence[int]) -> list[bytes]:
    """The proof that the records at ``places`` (rising) stand in the tree of ``size`` records.

    Raises:
        TilesMissing: the log's own hashes are not there.
    """
    found, parts = list[bytes](), list(parts_between(size, places))
    for start in range(0, len(parts), _AT_ONCE):
        async with database.connection() as connection:
            found += await proving.roots(connection, parts[start : start + _AT_ONCE])
    return found
