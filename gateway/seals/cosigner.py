"""The key of a witness: cosigns checkpoints of other logs (C2SP tlog-cosignature, algorithm 4).

Apart from the installation's signers: a witness has a key of its own, so that it can run where no gateway does.
"""

import base64
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import BadSettings
from gateway.proof.notes import COSIGNATURE, NoteKey, cosigned_note

_FILE: Final = re.compile(r"PRIVATE\+KEY\+([^\s+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})\n?")
_SEED_BYTES: Final = 32


class BadCosignerKey(BadSettings):
    """The witness's key cannot be used（见证密钥不可用）."""

    remedy = (
        "Make one with ./gw witness make, and keep the file for the witness's account alone (chmod 600).",
        "请用 ./gw witness make 生成，并仅允许见证进程账号读取（chmod 600）。",
    )


class Cosigner:
    """Cosigns notes as ``name``.

    Args:
        seed: 32 bytes, the Ed25519 private key (RFC 8032).
    """

    def __init__(self, name: str, seed: bytes) -> None:
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = NoteKey(name, COSIGNATURE, self._private.public_key().public_bytes_raw())

    @classmethod
    def make(cls, name: str) -> "Cosigner":
        """One with a new key."""
        return cls(name, os.urandom(_SEED_BYTES))

    @classmethod
    def load(cls, file: Path) -> "Cosigner":
        """Read ``PRIVATE+KEY+name+hash+base64``, the form Go's note tools write too.

        Raises:
            BadCosignerKey: no such file, readable by others, or another form.
        """
        try:
            others = file.stat().st_mode & 0o077
            text = file.read_text("utf-8")
        except (OSError, ValueError) as fault:
            raise BadCosignerKey(f"{file} cannot be read: {fault}", f"{file} 无法读取") from None
        match = _FILE.fullmatch(text)
        typed = base64.b64decode(match[3]) if match else b""
        if others:
            raise BadCosignerKey(f"{file} can be read by other accounts", f"{file} 可被其他账号读取")
        if match is None or typed[:1] != bytes([COSIGNATURE]) or len(typed) != 1 + _SEED_BYTES:
            raise BadCosignerKey(f"{file} is no key of a witness", f"{file} 不是见证密钥")
        made = cls(match[1], typed[1:])
        if made.key.hash.hex() != match[2]:
            raise BadCosignerKey(f"{file}: the hash in it is not this key's", f"{file}：散列与密钥不符")
        return made

    @property
    def text(self) -> str:
        """What :meth:`load` reads."""
        typed = base64.b64encode(bytes([COSIGNATURE]) + self._seed).decode()
        return f"PRIVATE+KEY+{self.key.name}+{self.key.hash.hex()}+{typed}\n"

    def cosign(self, note: bytes, at: datetime) -> bytes:
        """The note with a cosignature line added; ``at`` in whole seconds."""
        return cosigned_note(note, self.key.name, self._private, at)
