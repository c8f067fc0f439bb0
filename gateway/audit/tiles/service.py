"""What the log shows of itself to everybody: its newest checkpoint, its hashes, and that it only grew.

Hashes say nothing about anybody (every event holds a nonce), so reading them leaves no record and needs no sign-in:
witnesses and monitors come from elsewhere. Nothing beyond the newest signed checkpoint is shown.
"""

from dataclasses import dataclass

from gateway.audit import store as log
from gateway.audit.errors import NoSuchTile, NothingSigned, NotSignedThatFar
from gateway.audit.tiles import proving
from gateway.audit.tiles.addresses import TileAddress
from gateway.audit.tiles.model import TILE_WIDTH
from gateway.audit.tiles.paths import Run
from gateway.audit.witnessing import store as outward
from gateway.proof.checkpoint import Checkpoint, read_checkpoint
from gateway.proof.notes import read_note
from gateway.storage import Connection, Database


@dataclass(frozen=True, slots=True)
class Growth:
    """Two sizes of the log with their roots, and the hashes that show that the later only appended to the earlier."""

    earlier: int
    earlier_root: bytes
    later: int
    later_root: bytes
    proof: tuple[bytes, ...]


class LogTiles:
    """The log as tiles.

    Args:
        database: the reader zone's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def checkpoint(self) -> bytes:
        """The newest signed checkpoint with the cosignatures it has by now (C2SP tlog-checkpoint).

        Raises:
            NothingSigned: the log has just begun.
        """
        async with self._database.connection() as connection:
            note, signed = await newest_signed(connection)
            return await outward.note_of(connection, signed.size) or note

    async def tile(self, wanted: TileAddress) -> bytes:
        """The hashes of a tile, or of the beginning of one, joined.

        Raises:
            NoSuchTile: the signed log is not that long. NothingSigned, TilesMissing.
        """
        async with self._database.connection() as connection:
            _, signed = await newest_signed(connection)
            if wanted.size > signed.size:
                raise NoSuchTile(
                    f"the log was signed at {signed.size} records, this tile needs {wanted.size}",
                    f"日志已签名 {signed.size} 条，该哈希块需 {wanted.size} 条",
                )
            first = wanted.n * TILE_WIDTH
            return b"".join(await proving.hashes(connection, Run(wanted.level, first, first + wanted.width)))

    async def grown(self, earlier: int, later: int | None = None) -> Growth:
        """That the log at ``later`` records, or at its newest checkpoint, begins with the log at ``earlier``.

        Raises:
            NotSignedThatFar: one of them is beyond the newest checkpoint, or they stand in the wrong order.
            NothingSigned, TilesMissing.
        """
        async with self._database.connection() as connection:
            _, signed = await newest_signed(connection)
            later = signed.size if later is None else later
            if not 0 < earlier <= later <= signed.size:
                raise NotSignedThatFar(
                    f"from {earlier} to {later}: the log was signed at {signed.size} records",
                    f"自 {earlier} 至 {later}：日志已签名 {signed.size} 条",
                )
            return Growth(
                earlier,
                await proving.root_at(connection, earlier),
                later,
                await proving.root_at(connection, later),
                tuple(await proving.consistency(connection, earlier, later)),
            )


async def newest_signed(connection: Connection) -> tuple[bytes, Checkpoint]:
    """The note published last, and what it says.

    Raises:
        NothingSigned: there is none.
    """
    note = await log.newest_checkpoint(connection)
    if note is None:
        raise NothingSigned("nothing was signed yet", "尚未签发检查点")
    return note, read_checkpoint(read_note(note).text)
