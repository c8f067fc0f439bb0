"""What an export keeps until its download, encrypted under a key of its own, see :mod:`gateway.seals.kept`."""

from uuid import UUID

from gateway.audit.exports.errors import ExportEnded
from gateway.audit.exports.model import Export
from gateway.seals import Vault
from gateway.seals.kept import Kept


class Keeping:
    """Seals and opens what exports keep. ``master_key`` is the installation's."""

    def __init__(self, master_key: bytes) -> None:
        self._kept = Kept(Vault(master_key, "exports"), "export")

    def new_key(self, export: UUID) -> bytes:
        """A new key, wrapped."""
        return self._kept.new_key(export)

    def seal_plan(self, export: Export, plan: bytes) -> bytes:
        """What the pack is to hold. Raises ExportEnded."""
        return self._kept.seal(export.id, _key(export), "plan", plan)

    def open_plan(self, export: Export, sealed: bytes) -> bytes:
        """The same again. Raises ExportEnded; WrongKey if it was changed."""
        return self._kept.open(export.id, _key(export), "plan", sealed)

    def seal_piece(self, export: Export, number: int, content: bytes) -> bytes:
        """A piece in its place; it opens in no other. Raises ExportEnded."""
        return self._kept.seal(export.id, _key(export), f"piece {number}", content)

    def open_piece(self, export: Export, number: int, sealed: bytes) -> bytes:
        """Its content. Raises ExportEnded; WrongKey if it was changed or moved."""
        return self._kept.open(export.id, _key(export), f"piece {number}", sealed)


def _key(export: Export) -> bytes:
    if export.key is None:
        raise ExportEnded("what it kept was destroyed", "其内容已销毁", state=export.state.value)
    return export.key
