"""A file in the department's folder on the gateway's machine.

Every part of the path is opened relative to the one before and may not be a link (``O_NOFOLLOW``), so a path cannot lead
out of the folder, whatever is put there meanwhile.
"""

import asyncio
import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from gateway.exchange.connectors.files.source import FileNotThere, changed
from gateway.web.outbound import UpstreamInvalid, UpstreamUnreachable

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class FolderFile:
    """An open file descriptor; reading goes on in threads, because disks may be slow."""

    def __init__(self, opened: int) -> None:
        self._opened = opened
        self._first = os.fstat(opened)

    @classmethod
    async def open(cls, folder: Path, path: Sequence[str]) -> Self:
        """Open ``folder``/``path``, whose parts are plain names.

        Raises:
            FileNotThere, UpstreamInvalid (a link, or no file), UpstreamUnreachable (the folder cannot be read).
        """
        return cls(await asyncio.to_thread(_opened, folder, path))

    @property
    def size(self) -> int:
        """Bytes, when it was opened."""
        return self._first.st_size

    @property
    def identity(self) -> str:
        """Device, inode, size and both times: a change of the content changes at least the last."""
        at = self._first
        return f"{at.st_dev}.{at.st_ino}.{at.st_size}.{at.st_mtime_ns}.{at.st_ctime_ns}"

    async def read(self, start: int, length: int) -> bytes:
        """Exactly these bytes. Raises UpstreamInvalid: the file changed; UpstreamUnreachable: the disk failed."""
        return await asyncio.to_thread(self._read, start, length)

    async def close(self) -> None:
        """Close the descriptor."""
        os.close(self._opened)

    def _read(self, start: int, length: int) -> bytes:
        try:
            found, now = os.pread(self._opened, length, start), os.fstat(self._opened)
        except OSError:
            raise _unreadable() from None
        same = (now.st_size, now.st_mtime_ns, now.st_ctime_ns)
        if len(found) != length or same != (self.size, self._first.st_mtime_ns, self._first.st_ctime_ns):
            raise changed()
        return found


def _opened(folder: Path, path: Sequence[str]) -> int:
    try:
        found = _walked(folder, path)
    except FileNotFoundError:
        raise FileNotThere("there is no such file", "没有该文件") from None
    except NotADirectoryError:
        raise _no_file() from None
    except OSError as fault:
        raise (_no_file() if fault.errno == errno.ELOOP else _unreadable()) from None
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise _no_file()
    return found


def _walked(folder: Path, path: Sequence[str]) -> int:
    at = os.open(folder, _FOLDER)
    try:
        for part in path[:-1]:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(path[-1], _FILE, dir_fd=at)
    finally:
        os.close(at)


def _no_file() -> UpstreamInvalid:
    return UpstreamInvalid("there is no regular file at the mount's path", "挂接路径不是普通文件")


def _unreadable() -> UpstreamUnreachable:
    return UpstreamUnreachable("the department's folder cannot be read", "无法读取提供部门文件目录")
