"""One month of records as an encrypted file: written, read again, and compared with the tree before anything goes.

The text inside is that of a dump, line by line; personal detail in it stays sealed under its own keys.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from gateway.audit.dump import decode, encode
from gateway.audit.record import Record, fits_its_leaf
from gateway.audit.retention import store
from gateway.audit.retention.model import Month
from gateway.audit.tiles.model import TILE_WIDTH
from gateway.proof.tree import HASH_BYTES
from gateway.seals import Vault
from gateway.seals.archives import ArchiveDamaged, ArchiveReader, ArchiveWriter
from gateway.storage import Connection

_RECORDS_AT_ONCE: Final = 2000


def archive_vault(master_key: bytes) -> Vault:
    """What wraps the keys of archives."""
    return Vault(master_key, "audit archives")


async def write_archive(
    connection: Connection, month: Month, folder: Path, vault: Vault
) -> tuple[Path, bytes]:
    """Write a month's records to a new file only its owner may read; the file and its SHA-256.

    Raises:
        OSError: the file cannot be written.
    """
    path = folder / f"audit-{month.month:%Y-%m}.archive"
    draft = path.with_suffix(f".{os.getpid()}")
    about = {
        "content": "audit",
        "month": f"{month.month:%Y-%m}",
        "first": month.first,
        "beyond": month.beyond,
    }
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            digest = await _written(connection, month, ArchiveWriter(file, vault, about))
            await asyncio.to_thread(_sync, file)
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return path, digest


async def _written(connection: Connection, month: Month, archive: ArchiveWriter) -> bytes:
    place = month.first
    while place < month.beyond:
        records = await store.piece(connection, month, place, _RECORDS_AT_ONCE)
        if not records:
            break
        place = records[-1].idx + 1
        await asyncio.to_thread(archive.write, b"".join(encode(record) for record in records))
    await asyncio.to_thread(archive.write, b"", last=True)
    return archive.sha256.digest()


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


async def check_archive(
    connection: Connection, month: Month, path: Path, digest: bytes, vault: Vault
) -> None:
    """Read an archive again from the disk: every record is there, fits its leaf, and its leaf is the tree's.

    Raises:
        ArchiveDamaged: something is not; nothing may be dropped.
        OSError: the file cannot be read.
    """
    archive = await asyncio.to_thread(ArchiveReader, path, vault)
    pieces = iter(archive)
    place, leaves = month.first, _Leaves(connection)
    while True:
        piece = await asyncio.to_thread(_decoded, path, pieces)
        if piece is None:
            break
        for record in piece:
            if record.idx != place or record.leaf_hash != await leaves.at(place):
                raise _differs(path, place)
            place += 1
    if place != month.beyond or archive.sha256.digest() != digest:
        raise _differs(path, place)


def read_records(path: Path, vault: Vault) -> Iterator[Record]:
    """The records of an archive, each fitting its leaf.

    Raises:
        ArchiveDamaged: a frame was changed, or a record does not fit. OSError: the file cannot be read.
    """
    pieces = iter(ArchiveReader(path, vault))
    while (piece := _decoded(path, pieces)) is not None:
        yield from piece


def _decoded(path: Path, pieces: Iterator[bytes]) -> list[Record] | None:
    """The next piece's records; None at the end."""
    text = next(pieces, None)
    if text is None:
        return None
    found = []
    for line in text.splitlines(keepends=True):
        try:
            item = decode(line)
        except ValueError as fault:
            raise ArchiveDamaged(f"{path.name}: {fault}", f"{path.name}：行内容不正确") from fault
        if not isinstance(item, Record) or not fits_its_leaf(item):
            raise ArchiveDamaged(
                f"{path.name}: a record does not fit its leaf", f"{path.name}：记录与叶子不符"
            )
        found.append(item)
    return found


class _Leaves:
    """Leaf hashes of the tree, a tile at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._n, self._data = -1, b""

    async def at(self, idx: int) -> bytes:
        """The leaf hash at an index; empty if its tile is not full."""
        n, place = divmod(idx, TILE_WIDTH)
        if n != self._n:
            self._n, self._data = n, await store.tile(self._connection, n)
        return self._data[place * HASH_BYTES : (place + 1) * HASH_BYTES]


def _differs(path: Path, place: int) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"{path.name}: the archive and the tree differ at record {place}",
        f"{path.name}：归档与哈希树在第 {place} 号记录处不一致",
    )
