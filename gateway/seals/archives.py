"""Archives (归档包): one long text encrypted in frames, so that it is written and read in little memory.

A header line says in the clear what the file holds and carries its key, wrapped by the master key. Each frame is compressed and
sealed by AES-256-GCM under a nonce that counts the frames and marks the last: none can be changed, left out, moved or cut off
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import base64
import hashlib
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import Malformed
from gateway.seals.vault import Vault, WrongKey

FORMAT: Final = "gateway-archive"
VERSION: Final = 1
_LENGTH: Final = struct.Struct(">I")
_NONCE: Final = struct.Struct(">QI")
_FRAME_MAX: Final = 1 << 26
_HEADER_MAX: Final = 1 << 16


class ArchiveDamaged(Malformed):
    """The archive file is not as it was written（归档文件已损坏或被改动）."""

    remedy = (
        "Fetch another copy of the archive; its SHA-256 stands in the record of the disposal.",
        "请换用归档文件的其他副本；其 SHA-256 记录在处置记录中。",
    )


class ArchiveWriter:
    """Writes one archive; ``sha256`` is of all bytes written so far.

    Args:
        about: what stands in the header, JSON, in the clear.
    """

    def __init__(self, file: BinaryIO, vault: Vault, about: Mapping[str, Any]) -> None:
        key = os.urandom(32)
        wrapped = base64.b64encode(vault.wrap(key, FORMAT)).decode()
        header = orjson.dumps({"format": FORMAT, "version": VERSION, **about, "key": wrapped}) + b"\n"
        self._file, self._cipher, self._bound = file, AESGCM(key), hashlib.sha256(header).digest()
        self._frames = 0
        self.sha256 = hashlib.sha256()
        self._put(header)

    def write(self, text: bytes, *, last: bool = False) -> None:
        """Add a piece of text of at most a few megabytes; the last piece, which may be empty, ends the archive."""
        nonce = _NONCE.pack(self._frames, last)
        sealed = self._cipher.encrypt(nonce, zlib.compress(text), self._bound)
        self._frames += 1
        self._put(_LENGTH.pack(len(sealed)) + sealed)

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self.sha256.update(data)


class ArchiveReader:
    """Reads one archive; ``about`` is its header, ``sha256`` of all bytes read so far.

    Raises:
        ArchiveDamaged: no archive, or not of this installation's master key.
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path = path
        self.sha256 = hashlib.sha256()
        with path.open("rb") as file:
            header = file.readline(_HEADER_MAX)
        try:
            self.about: dict[str, Any] = orjson.loads(header)
            wrapped = base64.b64decode(self.about.pop("key"), validate=True)
            if (self.about.pop("format"), self.about.pop("version")) != (FORMAT, VERSION):
                raise ValueError(FORMAT)
            self._cipher = AESGCM(vault.unwrap(wrapped, FORMAT))
        except (ValueError, KeyError, TypeError, AttributeError, WrongKey) as fault:
            raise _damaged(path, "this is no archive of this installation", "不是本系统的归档文件") from fault
        self._bound = hashlib.sha256(header).digest()

    def __iter__(self) -> Iterator[bytes]:
        """The pieces of text, in order.

        Raises:
            ArchiveDamaged: a frame was changed, moved or cut off.
        """
        with self._path.open("rb") as file:
            self.sha256.update(file.readline(_HEADER_MAX))
            frame, last = 0, False
            while not last:
                text, last = self._frame(file, frame)
                frame += 1
                yield text
            if file.read(1):
                raise _damaged(self._path, "something follows the last frame", "末帧之后仍有内容")

    def _frame(self, file: BinaryIO, number: int) -> tuple[bytes, bool]:
        head = file.read(_LENGTH.size)
        length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        sealed = file.read(length) if 0 < length <= _FRAME_MAX else b""
        self.sha256.update(head + sealed)
        for last in (False, True):
            try:
                text = self._cipher.decrypt(_NONCE.pack(number, last), sealed, self._bound)
                return zlib.decompress(text), last
            except (InvalidTag, ValueError, zlib.error):
                continue
        raise _damaged(self._path, f"frame {number} was changed or cut off", f"第 {number} 帧已被改动或截断")


def _damaged(path: Path, said: str, said_zh: str) -> ArchiveDamaged:
    return ArchiveDamaged(f"{path.name}: {said}", f"{path.name}：{said_zh}")
