"""SM3 (GB/T 32905-2016) over pieces, as ``hashlib`` does the other hash functions."""

from cryptography.hazmat.primitives import hashes


class Sm3:
    """A hash in the making."""

    def __init__(self) -> None:
        self._context = hashes.Hash(hashes.SM3())

    def update(self, piece: bytes) -> None:
        """Take the next piece."""
        self._context.update(piece)

    def digest(self) -> bytes:
        """The 32 bytes; nothing can be added any more."""
        return self._context.finalize()
