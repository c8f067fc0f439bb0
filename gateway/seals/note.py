"""Signing notes as this installation; the format and its checking lie in the room ``proof``."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.proof.notes import ED25519, NoteKey, sign_note
from gateway.seals.vault import derived


class NoteSigner:
    """Signs notes as ``name`` with an Ed25519 key derived from the master key (HKDF, RFC 5869).

    Args:
        purpose: names the derived key; another purpose is another key.
    """

    def __init__(self, name: str, master_key: bytes, purpose: str) -> None:
        self.name = name
        self._private = Ed25519PrivateKey.from_private_bytes(derived(master_key, f"gateway signer {purpose}"))

    @property
    def key(self) -> NoteKey:
        """What others verify with."""
        return NoteKey(self.name, ED25519, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> bytes:
        """See :func:`sign_note`."""
        return sign_note(text, self.name, self._private)
