"""A ZIP archive written forwards in pieces, by one process or by several after each other.

``zipfile`` writes an archive in one go. Here all that a writer must know of what was written is a small value, so that another
one goes on with the next piece. Headers and directory are still ``zipfile``'s; each piece of an entry is deflated by itself and
ends at a byte (RFC 1951 section 3.2.4), so that pieces simply follow each other, and sizes follow the content (APPNOTE 4.3.9).
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

_SIZES_FOLLOW: Final = 0x08
_END: Final = b"\x03\x00"
"""An empty last block of deflate."""
_KEPT: Final = ("filename", "flag_bits", "CRC", "file_size", "compress_size", "header_offset")


class Archive:
    """One archive in the making.

    Args:
        out: takes its bytes.
        when: the time its entries bear.
        going_on: :meth:`state` of the writer before, if there was one.
    """

    def __init__(
        self, out: Callable[[bytes], object], when: datetime, going_on: Mapping[str, Any] | None = None
    ) -> None:
        self._out = out
        self._when = when
        self._entries = [self._entry(**one) for one in going_on["entries"]] if going_on else []
        self.size: int = going_on["size"] if going_on else 0

    def state(self) -> dict[str, Any]:
        """What another one needs to go on."""
        entries = [{name: getattr(one, name) for name in _KEPT} for one in self._entries]
        return {"size": self.size, "entries": entries}

    def add(self, name: str, content: bytes) -> None:
        """An entry as a whole."""
        deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed = deflate.compress(content) + deflate.flush()
        made = self._entry(name, 0, zlib.crc32(content), len(content), len(packed), self.size)
        self._entries.append(made)
        self._write(made.FileHeader(zip64=False) + packed)

    def begin(self, name: str) -> None:
        """An entry of which pieces follow."""
        made = self._entry(name, _SIZES_FOLLOW, 0, 0, 0, self.size)
        self._entries.append(made)
        self._write(made.FileHeader(zip64=True))

    def write(self, content: bytes, *, packed: bool = False) -> None:
        """A piece of the entry begun; ``packed`` content is not deflated again."""
        entry = self._entries[-1]
        entry.CRC = zlib.crc32(content, entry.CRC)
        entry.file_size += len(content)
        deflate = zlib.compressobj(0 if packed else -1, wbits=-zlib.MAX_WBITS)
        self._packed(deflate.compress(content) + deflate.flush(zlib.Z_FULL_FLUSH))

    def end(self) -> None:
        """The entry begun is whole."""
        self._packed(_END)
        entry = self._entries[-1]
        self._write(struct.pack("<4sLQQ", b"PK\x07\x08", entry.CRC, entry.compress_size, entry.file_size))

    def close(self) -> None:
        """Write the directory; nothing follows it."""
        end: Any = _At(self._write, self.size)  # writes, tells and flushes only, and no more is asked of it
        directory = zipfile.ZipFile(end, "w")
        directory.infolist().extend(self._entries)
        directory.close()

    def _packed(self, data: bytes) -> None:
        self._entries[-1].compress_size += len(data)
        self._write(data)

    def _write(self, data: bytes) -> None:
        self.size += len(data)
        self._out(data)

    def _entry(
        self, filename: str, flag_bits: int, CRC: int, file_size: int, compress_size: int, header_offset: int
    ) -> zipfile.ZipInfo:
        when = self._when
        made = zipfile.ZipInfo(
            filename, (when.year, when.month, when.day, when.hour, when.minute, when.second)
        )
        made.compress_type = zipfile.ZIP_DEFLATED
        made.external_attr = 0o600 << 16
        made.flag_bits, made.CRC, made.header_offset = flag_bits, CRC, header_offset
        made.file_size, made.compress_size = file_size, compress_size
        if flag_bits:
            made.create_version = made.extract_version = zipfile.ZIP64_VERSION
        return made


class _At:
    """A file that can only be written to, from a place on."""

    def __init__(self, write: Callable[[bytes], object], place: int) -> None:
        self._write = write
        self._place = place

    def tell(self) -> int:
        return self._place

    def write(self, data: bytes) -> int:
        self._place += len(data)
        self._write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""
