"""Records as lines of a file that another program collects. Rotation by renaming is noticed; a line is whole or not there."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from gateway.siem.model import Outgoing, SinkDown


class Lines:
    """One file, readable by the group, made durable after every batch."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._settled: int | None = None

    @property
    def name(self) -> str:
        """The file's path."""
        return f"file:{self._file}"

    async def open(self) -> None:
        """Make sure that the file can be written, and that the next line begins a line. Raises SinkDown."""
        self._settled = None
        await asyncio.to_thread(self._append, b"")

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Append and flush. Raises SinkDown."""
        await asyncio.to_thread(self._append, b"".join(one.body + b"\n" for one in batch))
        self._settled = batch[-1].idx

    def settled(self) -> int | None:
        """The last record written."""
        return self._settled

    async def close(self) -> None:
        """Nothing is held open between batches."""

    def _append(self, lines: bytes) -> None:
        try:
            number = os.open(self._file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
            with os.fdopen(number, "r+b", buffering=0) as file:
                file.write(_broken_off(file.fileno()) + lines)
                os.fsync(number)
        except OSError as fault:
            raise SinkDown(f"{self._file}: {fault.strerror}", f"{self._file} 无法写入") from None


def _broken_off(number: int) -> bytes:
    """What ends a line that a crash left unfinished."""
    size = os.fstat(number).st_size
    return b"\n" if size and os.pread(number, 1, size - 1) != b"\n" else b""
