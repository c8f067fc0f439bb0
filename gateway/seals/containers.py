"""Zip containers from strangers, read within limits: size, entries, ratio, names; nothing is written to disk."""

import io
import struct
import zipfile
import zlib
from typing import Final

LARGEST: Final = 50_000_000
_MOST_ENTRIES: Final = 5_000
_RATIO: Final = 100
_LARGEST_UNPACKED: Final = 200_000_000
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
"""What zipfile says of damage, since it has no one word for it: zlib.error and EOFError of an entry that is changed or cut,
struct.error of a cut header, OSError of a place that cannot be sought, RuntimeError of an encrypted entry,
NotImplementedError of an unknown method, ValueError of an entry that claims to begin before the file does."""


class ContainerRefused(ValueError):
    """The container breaks a limit or cannot be read; the text says which."""


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a zip by name, without a leading slash.

    Raises:
        ContainerRefused: larger than 50 MB, more than 5 000 entries, unpacking to more than 100 times its size,
            a name that leaves the container or stands there twice, encryption, or damage.
    """
    if len(data) > LARGEST:
        raise ContainerRefused(f"larger than {LARGEST} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries, len(data))
            return {_name(entry.filename): _content(archive, entry) for entry in entries}
    except ContainerRefused:
        raise
    except _UNREADABLE as fault:
        raise ContainerRefused(f"not a readable zip: {fault}"[:300]) from None


def _check(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise ContainerRefused(f"more than {_MOST_ENTRIES} entries")
    total = sum(entry.file_size for entry in entries)
    if total > _LARGEST_UNPACKED or total > _RATIO * size:
        raise ContainerRefused(f"unpacks to more than {_RATIO} times its size")
    if any(entry.file_size > _RATIO * max(1, entry.compress_size) for entry in entries):
        raise ContainerRefused(f"an entry unpacks to more than {_RATIO} times its size")
    if any(entry.compress_type not in _METHODS or entry.flag_bits & 1 for entry in entries):
        raise ContainerRefused("an entry is encrypted or packed in another way than deflate")
    names = [_name(entry.filename).casefold() for entry in entries]
    if len(set(names)) != len(names):
        raise ContainerRefused("a name stands there twice")


def _name(name: str) -> str:
    parts = name.removeprefix("/").split("/")
    if "\\" in name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise ContainerRefused("a name leaves the container or is not plain")
    return "/".join(parts)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise ContainerRefused("an entry has another size than it says")
    return content


def resolve(reference: str, base: str) -> str:
    """The name a reference in the file ``base`` leads to: from the top with a slash, else from the same folder.

    Raises:
        ContainerRefused: it leaves the container.
    """
    reference = reference.strip()
    if reference.startswith("/"):
        return _name(reference)
    folder = base.rpartition("/")[0]
    return _name(f"{folder}/{reference}" if folder else reference)
